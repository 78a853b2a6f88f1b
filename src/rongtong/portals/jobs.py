"""The platform's jobs as its operator sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob, ProcrastinateWorker


@dataclass(frozen=True)
class JobCounts:
    """How many jobs there are in each state, and whether anybody works on them."""

    waiting: int
    doing: int
    failed: int
    done_today: int
    workers: int
    """Workers that gave a sign of life within the last minute."""


@dataclass(frozen=True)
class FailedJob:
    """A job that gave up."""

    id: int
    name: str
    attempts: int
    last_at: datetime | None


def job_counts(*, at: datetime) -> JobCounts:
    """The counts, and how many were done within the last day."""
    rows = dict(ProcrastinateJob.objects.values_list("status").annotate(Count("id")))
    done = ProcrastinateEvent.objects.filter(type="succeeded", at__gt=at - timedelta(days=1)).count()
    workers = ProcrastinateWorker.objects.filter(last_heartbeat__gt=at - timedelta(minutes=1)).count()
    return JobCounts(rows.get("todo", 0), rows.get("doing", 0), rows.get("failed", 0), done, workers)


def failed_jobs(*, limit: int = 20) -> Sequence[FailedJob]:
    """The jobs that gave up, the latest first."""
    rows = ProcrastinateJob.objects.filter(status="failed").annotate(last=Max("procrastinateevent__at"))
    return [FailedJob(row.id, row.task_name, row.attempts, row.last) for row in rows.order_by("-id")[:limit]]
