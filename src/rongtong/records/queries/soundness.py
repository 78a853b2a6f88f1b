"""Whether the record tables are what was landed: each file as it was written, and no row more or less than is held."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Sum

from rongtong.records.adapters.tables import file_digest, files_of, metadata_files_of
from rongtong.records.contracts import ITEMS
from rongtong.records.models import Batch, Holding, RecordFile
from rongtong.sources.contracts import SourceKind


def find_fault() -> str | None:
    """The first file of a record table that was changed, taken away or put there beside the platform; None if none was.

    A landing that a crash cut off is not judged: the next one settles it.
    """
    cut_off = set(Batch.objects.filter(state=Batch.State.LANDING).values_list("item", flat=True))
    held = dict(Holding.objects.order_by().values_list("item").annotate(rows=Sum("rows")))
    for item in ITEMS:
        fault = None if item in cut_off else _fault(SourceKind(item), held.get(item, 0))
        if fault:
            return fault
    return None


def _fault(kind: SourceKind, held: int) -> str | None:
    known = dict(RecordFile.objects.filter(item=kind.value).values_list("path", "digest"))
    for path in metadata_files_of(kind):
        fault = _file_fault(path, known)
        if fault:
            return fault  # what it leads to is not read
    files = files_of(kind)
    for path in sorted(files):
        fault = _file_fault(path, known)
        if fault:
            return fault
    rows = sum(files.values())
    return None if rows == held else f"{kind.value}: the table has {rows} rows where {held} are held"


def _file_fault(path: str, known: Mapping[str, str]) -> str | None:
    digest = file_digest(path)
    if digest is None:
        return f"{path}: the file is missing"
    if path not in known:
        return f"{path}: nobody vouches for the file"
    return None if digest == known[path] else f"{path}: the file differs from what was written"
