"""Jobs that gave up: which still matter, and how an operator has one done again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from rongtong.core.actors import Actor
from rongtong.core.errors import Conflict, NotFound
from rongtong.core.journal import Deed, record


class JobUnknown(NotFound):
    """There is no such job."""

    code = "job_unknown"
    message = _("There is no such job.")


class JobNotFailed(Conflict):
    """Only a job that gave up can be called again."""

    code = "job_not_failed"
    message = _("Only a job that gave up can be called again.")


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A job that gave up."""

    id: int
    name: str
    attempts: int
    failed_at: datetime | None


def given_up(*, limit: int = 500) -> list[GivenUp]:
    """The jobs that gave up, the latest first; of those that the clock calls again only the last, and only while no later one went well."""
    rows = ProcrastinateJob.objects.filter(status="failed").annotate(at=Max("procrastinateevent__at")).order_by("-id")
    well = dict(
        ProcrastinateJob.objects.filter(status="succeeded").exclude(queueing_lock=None).values_list("task_name")
        .annotate(last=Max("id"))
    )  # fmt: skip
    found: list[GivenUp] = []
    seen: set[str] = set()
    for row in rows[:5000]:
        if row.queueing_lock is not None:
            if row.task_name in seen or well.get(row.task_name, 0) > row.id:
                continue
            seen.add(row.task_name)
        found.append(GivenUp(row.id, row.task_name, row.attempts, row.at))
    return found[:limit]


def retry_job(*, job_id: int, actor: Actor, at: datetime) -> None:
    """Have a job that gave up done again, as a new one with what it was given. Raises JobUnknown, JobNotFailed."""
    with transaction.atomic():
        row = ProcrastinateJob.objects.filter(id=job_id).first()
        if row is None:
            raise JobUnknown(job=job_id)
        if row.status != "failed" or row.task_name not in app.tasks:
            raise JobNotFailed(job=job_id, status=row.status)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT procrastinate_retry_job_v2(%s, %s, NULL, NULL, NULL)", [job_id, at])
        except IntegrityError as error:  # the next one of its kind waits already, and does what is due
            raise JobNotFailed(job=job_id, status="todo") from error
        record(deed=Deed("job.retried", f"job_{job_id}", facts={"name": row.task_name}), actor=actor, at=at)
