"""What waits for the log, each entry beside the row as it is now: in one statement, so that both are of one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from rongtong.attest import models

_FIELDS = ("id", "table_name", "row_key", "deleted", "writer", "row_digest", "row_columns", "written_at", "mark")
_QUEUE = f"""
SELECT {", ".join(_FIELDS)}, max(id) OVER (PARTITION BY row_key) AS newest_id FROM attest_unsealed
WHERE table_name = %(table)s ORDER BY id LIMIT %(limit)s"""
_FIRST = """
sha256(convert_to((SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(whole))
                   WHERE key = ANY((%(columns)s::text[])[1:{count}]))::text, 'UTF8'))"""
"""The digest of the first columns of a row."""
_ROWS = """
WITH queue AS MATERIALIZED ({queue}),
     newest AS (SELECT {fields} FROM attest_unsealed WHERE id = ANY (ARRAY(SELECT newest_id FROM queue))),
     widths AS MATERIALIZED (SELECT cardinality(%(columns)s::text[]) AS width
                             UNION SELECT row_columns FROM newest WHERE row_columns <= cardinality(%(columns)s::text[]))
SELECT 'waits', {fields}, newest_id FROM queue
UNION ALL SELECT 'newest', {fields}, NULL FROM newest
UNION ALL SELECT 'row', width, NULL, {key}, NULL, NULL, encode(
    CASE WHEN width = cardinality(%(columns)s::text[]) THEN sha256(convert_to(to_jsonb(whole)::text, 'UTF8'))
         ELSE {first} END, 'hex'), NULL, NULL, NULL, NULL
  FROM {table} whole CROSS JOIN widths WHERE {chosen}"""
"""Three lists in one statement, put together by whoever asks: a join of them would be planned without statistics."""
_BY_ID = """
whole.id = ANY (ARRAY(SELECT CASE WHEN row_key ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN row_key::uuid END
                      FROM queue))"""
_BY_KEY = "({key} IN (SELECT row_key FROM queue)) IS TRUE"
_STEPS = """
SELECT p.step_id, encode({first}, 'hex') = p.row_digest FROM attest_pending p JOIN attest_step whole ON whole.id = p.step_id
WHERE p.step_id = ANY(%(steps)s)"""
_COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
)
_UUID = "SELECT 1 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'id' AND atttypid = 'uuid'::regtype"


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """An entry of the queue of the seals, and its row now."""

    entry: models.Unsealed
    newest_id: int
    """The newest entry of the same row."""
    deleted: bool
    """Whether that one says that the row was deleted."""
    present: bytes | None
    """The SHA-256 of the row as it is; None where it is gone."""
    as_written: bool
    """Whether the row is what that one says."""

    @property
    def lost(self) -> bool:
        """The row is gone, and nobody deleted it."""
        return self.present is None and not self.deleted


def waiting_rows(table: str, key: str, limit: int | None = None) -> list[WaitingRow]:
    """The oldest entries of a table, in order."""
    name, columns = connection.ops.quote_name(table), _ordered_columns(table)
    with connection.cursor() as cursor:
        cursor.execute(_UUID, [name])
        by_id = key == "id::text" and cursor.fetchone() is not None
        query = _ROWS.format(
            queue=_QUEUE,
            fields=", ".join(_FIELDS),
            table=name,
            key=key,
            first=_FIRST.format(count="width"),
            chosen=_BY_ID if by_id else _BY_KEY.format(key=key),
        )
        cursor.execute(query, {"table": table, "limit": limit, "columns": columns})
        found = cursor.fetchall()
    newest = {row[1]: _entry(row) for row in found if row[0] == "newest"}
    digests = {(row[3], row[1]): str(row[6]) for row in found if row[0] == "row"}
    waits = [(_entry(row), newest[row[-1]]) for row in found if row[0] == "waits"]
    return [_beside(entry, last, digests, len(columns)) for entry, last in waits]


def _entry(row: Sequence[Any]) -> models.Unsealed:
    return models.Unsealed(**dict(zip(_FIELDS, row[1:-1], strict=True)))


def _beside(
    entry: models.Unsealed, newest: models.Unsealed, digests: Mapping[tuple[str, int], str], width: int
) -> WaitingRow:
    present = digests.get((entry.row_key, width))
    then = digests.get((entry.row_key, newest.row_columns))
    fits = present is None if newest.deleted else then == newest.row_digest
    return WaitingRow(entry, newest.id, newest.deleted, None if present is None else bytes.fromhex(present), fits)


def steps_as_written(step_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the waiting steps that are what was written."""
    query = _STEPS.format(first=_FIRST.format(count="p.row_columns"))
    with connection.cursor() as cursor:
        cursor.execute(query, {"steps": list(step_ids), "columns": _ordered_columns("attest_step")})
        return {step_id for step_id, fits in cursor.fetchall() if fits}


def tables_that_wait() -> Iterator[str]:
    """The tables with entries in the queue, by name."""
    waiting = models.Unsealed.objects.order_by("table_name").values_list("table_name", flat=True).distinct()
    yield from waiting


def _ordered_columns(table: str) -> list[str]:
    """In the order in which they were added; after a restore, too."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [connection.ops.quote_name(table)])
        return [name for (name,) in cursor.fetchall()]
