"""Reads of seals: their bytes as evidence, and the first row that is not as it was sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Q

from rongtong.attest import models
from rongtong.attest.adapters.sealed_tables import (
    changing_tables,
    entry_taken_twice,
    older_entry,
    row_digests,
    row_keys_by_table,
    stray_row,
    tables_to_seal,
)
from rongtong.attest.adapters.waiting import WaitingRow, tables_that_wait, waiting_rows
from rongtong.attest.adapters.writers import describe, writer_of_row
from rongtong.core.canonical import canonical_json
from rongtong.core.frozen_columns import Versions

DELETED = bytes(32)
"""What stands in a seal for a row that was deleted by a deed."""
SEAL_VERSION = 3
UNLIKE = "the row differs from what the platform wrote"


def seal_bytes(row: models.Seal) -> bytes:
    """A seal as canonical JSON: table, columns, keys and digests of its rows; of the rows themselves nothing."""
    body = {
        "id": row.id,
        "table": row.table_name,
        "columns": row.columns,
        "rows": row.row_keys,
        "digests": bytes(row.digests).hex(),
        "recorded_at": row.recorded_at,
    }
    if row.version > 1:
        body |= {"version": row.version, "writer": row.writer, "queue": row.queue_ids}
    if row.version > 2:
        body |= {"places": row.row_places}
    return canonical_json(body)


def load_seals(ids: Sequence[UUID], versions: Versions) -> Mapping[UUID, bytes]:
    """Evidence of kind `seal`."""
    return {row.id: seal_bytes(row) for row in models.Seal.objects.filter(id__in=ids)}


def load_structures(ids: Sequence[UUID], versions: Versions) -> Mapping[UUID, bytes]:
    """Evidence of kind `database_structure`."""
    rows = models.Structure.objects.filter(id__in=ids)
    return {row.id: canonical_json(models.STRUCTURE_COLUMNS.values(row, versions)) for row in rows}


def find_broken_seal() -> str | None:
    """The first row of a sealed table that was changed, taken away or put there beside the application; None if none was.

    Of a row that changed the last seal holds; while it waits for its next one it must be what its newest entry says. A row
    of an append-only table must fit each seal that it ever got. What waits on the word of nobody of the platform settles nothing.
    """
    keys, changing = row_keys_by_table(), changing_tables()
    settled: dict[str, set[str]] = defaultdict(set)
    foreign: str | None = None
    unlike: str | None = None
    for table in tables_that_wait():
        for row in waiting_rows(table, keys[table]) if table in keys else ():
            writer = writer_of_row(row.entry)
            if writer.platform:
                settled[table].add(row.entry.row_key)
                unlike = unlike or _unlike(row)
            elif foreign is None:
                foreign = f"{table} {row.entry.row_key}: not written by the platform ({describe(writer)})"
    for seal in models.Seal.objects.order_by("-id").iterator(chunk_size=50):
        if seal.table_name not in keys:
            return f"{seal.table_name}: its rows are sealed no more"
        fault = _fault(seal, keys[seal.table_name], settled[seal.table_name] if seal.table_name in changing else set())
        if fault:
            return fault
        settled[seal.table_name].update(seal.row_keys)
    for table, key in sorted(keys.items()):
        stray = stray_row(table, key)
        if stray:
            return f"{table} {stray[0]}: {stray[1]}"
    missing = sorted(set(tables_to_seal()) - set(keys))
    if missing:
        return f"{missing[0]}: its rows are sealed no more"
    older, twice = older_entry(), entry_taken_twice()
    return (
        foreign
        or unlike
        or (f"{older}: an older entry of the queue was put back" if older else None)
        or (f"{twice}: two seals were made out of one entry of the queue" if twice else None)
    )


def _unlike(row: WaitingRow) -> str | None:
    if row.lost:
        return f"{row.entry.table_name} {row.entry.row_key}: the row is gone before it was sealed"
    if not row.as_written:
        return f"{row.entry.table_name} {row.entry.row_key}: {UNLIKE}, before it was sealed"
    return None


def foreign_seals(limit: int = 20) -> list[str]:
    """The seals of rows that the platform did not write as they are, oldest first, in words."""
    found = models.Seal.objects.filter(Q(writer__platform=False) | Q(writer__as_written=False)).order_by("id")[:limit]
    return [_foreign(seal) for seal in found]


def _foreign(seal: models.Seal) -> str:
    writer = seal.writer or {}
    fault = UNLIKE if writer.get("platform") else "not written by the platform"
    return (
        f"{seal.table_name} {', '.join(seal.row_keys[:3])}{' …' if len(seal.row_keys) > 3 else ''}: {fault}"
        f" (login {writer.get('login') or '?'}, role {writer.get('role') or '?'}, program {writer.get('program') or '?'})"
    )


def _fault(seal: models.Seal, key: str, settled: set[str]) -> str | None:
    digests = bytes(seal.digests)
    sealed = {row_key: digests[32 * place : 32 * place + 32] for place, row_key in enumerate(seal.row_keys)}
    wanted = {row_key: value for row_key, value in sealed.items() if row_key not in settled}
    found = row_digests(seal.table_name, key, seal.columns, wanted)
    for row_key, value in wanted.items():
        if found.get(row_key, DELETED) != value:
            fault = "differs from what was sealed" if row_key in found else "is missing"
            return f"{seal.table_name} {row_key}: the row {fault} (seal {seal.id})"
    return None
