"""How jobs that fail are tried again."""

from __future__ import annotations

from procrastinate import BaseRetryStrategy, RetryDecision, RetryStrategy
from procrastinate.jobs import Job


class Retry(BaseRetryStrategy):
    """Try again after 3, 9, 27 … seconds, as often as said; a job that holds a place in the queue ends at once instead.

    Such a job is called again by the clock, and where the next one of its kind waits already, its place is taken: put
    back, it would break the queue's rule of one, and stay `doing` with its lock for ever.
    """

    def __init__(self, *, attempts: int) -> None:
        self.attempts = attempts
        self._waiting = RetryStrategy(max_attempts=attempts, exponential_wait=3)

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try again; None to give up."""
        if job.queueing_lock is not None:
            return None
        return self._waiting.get_retry_decision(exception=exception, job=job)

    def is_last(self, job: Job) -> bool:
        """Whether a job that runs now is not tried again if it fails."""
        return job.attempts >= self.attempts
