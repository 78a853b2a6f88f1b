"""What a superuser can do to the database by hand."""

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
