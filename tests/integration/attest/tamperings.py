"""What a superuser can do to the database by hand: each by name, with what `verify` must say."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from rongtong.attest import facade, models
from rongtong.attest.adapters import signing
from rongtong.attest.queries.tree import leaf_bytes
from rongtong.attest.rules import leaf_hash
from rongtong.core.canonical import digest
from rongtong.core.tenancy import as_platform
from rongtong.parties.models import Organisation
from rongtong.records.models import Erasure
from rongtong.records.queries.evidence import erasure_bytes

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
Superuser = psycopg.Connection[Any]
Tamper = Callable[[Superuser, Any], None]

COPY = "tampering_case"
"""The database in which it is done."""
SILENT = "SET session_replication_role = replica"
"""No trigger sees what comes after it."""
ATTEST = ("pending", "checkpoint", "node", "leaf", "step", "seal", "unsealed", "structure")
ORIGINAL = "(SELECT id FROM core_audit_entry ORDER BY id LIMIT 1)"


def run(*statements: str) -> Tamper:
    def tamper(superuser: Superuser, settings: Any) -> None:
        for statement in statements:
            superuser.execute(statement)  # type: ignore[arg-type]  # fixed texts

    return tamper


def empty_log(superuser: Superuser, settings: Any) -> None:
    superuser.execute(SILENT)
    superuser.execute("TRUNCATE " + ", ".join(f"attest_{name}" for name in ATTEST))  # type: ignore[arg-type]


def empty_log_and_queue_everything(superuser: Superuser, settings: Any) -> None:
    """As if nothing had been sealed yet."""
    empty_log(superuser, settings)
    superuser.execute(
        """DO $$ DECLARE t record; BEGIN
           FOR t IN SELECT DISTINCT c.relname FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
                    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' WHERE tgname = 'seal_insert' LOOP
             EXECUTE format('INSERT INTO attest_unsealed (table_name, row_key) SELECT %L, id::text FROM %I', t.relname, t.relname);
           END LOOP; END $$"""
    )


def cut_off(superuser: Superuser, settings: Any) -> None:
    """The newest leaves, nodes, checkpoints, steps, seals and rows, so that what is left holds together."""
    superuser.execute(SILENT)
    row = superuser.execute("SELECT tree_size FROM attest_checkpoint ORDER BY tree_size DESC OFFSET 1").fetchone()
    assert row
    size = row[0]
    superuser.execute("CREATE TEMP TABLE gone AS SELECT step_id FROM attest_leaf WHERE leaf_index >= %s", [size])
    for statement in (
        "DELETE FROM attest_leaf WHERE leaf_index >= %(size)s",
        "DELETE FROM attest_node WHERE (index + 1) << level > %(size)s",
        "DELETE FROM attest_checkpoint WHERE tree_size > %(size)s",
        "CREATE TEMP TABLE seals AS SELECT s.* FROM attest_seal s JOIN attest_step t ON t.evidence_id = s.id"
        " WHERE t.id IN (SELECT step_id FROM gone) AND %(size)s > 0",
        "DELETE FROM attest_seal WHERE id IN (SELECT id FROM seals) AND %(size)s > 0",
        "DELETE FROM records_erasure WHERE id IN (SELECT evidence_id FROM attest_step WHERE id IN (SELECT step_id FROM gone))"
        " AND %(size)s > 0",
        "DELETE FROM attest_step WHERE id IN (SELECT step_id FROM gone) AND %(size)s > 0",
        "DELETE FROM core_audit_entry WHERE id::text IN (SELECT unnest(row_keys) FROM seals) AND %(size)s > 0",
        "DELETE FROM core_event WHERE id::text IN (SELECT unnest(row_keys) FROM seals) AND %(size)s > 0",
    ):
        superuser.execute(statement, {"size": size})


def sign_anew(superuser: Superuser, settings: Any) -> None:
    """All checkpoints, with a key of the tamperer's own."""
    superuser.execute(SILENT)
    key = Ed25519PrivateKey.generate()
    for size, root, at in superuser.execute("SELECT tree_size, root_hash, signed_at FROM attest_checkpoint").fetchall():
        body = signing.checkpoint_body(size, root, at)
        blob = signing._key_id(key.public_key().public_bytes_raw()) + key.sign(body.encode())
        note = f"{body}\n— {signing.ORIGIN} {base64.b64encode(blob).decode()}\n"
        superuser.execute("UPDATE attest_checkpoint SET note = %s WHERE tree_size = %s", [note, size])


def swap_payloads(superuser: Superuser, settings: Any) -> None:
    """Two rows of evidence with all that they say, each under the other's id."""
    superuser.execute(SILENT)
    superuser.execute(
        "UPDATE records_erasure a SET rows = b.rows, enterprise_id = b.enterprise_id FROM records_erasure b"
        " WHERE a.id <> b.id AND a.rows + b.rows = 1 AND a.rows < 2 AND b.rows < 2"
    )


