"""The record tables: one Iceberg table per kind, in buckets of firms, appended to and read by snapshot."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import pyarrow as pa
from pyiceberg.exceptions import NamespaceAlreadyExistsError, TableAlreadyExistsError
from pyiceberg.expressions import And, BooleanExpression, EqualTo, In, LessThanOrEqual
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import assign_fresh_schema_ids
from pyiceberg.table import Table
from pyiceberg.transforms import BucketTransform

from rongtong.records.adapters.catalogue import NAMESPACE, catalogue, metadata_location
from rongtong.records.contracts import RECORD_SCHEMAS, SourceKind

BUCKETS = 16
"""Files per append; more make one firm's read no faster, and each append and each read of all firms slower."""
_IN_LIMIT = 200
"""From so many firms on, the whole table is read and cut in memory: Iceberg prunes no longer lists."""
_PROPERTIES = {
    "format-version": "2",
    "write.parquet.compression-codec": "zstd",
    "write.parquet.row-group-limit": "16384",
    "write.metadata.metrics.default": "none",
    "write.metadata.metrics.column.enterprise_id": "full",
    "write.metadata.metrics.column.occurred_date": "full",
    "write.metadata.metrics.column.batch_id": "full",
    "write.metadata.previous-versions-max": "20",
    "write.metadata.delete-after-commit.enabled": "true",
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "16",
}
_tables: dict[tuple[str, SourceKind], Table] = {}
BATCH_PROPERTY = "rongtong.batch"


def find_table(kind: SourceKind) -> Table | None:
    """The table of a kind in its present state; None where nothing of the kind was ever landed."""
    location = metadata_location(kind.value)
    if location is None:
        return None
    key = (str(catalogue().properties["uri"]), kind)
    held = _tables.get(key)
    if held is None or held.metadata_location != location:
        held = _tables[key] = catalogue().load_table((NAMESPACE, kind.value))
    return held


def make_table(kind: SourceKind) -> Table:
    """The table of a kind, made if it is missing."""
    table = find_table(kind)
    if table is not None:
        return table
    book = catalogue()
    with suppress(NamespaceAlreadyExistsError):  # another process was faster
        book.create_namespace_if_not_exists(NAMESPACE)
    schema = assign_fresh_schema_ids(book._convert_schema_if_needed(RECORD_SCHEMAS[kind]))
    firm = schema.find_field("enterprise_id").field_id
    buckets = PartitionField(source_id=firm, field_id=1000, transform=BucketTransform(BUCKETS), name="firm_bucket")
    with suppress(TableAlreadyExistsError):  # as above
        book.create_table(
            (NAMESPACE, kind.value), schema=schema, partition_spec=PartitionSpec(buckets), properties=_PROPERTIES
        )
    made = find_table(kind)
    assert made is not None
    return made


def append_rows(kind: SourceKind, rows: pa.Table, batch_id: str) -> int:
    """Add rows in one atomic commit that names its batch; the id of the new snapshot."""
    table = make_table(kind)
    table.append(rows.cast(RECORD_SCHEMAS[kind]), snapshot_properties={BATCH_PROPERTY: batch_id})
    snapshot = table.current_snapshot()
    assert snapshot is not None
    return int(snapshot.snapshot_id)


def snapshot_of_batch(kind: SourceKind, batch_id: str) -> int | None:
    """The snapshot that a batch was committed with; None where its commit never happened."""
    table = find_table(kind)
    for snapshot in reversed(table.metadata.snapshots if table else []):
        if snapshot.summary and snapshot.summary.additional_properties.get(BATCH_PROPERTY) == batch_id:
            return int(snapshot.snapshot_id)
    return None


def scan_rows(
    kind: SourceKind,
    *,
    enterprise_ids: Collection[str] | None,
    columns: tuple[str, ...] = ("*",),
    until: date | None = None,
    snapshot_id: int | None = None,
    equal_to: Mapping[str, str] | None = None,
) -> pa.Table:
    """The rows of firms (None: of all), by snapshot (None: the present one), cut by occurred date and equal columns."""
    table = find_table(kind)
    if table is None or table.current_snapshot() is None or (enterprise_ids is not None and not enterprise_ids):
        return _empty(kind, columns)
    conditions: list[BooleanExpression] = [EqualTo(name, value) for name, value in (equal_to or {}).items()]
    narrowed = enterprise_ids is not None and len(enterprise_ids) <= _IN_LIMIT
    if enterprise_ids is not None and narrowed:
        conditions.append(In("enterprise_id", tuple(enterprise_ids)))
    if until is not None:
        conditions.append(LessThanOrEqual("occurred_date", until))
    extra = () if narrowed or enterprise_ids is None or "*" in columns else ("enterprise_id",)
    options: dict[str, Any] = {"row_filter": And(*conditions)} if len(conditions) > 1 else {}
    if len(conditions) == 1:
        options["row_filter"] = conditions[0]
    rows = table.scan(selected_fields=tuple({*columns, *extra}), snapshot_id=snapshot_id, **options).to_arrow()
    if enterprise_ids is not None and not narrowed:
        wanted = pa.array(sorted(enterprise_ids), pa.string())
        rows = rows.filter(pa.compute.is_in(rows["enterprise_id"], value_set=wanted))
    return rows.select(_empty(kind, columns).column_names)


def has_snapshot(kind: SourceKind, snapshot_id: int) -> bool:
    """Whether a state of a table can still be read."""
    table = find_table(kind)
    return table is not None and table.snapshot_by_id(snapshot_id) is not None


def current_snapshot_id(kind: SourceKind) -> int | None:
    """The id of a table's present state; None while it is empty."""
    table = find_table(kind)
    snapshot = table.current_snapshot() if table else None
    return int(snapshot.snapshot_id) if snapshot else None


def _empty(kind: SourceKind, columns: tuple[str, ...]) -> pa.Table:
    schema = RECORD_SCHEMAS[kind]
    return (schema if "*" in columns else pa.schema([schema.field(name) for name in columns])).empty_table()
