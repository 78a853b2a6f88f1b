"""The tables of all domains as the database knows them: which are sealed, and the digests of their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import connection

_NOT_SEALED = {
    "core_remembered_response": "answers that are forgotten after a week",
    "django_session": "sessions, which come and go",
    "django_content_type": "names of tables, made by each migration",
    "auth_permission": "names of rights, made by each migration",
    "ledger_entry": "each is evidence with its posting, and the ledger's own check holds it against its balance",
    "ledger_transfer": "each is evidence with its posting, and the ledger's own check holds it against its entries",
    "workflows_loop_case": "how far a run has come",
    "workflows_loop_run": "how far a run has come",
}
"""Tables that are not sealed, each with the reason; those of the log itself prove themselves."""
TABLES_WITHOUT_MODEL = ("django_migrations", "iceberg_tables", "iceberg_namespace_properties")
"""Tables of libraries that no model of Django knows."""

_KEY = """
SELECT string_agg(quote_ident(a.attname) || '::text', ' || ''/'' || ' ORDER BY k.place)
FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE i.indrelid = %s::regclass AND i.indisprimary"""
_APPEND_ONLY = "SELECT 1 FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'append_only'"
_SEALED = """
SELECT c.relname, g.tgargs
FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
WHERE g.tgname = %s AND c.relnamespace = 'public'::regnamespace ORDER BY 1"""
_COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1"
)
_DIGESTS = """
SELECT {key}, sha256(convert_to((SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(t))
                                 WHERE key = ANY(%s))::text, 'UTF8'))
FROM {table} t WHERE {chosen}"""
_STRAY = """
SELECT {key} FROM {table} EXCEPT (SELECT unnest(row_keys) FROM attest_seal WHERE table_name = %s
UNION ALL SELECT row_key FROM attest_unsealed WHERE table_name = %s) ORDER BY 1 LIMIT 1"""
_TWIN = "SELECT {key} FROM {table} GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
_TAKEN_TWICE = """
SELECT table_name FROM attest_seal, unnest(queue_ids) AS entry GROUP BY table_name, entry HAVING count(*) > 1 LIMIT 1"""
_BACKWARDS = """
SELECT table_name, row_key FROM (
  SELECT table_name, row_key, place, lag(place) OVER (PARTITION BY table_name, row_key ORDER BY seal NULLS LAST) AS before
  FROM (SELECT table_name, row_key, place, s.id AS seal
        FROM attest_seal s CROSS JOIN unnest(s.row_keys, s.row_places) AS one (row_key, place) WHERE version >= 3
        UNION ALL SELECT table_name, row_key, max(id), NULL FROM attest_unsealed GROUP BY 1, 2) AS entries) AS ordered
WHERE place < before ORDER BY 1, 2 LIMIT 1"""
_ID = "id::text"


def tables_to_seal() -> list[str]:
    """The tables whose rows are sealed, by name: all of this project and its libraries, but for the log's own and a few."""
    models = apps.get_models(include_auto_created=True)
    named = {model._meta.db_table for model in models if model._meta.managed and model._meta.app_label != "attest"}
    return sorted((named | set(TABLES_WITHOUT_MODEL)) - set(_NOT_SEALED))


def sealed_tables() -> list[str]:
    """The tables whose new and changed rows queue up for a seal."""
    return sorted(row_keys_by_table())


def row_keys_by_table() -> dict[str, str]:
    """The sealed tables, each with the expression of a row's key as its trigger has it."""
    return {name: bytes(key).rstrip(b"\0").decode() or _ID for name, key in _rows(_SEALED, "seal_insert")}


def changing_tables() -> set[str]:
    """Those of them whose rows may change: a row is then sealed anew, and the last seal holds."""
    return {name for name, _key in _rows(_SEALED, "seal_update")}


def attach(table: str) -> None:
    """Have what happens to the rows of a table queue up from now on; and those of its rows that no seal holds yet.

    As the tables' owner. A row that was sealed before its triggers went away must still fit its seal.
    """
    name = connection.ops.quote_name(table)
    ((key,),) = _rows(_KEY, name)
    if key is None:  # somebody dropped it: the structure is named, and nothing sealed anew
        return
    argument = "" if key == _ID else "'" + key.replace("'", "''") + "'"
    deeds = [("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")]
    with connection.cursor() as cursor:
        for deed, side in deeds[:1] if _rows(_APPEND_ONLY, name) else deeds:
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER seal_{deed} AFTER {deed.upper()} ON {name} REFERENCING {side} TABLE AS touched "
                f"FOR EACH STATEMENT EXECUTE FUNCTION attest_enqueue_row({argument})"
            )
        cursor.execute(
            "INSERT INTO attest_unsealed (table_name, row_key, row_digest, row_columns, written_at, writer)"
            f" SELECT %s, {key}, encode(sha256(convert_to(to_jsonb(whole)::text, 'UTF8')), 'hex'), %s, clock_timestamp(),"
            f" attest_writer() FROM {name} whole"
            f" WHERE {key} NOT IN (SELECT unnest(row_keys) FROM attest_seal WHERE table_name = %s) ORDER BY 2",
            [table, len(columns_of(table)), table],
        )
        cursor.execute(
            "UPDATE attest_unsealed SET mark = attest_entry_mark(id::text, concat_ws('|', table_name, row_key, deleted),"
            " row_digest, row_columns, written_at, writer) WHERE table_name = %s AND writer = attest_writer() AND mark = ''",
            [table],
        )


def columns_of(table: str) -> list[str]:
    """The columns of a table, by name."""
    return [name for (name,) in _rows(_COLUMNS, connection.ops.quote_name(table))]


def row_digests(table: str, key: str, columns: Sequence[str], row_keys: Iterable[str]) -> dict[str, bytes]:
    """The SHA-256 of each row's columns as jsonb; rows that are not there are left out."""
    chosen = "id = ANY(%s::uuid[])" if key == _ID and _has_uuid(table) else f"{key} = ANY(%s)"
    query = _DIGESTS.format(table=connection.ops.quote_name(table), key=key, chosen=chosen)
    return {found: bytes(value) for found, value in _rows(query, list(columns), list(row_keys))}


def stray_row(table: str, key: str) -> tuple[str, str] | None:
    """A row that no seal covers and that waits for none, or that is there twice; and which of these."""
    name = connection.ops.quote_name(table)
    for query, parameters, what in (
        (_STRAY, (table, table), "neither sealed nor waiting for it"),
        (_TWIN, (), "there are two rows of this key"),
    ):
        for (found,) in _rows(query.format(table=name, key=key), *parameters):
            return found, what
    return None


def older_entry() -> str | None:
    """A row with an entry, in the queue or sealed, that is older than one that was sealed before."""
    for table, row_key in _rows(_BACKWARDS):
        return f"{table} {row_key}"
    return None


def entry_taken_twice() -> str | None:
    """A table with rows that two seals took out of one entry of the queue."""
    for (table,) in _rows(_TAKEN_TWICE):
        return str(table)
    return None


def _has_uuid(table: str) -> bool:
    query = "SELECT 1 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'id' AND atttypid = 'uuid'::regtype"
    return bool(_rows(query, connection.ops.quote_name(table)))


def _rows(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return list(cursor.fetchall())
