"""Write down what the files of a record table are, as soon as they are written."""

from __future__ import annotations

from datetime import datetime

from rongtong.core.tenancy import as_platform
from rongtong.records.adapters.tables import file_digest, files_of, metadata_files_of
from rongtong.records.models import RecordFile
from rongtong.sources.contracts import SourceKind


def vouch_for_files(kind: SourceKind, at: datetime) -> int:
    """Keep the digest of each file of the present state that has none yet; say how many. Call it under the landing lock."""
    files = {**files_of(kind), **dict.fromkeys(metadata_files_of(kind), 0)}
    with as_platform():
        known = set(RecordFile.objects.filter(item=kind.value, path__in=files).values_list("path", flat=True))
        fresh = [
            RecordFile(item=kind.value, path=path, digest=digest, rows=rows, recorded_at=at)
            for path, rows in files.items()
            if path not in known and (digest := file_digest(path)) is not None
        ]
        RecordFile.objects.bulk_create(fresh, batch_size=1000)
    return len(fresh)