def change_leaf_and_step(superuser: Superuser, settings: Any) -> None:
    """A row of evidence, its step and its leaf, so that the three fit."""
    superuser.execute(SILENT)
    superuser.execute("UPDATE records_erasure SET rows = 99 WHERE rows = 0")
    with as_platform():
        row = Erasure.objects.get(rows=99)
        step = models.Step.objects.get(evidence_id=row.id)
        step.evidence_digest = digest(erasure_bytes(row))
        leaf = leaf_hash(leaf_bytes(step))
    superuser.execute("UPDATE attest_step SET evidence_digest = %s WHERE id = %s", [step.evidence_digest, step.id])
    superuser.execute("UPDATE attest_leaf SET leaf_hash = %s WHERE step_id = %s", [leaf, step.id])


def queue_again(superuser: Superuser, settings: Any) -> None:
    """A row that may change, changed unseen, and put back into the queue by hand."""
    superuser.execute(SILENT)
    superuser.execute("UPDATE parties_organisation SET name = '乙'")
    superuser.execute(
        "INSERT INTO attest_unsealed (table_name, row_key) SELECT 'parties_organisation', id::text FROM parties_organisation"
    )
    with as_platform():
        facade.seal_rows(at=AT)
        facade.sequence(at=AT)


def queue_again_with_an_old_entry(superuser: Superuser, settings: Any) -> None:
    """The same with an entry of the platform's own, copied before it was taken."""
    with as_platform():
        Organisation.objects.update(region_code="330000")
    superuser.execute("CREATE TABLE pg_temp.kept AS SELECT * FROM attest_unsealed")
    with as_platform():
        facade.seal_rows(at=AT)
    superuser.execute(SILENT)
    superuser.execute("UPDATE parties_organisation SET name = '乙'")
    superuser.execute("INSERT INTO attest_unsealed SELECT * FROM pg_temp.kept")
    with as_platform():
        facade.seal_rows(at=AT)
        facade.sequence(at=AT)


REGION = "SELECT * FROM attest_unsealed WHERE table_name = 'parties_organisation' ORDER BY id"


def put_a_stolen_entry_back(region: str) -> Tamper:
    """A row is written twice between two seals; its first entry is kept back, and put into the queue long after."""

    def tamper(superuser: Superuser, settings: Any) -> None:
        with as_platform():
            Organisation.objects.update(region_code="330000")
            Organisation.objects.update(region_code="440000")
        superuser.execute(SILENT)
        superuser.execute(f"CREATE TABLE pg_temp.stolen AS {REGION} LIMIT 1")  # type: ignore[arg-type]
        superuser.execute("DELETE FROM attest_unsealed WHERE id IN (SELECT id FROM pg_temp.stolen)")
        with as_platform():
            facade.seal_rows(at=AT)
            facade.sequence(at=AT)
        assert facade.verify_log().ok, "a theft that nothing follows from"
        superuser.execute("UPDATE parties_organisation SET region_code = %s", [region])
        superuser.execute("INSERT INTO attest_unsealed SELECT * FROM pg_temp.stolen")

    return tamper


def and_seal(tamper: Tamper) -> Tamper:
    def both(superuser: Superuser, settings: Any) -> None:
        tamper(superuser, settings)
        with as_platform():
            facade.seal_rows(at=AT)
            facade.sequence(at=AT)

    return both


def change_what_waits(superuser: Superuser, settings: Any) -> None:
    """With triggers off, a row that the platform wrote since the last seal."""
    with as_platform():
        Organisation.objects.update(region_code="330000")
    run(SILENT, "UPDATE parties_organisation SET region_code = '440000'")(superuser, settings)


def change_a_waiting_step(superuser: Superuser, settings: Any) -> None:
    from .test_tampering import write_erasure

    with as_platform():
        write_erasure(7)
    run(
        SILENT,
        "UPDATE attest_step SET occurred_at = occurred_at - interval '1 day' WHERE id IN (SELECT step_id FROM attest_pending)",
    )(superuser, settings)


def plant_in_the_queue_of_jobs(superuser: Superuser, settings: Any) -> None:
    """Code that runs as the superuser in the platform's own session, with its token, when it next defers a job."""
    run(
        """CREATE FUNCTION procrastinate_planted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
           $$ BEGIN UPDATE parties_user SET password = 'planted'; RETURN NEW; END $$""",
        "CREATE TRIGGER planted AFTER INSERT ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION procrastinate_planted()",
    )(superuser, settings)
    with as_platform(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('x', 'x')")
        facade.seal_rows(at=AT)
        facade.sequence(at=AT)
    run(
        "DROP TRIGGER planted ON procrastinate_jobs",
        "DROP FUNCTION procrastinate_planted",
        SILENT,
        "DELETE FROM procrastinate_jobs",
    )(superuser, settings)


PLANT = "CREATE SCHEMA planted"
PLANTED_TRIGGER = "CREATE FUNCTION {}.act() RETURNS {} LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"


def write_and_seal(*statements: str) -> Tamper:
    def tamper(superuser: Superuser, settings: Any) -> None:
        run(*statements)(superuser, settings)
        with as_platform():
            facade.seal_rows(at=AT)
            facade.sequence(at=AT)

    return tamper


TWIN = "INSERT INTO core_audit_entry SELECT * FROM core_audit_entry ORDER BY id LIMIT 1"
FORGED = """INSERT INTO core_audit_entry SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()))).*
            FROM core_audit_entry t LIMIT 1"""
BY_HAND = "not written by the platform"
CHANGED = "differs from what was sealed"
STRUCTURE = "not the structure that the migrations made"

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
