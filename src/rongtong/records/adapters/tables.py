"""The record tables: one Iceberg table per kind, in buckets of firms, appended to and read by snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import dataset
from pyiceberg.exceptions import NamespaceAlreadyExistsError, TableAlreadyExistsError
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import DataFile
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import assign_fresh_schema_ids
from pyiceberg.table import Table
from pyiceberg.transforms import BucketTransform
from pyiceberg.types import StringType

from rongtong.records.adapters.catalogue import NAMESPACE, catalogue, metadata_location
from rongtong.records.contracts import RECORD_SCHEMAS, SourceKind
from rongtong.records.rules import with_ranks

BUCKETS = 16
"""Files per append; more make one firm's read no faster, and each append and each read of all firms slower."""
_PROPERTIES = {
    "format-version": "2",
    "write.parquet.compression-codec": "zstd",
    "write.parquet.row-group-limit": "4096",
    "write.metadata.metrics.default": "none",
    "write.metadata.metrics.column.enterprise_id": "full",
    "write.metadata.metrics.column.occurred_date": "full",
    "write.metadata.metrics.column.batch_id": "full",
    "write.metadata.previous-versions-max": "20",
    "write.metadata.delete-after-commit.enabled": "true",
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "16",
}
_tables: dict[tuple[str, str, SourceKind], Table] = {}
_BUCKET = BucketTransform(BUCKETS).transform(StringType())
BATCH_PROPERTY = "rongtong.batch"


def find_table(kind: SourceKind) -> Table | None:
    """The table of a kind in its present state; None where nothing of the kind was ever landed."""
    location = metadata_location(kind.value)
    if location is None:
        return None
    key = _key(kind)
    held = _tables.get(key)
    if held is None or held.metadata_location != location:
        held = _tables[key] = catalogue().load_table((NAMESPACE, kind.value))
    return held


def _key(kind: SourceKind) -> tuple[str, str, SourceKind]:
    book = catalogue()
    return book.name, str(book.properties["uri"]), kind


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
    table = with_rank_column(make_table(kind))
    table.append(rows.cast(RECORD_SCHEMAS[kind]), snapshot_properties={BATCH_PROPERTY: batch_id})
    snapshot = table.current_snapshot()
    assert snapshot is not None
    return int(snapshot.snapshot_id)


def with_rank_column(table: Table) -> Table:
    """A table made before ranks were kept gets the column; its files stay as they are, and their rows read by their source."""
    if "rank" not in table.schema().column_names:
        table.update_schema().add_column("rank", StringType()).commit()
    return table.refresh()


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
    columns: tuple[str, ...] | None = None,
    snapshot_id: int | None = None,
    batch_id: str | None = None,
) -> pa.Table:
    """The rows of firms (None: of all) in a state of the table (None: the present one), in no particular order."""
    names = RECORD_SCHEMAS[kind].names if columns is None else list(columns)
    schema = pa.schema([RECORD_SCHEMAS[kind].field(name) for name in names])
    table = find_table(kind)
    snapshot = snapshot_id or (table.metadata.current_snapshot_id if table else None)
    if table is None or snapshot is None or (enterprise_ids is not None and not enterprise_ids):
        return schema.empty_table()
    files = _files(kind, table, snapshot)
    condition = None
    if enterprise_ids is not None:
        condition = pc.field("enterprise_id").isin(pa.array(sorted(enterprise_ids), pa.string()))
        if len(enterprise_ids) < BUCKETS:
            buckets = {_bucket(one) for one in enterprise_ids}
            files = [file for file in files if file.partition[0] in buckets]
        if len(enterprise_ids) == 1:
            condition = pc.field("enterprise_id") == next(iter(enterprise_ids))
    if batch_id is not None:
        condition = pc.field("batch_id") == batch_id
    if not files:
        return schema.empty_table()
    few = enterprise_ids is not None and len(enterprise_ids) < BUCKETS
    paths = [PyArrowFileIO.parse_location(file.file_path) for file in files]
    io = table.io
    assert isinstance(io, PyArrowFileIO)
    filesystem = io.fs_by_scheme(paths[0][0], paths[0][1])
    data = dataset.dataset([path for _, _, path in paths], RECORD_SCHEMAS[kind], "parquet", filesystem)
    needed = [*names, "source"] if "rank" in names and "source" not in names else names
    rows = data.to_table(columns=needed, filter=condition, use_threads=not few)
    return (with_ranks(kind, rows) if "rank" in names else rows).select(names).cast(schema)


@lru_cache(maxsize=64)
def _planned(location: str, kind: SourceKind, snapshot: int) -> list[DataFile]:
    """The files of a state: what it is made of never changes, so it is planned once."""
    tasks = list(_tables[_key(kind)].scan(snapshot_id=snapshot).plan_files())
    assert not any(task.delete_files for task in tasks), "rows are removed by rewriting files, never by marks"
    return [task.file for task in tasks]


def _files(kind: SourceKind, table: Table, snapshot: int) -> list[DataFile]:
    return _planned(table.location(), kind, snapshot)


def _bucket(enterprise_id: str) -> int:
    return _BUCKET(enterprise_id) or 0


def has_snapshot(kind: SourceKind, snapshot_id: int) -> bool:
    """Whether a state of a table can still be read."""
    table = find_table(kind)
    return table is not None and table.snapshot_by_id(snapshot_id) is not None


def files_of(kind: SourceKind) -> dict[str, int]:
    """The files of a table's present state, each with its number of rows."""
    table, state = find_table(kind), current_snapshot_id(kind)
    found = _planned(table.location(), kind, state) if table and state else []
    return {file.file_path: file.record_count for file in found}


def metadata_files_of(kind: SourceKind) -> Iterator[str]:
    """The files by which a table's present state is found, each before what is read by it: metadata, list, manifests."""
    location = metadata_location(kind.value)
    if location is None:
        return
    yield location
    table = find_table(kind)
    snapshot = table.current_snapshot() if table else None
    if table is None or snapshot is None:
        return
    yield snapshot.manifest_list
    for manifest in snapshot.manifests(table.io):
        yield manifest.manifest_path


def file_digest(path: str) -> str | None:
    """The SHA-256 of a file of a table; None where the file is gone."""
    sha = hashlib.sha256()
    try:
        with catalogue()._load_file_io(location=path).new_input(path).open() as stream:
            while block := stream.read(1 << 20):
                sha.update(block)
    except FileNotFoundError:
        return None
    return sha.hexdigest()


def count_files(kind: SourceKind) -> int:
    """How many files the present state of a table is made of."""
    return len(files_of(kind))


def current_snapshot_id(kind: SourceKind) -> int | None:
    """The id of a table's present state; None while it is empty."""
    table = find_table(kind)
    snapshot = table.current_snapshot() if table else None
    return int(snapshot.snapshot_id) if snapshot else None
