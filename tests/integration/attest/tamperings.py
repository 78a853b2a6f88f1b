"""What a superuser can do to the database by hand: each by name, with what `verify` must say."""

from __future__ import annotations

from .tampering_deeds import (
    BY_HAND,
    CHANGED,
    COPY,
    FORGED,
    PLANT,
    PLANTED_TRIGGER,
    SILENT,
    STRUCTURE,
    TWIN,
    Tamper,
    and_seal,
    change_a_waiting_step,
    change_leaf_and_step,
    change_what_waits,
    cut_off,
    empty_log,
    empty_log_and_queue_everything,
    plant_in_the_queue_of_jobs,
    put_a_stolen_entry_back,
    queue_again,
    queue_again_with_an_old_entry,
    run,
    sign_anew,
    swap_payloads,
    write_and_seal,
)

CASES: dict[str, tuple[Tamper, str]] = {
    "the log emptied": (empty_log, "keeps a signed checkpoint of"),
    "the log emptied and all rows queued": (empty_log_and_queue_everything, "keeps a signed checkpoint of"),
    "the newest leaves cut off with all behind them": (
        cut_off,
        "the newest .* were cut off, or the database was set back",
    ),
    "all checkpoints signed with another key": (sign_anew, "the signature is not of this log's key"),
    "all checkpoints gone": (run(SILENT, "DELETE FROM attest_checkpoint"), "attest_checkpoint .*: missing"),
    "a row written as the superuser": (write_and_seal(FORGED), f"core_audit_entry .*{BY_HAND}"),
    "a row written under SET ROLE": (
        write_and_seal("SET ROLE rongtong_app", "SET app.scope = 'platform'", FORGED),
        BY_HAND,
    ),
    "a row written as if migrating": (write_and_seal("SET app.migrating = 'on'", FORGED), BY_HAND),
    "a row written under a made-up session": (
        write_and_seal("SET app.session = 'x'", "SET app.token = 'x'", "SET app.code = 'x'", FORGED),
        BY_HAND,
    ),
    "a row written and not sealed yet": (run(FORGED), BY_HAND),
    "a row written beside the triggers": (run(SILENT, FORGED), "neither sealed nor waiting for it"),
    "the key dropped and a twin put in": (
        run(SILENT, "ALTER TABLE core_audit_entry DROP CONSTRAINT core_audit_entry_pkey CASCADE", TWIN),
        "core_audit_entry .*(two rows of this key|not the structure)",
    ),
    "the key dropped": (
        run("ALTER TABLE core_audit_entry DROP CONSTRAINT core_audit_entry_pkey CASCADE"),
        f"core_audit_entry: {STRUCTURE}",
    ),
    "a table emptied": (run(SILENT, "TRUNCATE core_audit_entry"), "core_audit_entry .*is missing"),
    "a step changed": (
        run(SILENT, "UPDATE attest_step SET subject = 'x' WHERE kind = 'records.erased'"),
        "attest_leaf .*differs",
    ),
    "a step moved to the other book": (
        run(SILENT, "UPDATE attest_step SET book = 'evaluation'"),
        "attest_leaf .*differs",
    ),
    "a step put in by hand": (
        run(
            "INSERT INTO attest_step SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()))).*"
            " FROM attest_step t LIMIT 1"
        ),
        f"attest_step .*{BY_HAND}",
    ),
    "evidence changed": (
        run(SILENT, "UPDATE records_erasure SET rows = rows + 1"),
        "erasure .*differs from what was attested",
    ),
    "two rows of evidence swapped": (swap_payloads, "erasure .*differs from what was attested"),
    "evidence, step and leaf changed together": (change_leaf_and_step, "attest_node|the root differs"),
    "a seal changed": (
        run(SILENT, "UPDATE attest_seal SET row_keys = row_keys[2:]"),
        "seal .*differs from what was attested",
    ),
    "a seal called the platform's": (
        run(SILENT, """UPDATE attest_seal SET writer = writer || '{"program": "x"}'"""),
        "seal .*differs from what was attested",
    ),
    "the queue written by hand": (queue_again, f"parties_organisation .*{BY_HAND}"),
    "the queue filled from an old entry": (
        queue_again_with_an_old_entry,
        "parties_organisation.*two seals were made out of one entry of the queue",
    ),
    "a stolen entry put back behind a change": (
        put_a_stolen_entry_back("550000"),
        "parties_organisation .*the row differs from what the platform wrote, before it was sealed",
    ),
    "a stolen entry put back behind a change, and sealed": (
        and_seal(put_a_stolen_entry_back("550000")),
        "parties_organisation .*an older entry of the queue was put back",
    ),
    "a stolen entry put back, and its row as it was then": (
        put_a_stolen_entry_back("330000"),
        "parties_organisation .*an older entry of the queue was put back",
    ),
    "a stolen entry put back, and its row as it was then, and sealed": (
        and_seal(put_a_stolen_entry_back("330000")),
        "parties_organisation .*an older entry of the queue was put back",
    ),
    "a row changed before its seal": (
        change_what_waits,
        "parties_organisation .*the row differs from what the platform wrote, before it was sealed",
    ),
    "a row changed before its seal, and sealed": (
        and_seal(change_what_waits),
        r"parties_organisation .*the row differs from what the platform wrote \(login",
    ),
    "a step changed before it was sequenced": (
        change_a_waiting_step,
        "attest_step .*differs from what the platform wrote, before it was sequenced",
    ),
    "the queue emptied": (run(FORGED, "DELETE FROM attest_unsealed"), "neither sealed nor waiting for it"),
    "a business day changed": (
        run(SILENT, "UPDATE workflows_business_day SET report = '{}'"),
        f"workflows_business_day live/2026-03-01.*{CHANGED}",
    ),
    "a close changed": (run(SILENT, "UPDATE servicing_close SET report = '{}'"), f"servicing_close .*{CHANGED}"),
    "a second factor changed": (
        run(SILENT, "UPDATE mfa_authenticator SET data = '{}'"),
        f"mfa_authenticator .*{CHANGED}",
    ),
    "a second factor taken away": (run(SILENT, "DELETE FROM mfa_authenticator"), "mfa_authenticator .*is missing"),
    "a key of the API changed": (
        run(SILENT, "UPDATE parties_api_key SET secret_digest = '1'"),
        f"parties_api_key .*{CHANGED}",
    ),
    "a password changed": (run("UPDATE parties_user SET password = 'y'"), f"parties_user .*{CHANGED}"),
    "a membership changed": (
        run(SILENT, "UPDATE parties_membership SET role = 'operator'"),
        f"parties_membership .*{CHANGED}",
    ),
    "the pointer to a record table changed": (
        run(SILENT, "UPDATE iceberg_tables SET metadata_location = 'file:///other.json'"),
        f"iceberg_tables .*{CHANGED}",
    ),
    "a migration put in": (
        run("INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9999_x', now())"),
        f"django_migrations .*{BY_HAND}",
    ),
    "a migration taken out": (
        run(SILENT, "DELETE FROM django_migrations WHERE app = 'attest'"),
        "django_migrations .*is missing",
    ),
    "triggers disabled": (run("ALTER TABLE core_event DISABLE TRIGGER ALL"), f"core_event: {STRUCTURE}"),
    "a trigger of the seals dropped": (run("DROP TRIGGER seal_update ON parties_user"), f"parties_user: {STRUCTURE}"),
    "the seals of a table dropped": (
        run("DROP TRIGGER seal_insert ON core_event"),
        "core_event: its rows are sealed no more",
    ),
    "the function of the seals replaced": (
        run(
            "CREATE OR REPLACE FUNCTION attest_enqueue_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        ),
        rf"attest_enqueue_row\(\): {STRUCTURE}",
    ),
    "a rule on rows dropped": (run("DROP POLICY tenant ON attest_step"), "attest_leaf 0: missing"),
    "a check dropped": (
        run("ALTER TABLE attest_leaf DROP CONSTRAINT leaf_hash_is_sha256"),
        f"attest_leaf: {STRUCTURE}",
    ),
    "code planted, used in the platform's session, and put back": (
        plant_in_the_queue_of_jobs,
        f"parties_user .*{BY_HAND} .login rongtong, role postgres",
    ),
    "a trigger on the queue of jobs": (
        run(
            PLANTED_TRIGGER.format("public", "trigger").replace("act()", "procrastinate_act()"),
            "CREATE TRIGGER planted AFTER INSERT ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION procrastinate_act()",
        ),
        f"procrastinate_(act|jobs).*{STRUCTURE}",
    ),
    "a function in another schema behind an index": (
        run(
            PLANT,
            "CREATE FUNCTION planted.f(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN t; END $$",
            "CREATE INDEX planted ON parties_user (planted.f(username))",
        ),
        f"(parties_user|planted).*{STRUCTURE}",
    ),
    "an index of an expression": (
        run("CREATE INDEX planted ON parties_user (upper(username))"),
        f"parties_user: {STRUCTURE}",
    ),
    "an event trigger": (
        run(
            PLANT,
            PLANTED_TRIGGER.format("planted", "event_trigger").replace("RETURN NULL", "NULL"),
            "CREATE EVENT TRIGGER planted ON ddl_command_end EXECUTE FUNCTION planted.act()",
            "DROP EVENT TRIGGER planted",
            "CREATE EVENT TRIGGER planted ON ddl_command_end EXECUTE FUNCTION planted.act()",
        ),
        f"event triggers: {STRUCTURE}",
    ),
    "a schema before the platform's": (
        run(PLANT, f"ALTER DATABASE {COPY} SET search_path = planted, public"),
        f"schema planted: {STRUCTURE}",
    ),
    "a setting of the database": (
        run(f"ALTER DATABASE {COPY} SET bytea_output = 'escape'"),
        f"settings of roles and database: {STRUCTURE}",
    ),
    "a function with a name of PostgreSQL": (
        run("CREATE FUNCTION public.pg_planted() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        rf"pg_planted\(\): {STRUCTURE}",
    ),
    "a function among PostgreSQL's own": (
        run("CREATE FUNCTION pg_catalog.planted() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        rf"pg_catalog.planted\(\): {STRUCTURE}",
    ),
    "a function of PostgreSQL replaced": (
        run(
            "CREATE OR REPLACE FUNCTION pg_catalog.quote_nullable(anyelement) RETURNS text LANGUAGE sql STABLE STRICT"
            " AS $$ SELECT 'x' $$"
        ),
        f"functions of PostgreSQL .*: {STRUCTURE}",
    ),
    "all granted to everybody": (
        run("GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC"),
        STRUCTURE,
    ),
    "what is made later granted to everybody": (
        run("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO PUBLIC"),
        f"default privileges: {STRUCTURE}",
    ),
    "a view": (run("CREATE VIEW planted AS SELECT * FROM parties_user"), f"planted: {STRUCTURE}"),
    "a rule": (
        run("CREATE RULE planted AS ON UPDATE TO procrastinate_jobs DO ALSO NOTHING"),
        f"procrastinate_jobs: {STRUCTURE}",
    ),
    "the structure written anew": (
        run(
            "DROP TRIGGER seal_update ON parties_user",
            SILENT,
            "UPDATE attest_structure SET parts = parts - 'parties_user'",
        ),
        "database_structure .*differs from what was attested",
    ),
}
