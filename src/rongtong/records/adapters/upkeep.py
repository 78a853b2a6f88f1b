"""Upkeep of the record tables: rewriting many small files as few, and removing rows with every trace of them."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.expressions import And, BooleanExpression, EqualTo, In
from pyiceberg.table import Table

from rongtong.records.adapters.tables import (
    BUCKETS,
    count_files,
    current_snapshot_id,
    find_table,
    scan_rows,
    with_rank_column,
)
from rongtong.records.contracts import SourceKind

_FILES_PER_BUCKET = 10


def is_scattered(kind: SourceKind) -> bool:
    """Whether reading a firm opens more files than it should."""
    return count_files(kind) > _FILES_PER_BUCKET * BUCKETS


def rewrite_table(kind: SourceKind) -> int | None:
    """The same rows in as few files as there are buckets, as one atomic commit; the new state. Earlier states stay readable."""
    table = find_table(kind)
    rows = scan_rows(kind, enterprise_ids=None)
    if table is None or not rows.num_rows:
        return None
    order = [(name, "ascending") for name in ("enterprise_id", "occurred_date", "row_id")]
    with_rank_column(table).overwrite(rows.sort_by(order))
    return current_snapshot_id(kind)


def delete_rows(kind: SourceKind, enterprise_id: str, consent_ids: Collection[str] | None) -> tuple[int, int | None]:
    """Delete the rows of a firm (None: under whatever consent); how many, and the new state (None: nothing to delete)."""
    rows = scan_rows(kind, enterprise_ids=[enterprise_id], columns=("enterprise_id", "consent_id"))
    condition: BooleanExpression = EqualTo("enterprise_id", enterprise_id)
    if consent_ids is not None:
        rows = rows.filter(pc.is_in(rows["consent_id"], value_set=pa.array(sorted(consent_ids), pa.string())))
        condition = And(condition, In("consent_id", tuple(consent_ids)))
    table = find_table(kind)
    if table is None or not rows.num_rows:
        return 0, None
    table.delete(condition)
    return rows.num_rows, current_snapshot_id(kind)


def forget_history(kind: SourceKind) -> None:
    """Drop every earlier state of a table and the files that only they need: what was deleted is gone for good."""
    table = find_table(kind)
    if table is None or table.metadata.current_snapshot_id is None:
        return
    before = _files_of(table)
    current = table.metadata.current_snapshot_id
    old = [one.snapshot_id for one in table.metadata.snapshots if one.snapshot_id != current]
    if not old:
        return
    table.maintenance.expire_snapshots().by_ids(old).commit()
    kept = find_table(kind)
    assert kept is not None
    for path in before - _files_of(kept):
        with suppress(FileNotFoundError):  # a run before this one was cut off here
            kept.io.delete(path)


def _files_of(table: Table) -> set[str]:
    """Every file that any state of a table needs: lists of manifests, manifests, data."""
    files: set[str] = set()
    for snapshot in table.metadata.snapshots:
        files.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path in files:
                continue
            files.add(manifest.manifest_path)
            files.update(entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io))
    return files
