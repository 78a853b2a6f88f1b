"""Whether the record tables are what was landed: each file as it was written, and no row more or less than is held."""

from __future__ import annotations

from django.db.models import Sum

from rongtong.records.adapters.tables import file_digest, files_of
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
    files = files_of(kind)
    known = dict(RecordFile.objects.filter(item=kind.value, path__in=files).values_list("path", "digest"))
    for path in sorted(files):
        digest = file_digest(kind, path)
        if digest is None:
            return f"{path}: the file is missing"
        if path not in known:
            return f"{path}: nobody vouches for the file"
        if digest != known[path]:
            return f"{path}: the file differs from what was written"
    rows = sum(files.values())
    return None if rows == held else f"{kind.value}: the table has {rows} rows where {held} are held"
