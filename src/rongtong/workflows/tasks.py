"""Durable jobs: thin, in the transaction of what asks for them, safe to run twice."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from rongtong.attest import facade as attest
from rongtong.core.actors import system_actor
from rongtong.core.clock import china_date, now
from rongtong.core.models import Event, RememberedResponse
from rongtong.matching import facade as matching
from rongtong.monitoring.contracts import Disposition
from rongtong.servicing import facade as servicing
from rongtong.workflows import day, reactions
from rongtong.workflows.books import books_held

_RETRY = RetryStrategy(max_attempts=8, exponential_wait=3)
_STALLED_AFTER = timedelta(minutes=10)
_REMEMBER = timedelta(days=7)


@app.periodic(cron="* * * * *")
@app.task(
    name="send_instructions",
    retry=_RETRY,
    queueing_lock="send_instructions",
    lock="lender_banks",
)
def send_instructions(timestamp: int = 0) -> None:
    """Send what is prepared for the lenders' banks, where they answer."""
    if settings.SOURCES_URL:
        servicing.send_instructions(actor=system_actor("send_instructions"), at=now())


@app.periodic(cron="* * * * *")
@app.task(name="sequence_log", retry=_RETRY, queueing_lock="sequence_log", lock="attest")
def sequence_log(timestamp: int = 0) -> None:
    """Put waiting steps into the transparency log and sign a checkpoint."""
    while attest.sequence(at=now()):
        pass


@app.periodic(cron="*/15 * * * *")
@app.task(name="seal_rows", retry=_RETRY, queueing_lock="seal_rows", lock="attest")
def seal_rows(timestamp: int = 0) -> None:
    """Attest what was written since and is no step of its own: the audit trail, accesses, portraits, present states."""
    attest.seal_rows(at=now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="release_expired_offers", retry=_RETRY, queueing_lock="release_expired_offers")
def release_expired_offers(timestamp: int = 0) -> None:
    """Give the capacity behind expired offers back."""
    matching.release_expired(at=now())


@app.periodic(cron="30 17 * * *")
@app.task(name="close_of_business", retry=_RETRY, queueing_lock="close_of_business", lock="books")
def close_of_business(timestamp: int = 0) -> None:
    """Close the books up to yesterday; at half past one in China."""
    at = now()
    day.close_days(to=china_date(at) - timedelta(days=1), actor=system_actor("close_of_business"), at=at)


@app.task(name="thaw_limits", retry=_RETRY, lock="books")
def thaw_limits() -> None:
    """Give free the limits that no alarm holds any more."""
    at = now()
    with books_held():
        reactions.thaw_after_alarm(business_date=china_date(at), actor=system_actor("thaw_limits"), at=at)


def thaw_after_finding(event: Event) -> None:
    """Have limits given free again soon after a signal was found false."""
    if event.facts.get("disposition") == Disposition.FALSE_ALARM:
        thaw_limits.defer()


@app.periodic(cron="*/10 * * * *")
@app.task(name="retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int = 0) -> None:
    """Give jobs whose worker died back to the queue.

    Where the next one of the same kind waits there already, the dead one ends: it holds the lock that the next one needs.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER.total_seconds()):
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, Status.FAILED, delete_job=False)


@app.periodic(cron="15 18 * * *")
@app.task(name="forget_responses", queueing_lock="forget_responses")
def forget_responses(timestamp: int = 0) -> None:
    """Forget the responses kept for idempotency keys after a week."""
    RememberedResponse.objects.filter(recorded_at__lt=now() - _REMEMBER).delete()
