"""Keep reads fast: rewrite a record table once its appends have left too many small files."""

from __future__ import annotations

from datetime import datetime

from rongtong.core.tenancy import as_platform
from rongtong.records.actions.land_rows import settle_batches
from rongtong.records.actions.vouch_for_files import vouch_for_files
from rongtong.records.adapters.locks import landing_lock
from rongtong.records.adapters.upkeep import is_scattered, rewrite_table
from rongtong.records.contracts import ITEMS, SourceKind
from rongtong.records.models import TableState


def compact_tables(*, at: datetime) -> tuple[str, ...]:
    """Settle what a crash left and rewrite the scattered tables; the items that were rewritten.

    Rows stay as they are, and earlier states stay readable. Cheap where there is nothing to do; safe to run again.
    """
    done = []
    with as_platform():
        for item in ITEMS:
            kind = SourceKind(item)
            with landing_lock(kind):
                settle_batches(kind=kind, at=at)
                state = rewrite_table(kind) if is_scattered(kind) else None
                if state is not None:
                    TableState.objects.create(item=item, snapshot_id=state, cause="compaction", recorded_at=at)
                    done.append(item)
                vouch_for_files(kind, at)  # also for a rewrite that a crash cut off before it came to this
    return tuple(done)
