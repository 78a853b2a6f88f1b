"""The platform's own kinds of cases: jobs that gave up, what jobs set aside, days of the books that are not closed."""

from __future__ import annotations

from datetime import datetime, timedelta

from rongtong.core.cases import CaseKind, Exit, NextActor, Stage, WaitingCase
from rongtong.core.clock import china_date, end_of_day
from rongtong.core.ids import encode_id
from rongtong.credit import facade as credit
from rongtong.workflows import setting_aside
from rongtong.workflows.day import books_begun, days_to_close
from rongtong.workflows.jobs import given_up

JOB = CaseKind(
    "job",
    {"failed": Stage(NextActor.OPERATOR, (Exit("retry_job", ("todo",), NextActor.OPERATOR),), ":failed_at")},
    final=frozenset({"todo", "doing", "succeeded", "cancelled", "aborted"}),
)
SET_ASIDE = CaseKind(
    "set_aside",
    {
        "open": Stage(
            NextActor.OPERATOR,
            (
                Exit("try_again", ("settled",), NextActor.PLATFORM),
                Exit("retry_set_aside", ("settled",), NextActor.OPERATOR),
                Exit("settle_set_aside", ("settled",), NextActor.OPERATOR),
            ),
            "servicing.set_aside_hours",
        )
    },
    final=frozenset({"settled"}),
)
BUSINESS_DAY = CaseKind(
    "business_day",
    {
        "open": Stage(
            NextActor.PLATFORM, (Exit("close_days", ("closed",), NextActor.PLATFORM),), "servicing.close_hours"
        )
    },
    final=frozenset({"closed"}),
)
CASE_KINDS = (JOB, SET_ASIDE, BUSINESS_DAY)
"""The kinds of cases that are no domain's own."""


def overdue_cases(*, at: datetime) -> list[WaitingCase]:
    """Those past their deadline."""
    return [*_set_aside(at), *_failed_jobs(at), *_open_days(at)]


def _set_aside(at: datetime) -> list[WaitingCase]:
    stage = SET_ASIDE.stages["open"]
    found = [
        WaitingCase(
            kind=SET_ASIDE.name,
            subject=encode_id("sas", row.id),
            state="open",
            next_actor=stage.next_actor,
            actions=tuple(one.action for one in stage.exits),
            since=row.first_at,
            deadline=credit.deadline_after(stage.deadline, since=row.first_at),
            detail=f"{row.subject} {row.step}{f' {row.business_date}' if row.business_date else ''}: {row.code} {row.detail}"[
                :300
            ],
        )
        for row in setting_aside.open_lines(limit=2000)
    ]
    return [one for one in found if one.deadline < at]


def _open_days(at: datetime) -> list[WaitingCase]:
    """Days of the books that are over and not closed."""
    stage = BUSINESS_DAY.stages["open"]
    found: list[WaitingCase] = []
    if not books_begun():
        return found
    for day in days_to_close(china_date(at) - timedelta(days=1)):
        since = end_of_day(day)
        found.append(
            WaitingCase(
                kind=BUSINESS_DAY.name,
                subject=day.isoformat(),
                state="open",
                next_actor=stage.next_actor,
                actions=tuple(one.action for one in stage.exits),
                since=since,
                deadline=credit.deadline_after(stage.deadline, since=since),
            )
        )
    return [one for one in found if one.deadline < at]


def _failed_jobs(at: datetime) -> list[WaitingCase]:
    """Jobs that gave up; of those that the clock calls, none once a later one of the kind succeeded."""
    stage = JOB.stages["failed"]
    return [
        WaitingCase(
            kind=JOB.name,
            subject=f"job_{job.id}",
            state="failed",
            next_actor=stage.next_actor,
            actions=tuple(one.action for one in stage.exits),
            since=job.failed_at or at,
            deadline=job.failed_at or at,
            detail=job.name,
        )
        for job in given_up()
    ]
