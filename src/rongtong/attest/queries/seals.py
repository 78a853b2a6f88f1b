"""Reads of seals: their bytes as evidence, and the first row that is not as it was sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from rongtong.attest import models
from rongtong.attest.adapters.sealed_tables import changing_tables, row_digests, sealed_tables, stray_row
from rongtong.core.canonical import canonical_json
from rongtong.core.frozen_columns import Versions

DELETED = bytes(32)
"""What stands in a seal for a row that was deleted by a deed."""


def seal_bytes(row: models.Seal) -> bytes:
    """A seal as canonical JSON: table, columns, ids and digests of its rows; of the rows themselves nothing."""
    return canonical_json(
        {
            "id": row.id,
            "table": row.table_name,
            "columns": row.columns,
            "rows": row.row_ids,
            "digests": bytes(row.digests).hex(),
            "recorded_at": row.recorded_at,
        }
    )


def load_seals(ids: Sequence[UUID], versions: Versions) -> Mapping[UUID, bytes]:
    """Evidence of kind `seal`."""
    return {row.id: seal_bytes(row) for row in models.Seal.objects.filter(id__in=ids)}


def find_broken_seal() -> str | None:
    """The first row of a sealed table that was changed, taken away or put there beside the application; None if none was.

    Of a row that changed the last seal holds, and while it waits for its next one it is not judged; a row of an
    append-only table must fit each seal that it ever got.
    """
    tables, changing = set(sealed_tables()), changing_tables()
    settled: dict[str, set[UUID]] = defaultdict(set)
    for table, key in models.Unsealed.objects.values_list("table_name", "row_id").iterator():
        settled[table].add(key)
    for seal in models.Seal.objects.order_by("-id").iterator(chunk_size=50):
        if seal.table_name not in tables:
            return f"{seal.table_name}: its rows are sealed no more"
        fault = _fault(seal, settled[seal.table_name] if seal.table_name in changing else set())
        if fault:
            return fault
        settled[seal.table_name].update(seal.row_ids)
    for table in sorted(tables):
        stray = stray_row(table)
        if stray:
            return f"{table} {stray[0]}: {stray[1]}"
    return None


def _fault(seal: models.Seal, settled: set[UUID]) -> str | None:
    digests = bytes(seal.digests)
    sealed = {key: digests[32 * place : 32 * place + 32] for place, key in enumerate(seal.row_ids)}
    wanted = {key: value for key, value in sealed.items() if key not in settled}
    found = row_digests(seal.table_name, seal.columns, wanted)
    for key, value in wanted.items():
        if found.get(key, DELETED) != value:
            fault = "differs from what was sealed" if key in found else "is missing"
            return f"{seal.table_name} {key}: the row {fault} (seal {seal.id})"
    return None
