"""The tables of all domains as the database knows them: which are sealed, and the digests of their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

_NOT_SEALED = {
    "core_remembered_response": "answers that are forgotten after a week",
    "ledger_transfer": "each is evidence with its posting, and the ledger's own check holds it against its entries",
    "workflows_loop_case": "how far a run has come",
    "workflows_loop_run": "how far a run has come",
}
"""Tables with ids that are not sealed, each with the reason."""

_APPEND_ONLY = "SELECT 1 FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'append_only'"
_SEALED = """
SELECT c.relname FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
WHERE g.tgname = %s AND c.relnamespace = 'public'::regnamespace ORDER BY 1"""
_COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1"
)
_DIGESTS = """
SELECT id, sha256(convert_to((SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(t))
                              WHERE key = ANY(%s))::text, 'UTF8'))
FROM {table} t WHERE id = ANY(%s)"""
_STRAY = """
SELECT id FROM {table} EXCEPT (SELECT unnest(row_ids) FROM attest_seal WHERE table_name = %s
UNION ALL SELECT row_id FROM attest_unsealed WHERE table_name = %s) ORDER BY 1 LIMIT 1"""
_GONE = """
SELECT row_id FROM attest_unsealed WHERE table_name = %s AND row_id NOT IN (SELECT id FROM {table})
GROUP BY row_id HAVING NOT bool_or(deleted) ORDER BY 1 LIMIT 1"""


def tables_to_seal() -> list[str]:
    """The project's tables whose rows have an id, by name; those of the log itself prove themselves."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith("rongtong.")
        and model._meta.managed
        and model._meta.app_label != "attest"
        and isinstance(model._meta.pk, models.UUIDField)
        and model._meta.pk.column == "id"
        and model._meta.db_table not in _NOT_SEALED
    )


def sealed_tables() -> list[str]:
    """The tables whose new and changed rows queue up for a seal."""
    return [name for (name,) in _rows(_SEALED, "seal_insert")]


def changing_tables() -> set[str]:
    """Those of them whose rows may change: a row is then sealed anew, and the last seal holds."""
    return {name for (name,) in _rows(_SEALED, "seal_update")}


def attach(table: str) -> None:
    """Have what happens to the rows of a table queue up from now on, and the rows that are there; as the tables' owner."""
    name = connection.ops.quote_name(table)
    deeds = [("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")]
    with connection.cursor() as cursor:
        for deed, side in deeds[:1] if _rows(_APPEND_ONLY, name) else deeds:
            cursor.execute(
                f"CREATE TRIGGER seal_{deed} AFTER {deed.upper()} ON {name} REFERENCING {side} TABLE AS touched "
                "FOR EACH STATEMENT EXECUTE FUNCTION attest_enqueue_row()"
            )
        cursor.execute(
            f"INSERT INTO attest_unsealed (table_name, row_id) SELECT %s, id FROM {name} ORDER BY id", [table]
        )


def columns_of(table: str) -> list[str]:
    """The columns of a table, by name."""
    return [name for (name,) in _rows(_COLUMNS, connection.ops.quote_name(table))]


def row_digests(table: str, columns: Sequence[str], ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """The SHA-256 of each row's columns as jsonb; rows that are not there are left out."""
    query = _DIGESTS.format(table=connection.ops.quote_name(table))
    return {key: bytes(value) for key, value in _rows(query, list(columns), list(ids))}


def stray_row(table: str) -> tuple[UUID, str] | None:
    """A row that no seal covers and that waits for none, or that waits and is gone; and which of the two."""
    name = connection.ops.quote_name(table)
    for query, parameters, what in (
        (_STRAY, (table, table), "neither sealed nor waiting for it"),
        (_GONE, (table,), "the row is gone before it was sealed"),
    ):
        for (key,) in _rows(query.format(table=name), *parameters):
            return key, what
    return None


def _rows(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
