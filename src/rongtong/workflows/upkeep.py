"""Jobs that keep the jobs themselves, and what is remembered of requests, in order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from rongtong.core.clock import now
from rongtong.core.models import RememberedResponse

_STALLED_AFTER = timedelta(minutes=1)
"""Workers tell every ten seconds that they live."""
_REMEMBER = timedelta(days=7)


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int = 0) -> None:
    """Give jobs whose worker died back to the queue."""
    manager = context.app.job_manager
    await give_back(manager, await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER.total_seconds()))


async def give_back(manager: JobManager, jobs: Iterable[Job]) -> None:
    """Put jobs that nobody works on any more back into the queue.

    Where the next one of the same kind waits there already, the dead one ends: it holds the lock that the next one needs.
    """
    for job in jobs:
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, Status.FAILED, delete_job=False)


@app.periodic(cron="15 18 * * *")
@app.task(name="forget_responses", queueing_lock="forget_responses")
def forget_responses(timestamp: int = 0) -> None:
    """Forget the responses kept for idempotency keys after a week."""
    RememberedResponse.objects.filter(recorded_at__lt=now() - _REMEMBER).delete()
