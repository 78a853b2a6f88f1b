"""How long rows and steps have waited for the log, and when it was last written to."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max, Min

from rongtong.attest import models
from rongtong.attest.contracts import LogState
from rongtong.core.tenancy import as_platform

ROWS_WAIT = timedelta(minutes=30)
"""A seal is made each quarter of an hour: one may be late behind a long transaction, two are not made at all."""
STEPS_WAIT = timedelta(minutes=10)
"""The sequencer runs each minute; a close of business or a loop over thousands of firms keeps it busy for some."""


def log_state(*, at: datetime) -> LogState:
    """Since when the oldest row and step wait, by the database's clock, and when the last seal and checkpoint were made."""
    with as_platform():
        rows = models.Unsealed.objects.aggregate(since=Min("written_at"))["since"]
        steps = models.Pending.objects.aggregate(since=Min("written_at"))["since"]
        sealed_at = models.Seal.objects.aggregate(last=Max("recorded_at"))["last"]
        signed_at = models.Checkpoint.objects.aggregate(last=Max("signed_at"))["last"]
    return LogState(
        rows_wait_since=rows,
        steps_wait_since=steps,
        last_seal_at=sealed_at,
        last_checkpoint_at=signed_at,
        rows_late=rows is not None and at - rows > ROWS_WAIT,
        steps_late=steps is not None and at - steps > STEPS_WAIT,
    )


def fault_of(state: LogState) -> str | None:
    """What waits for too long, in words: until it is attested, it could be taken away unseen."""
    mend = "no job writes the log: see whether the worker runs, and who holds its locks (pg_locks)"
    if state.steps_late:
        return f"attest_pending: steps have waited for their place since {state.steps_wait_since:%Y-%m-%d %H:%M:%S %Z}; {mend}"
    if state.rows_late:
        return (
            f"attest_unsealed: rows have waited for a seal since {state.rows_wait_since:%Y-%m-%d %H:%M:%S %Z}; {mend}"
        )
    return None
