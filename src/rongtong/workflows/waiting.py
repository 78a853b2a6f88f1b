"""What waits longer than it should, over all domains: the operator's list; and the job that ends or calls again what it can."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from rongtong.core.actors import Actor
from rongtong.core.cases import CaseKind, Exit, NextActor, Stage, WaitingCase
from rongtong.core.clock import china_date, end_of_day
from rongtong.core.ids import decode_id, encode_id
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.monitoring import facade as monitoring
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Application, Lapse
from rongtong.servicing import facade as servicing
from rongtong.workflows import financing, setting_aside
from rongtong.workflows.day import books_begun, days_to_close
from rongtong.workflows.setting_aside import attempt

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
_LAPSES = {
    ("application", "referred"): Lapse.NOT_DECIDED,
    ("application", "approved"): Lapse.NOT_ACCEPTED,
    ("application", "countered"): Lapse.NOT_ACCEPTED,
    ("agreement", "prepared"): Lapse.NOT_SIGNED_BY_FIRM,
    ("agreement", "signed_by_firm"): Lapse.NOT_SIGNED_BY_LENDER,
}
"""What the platform ends, and why; the lender's delays only after the days of a referral, until when they stand on the list."""
_LENDERS = {Lapse.NOT_DECIDED, Lapse.NOT_SIGNED_BY_LENDER}


def overdue_cases(*, at: datetime) -> tuple[WaitingCase, ...]:
    """Every case of every kind that is older than its deadline, the oldest deadline first."""
    with as_platform():
        found = [
            *origination.overdue_cases(at=at),
            *_unpaid(at),
            *servicing.overdue_cases(at=at),
            *monitoring.overdue_cases(at=at),
            *_set_aside(at),
            *_failed_jobs(at),
            *_open_days(at),
        ]
    return tuple(sorted(found, key=lambda one: (one.deadline, one.subject)))


def advance_overdue(*, actor: Actor, at: datetime) -> int:
    """End what nobody acted on in time and do again what a job should have done; how many cases moved. One never stops another."""
    moved = 0
    with as_platform():
        for one in financing.without_consent(enterprise_id=None, at=at):
            ending = partial(_end, one, actor, at)
            moved += bool(attempt("end_without_consent", encode_id("app", one.id), ending, at=at))
        for case in (*origination.overdue_cases(at=at), *_unpaid(at)):

            def do(case: WaitingCase = case) -> bool:
                return _advance(case, actor, at)

            moved += bool(attempt("advance_overdue", case.subject, do, at=at))
    return moved


def _end(one: Application, actor: Actor, at: datetime) -> bool:
    origination.lapse_application(application_id=one.id, reason=Lapse.CONSENT_ENDED, actor=actor, at=at)
    return True


def _advance(case: WaitingCase, actor: Actor, at: datetime) -> bool:
    if case.kind == "agreement":
        application_id = origination.agreement(agreement_id=decode_id("agr", case.subject)).application_id
    elif case.kind == "application":
        application_id = decode_id("app", case.subject)
    else:
        return False
    match case.state:
        case "submitted":
            financing.decide_submitted(application_id=application_id, at=at, last_try=True)
        case "accepted":
            financing.draw_up(application_id=application_id, at=at)
        case "signed":
            agreement = origination.agreement_of(application_id=application_id)
            assert agreement is not None, "what is signed has an agreement"
            financing.pay_out_signed(agreement_id=agreement.id, at=at)
        case _:
            reason = _LAPSES[case.kind, case.state]
            patience = credit.deadline_after("origination.referral_days", since=case.since)
            if reason in _LENDERS and at <= patience:
                return False
            origination.lapse_application(application_id=application_id, reason=reason, actor=actor, at=at)
    return True


def _unpaid(at: datetime) -> list[WaitingCase]:
    """Signed applications whose agreement has no facility yet, though its time is over."""
    signed = origination.signed_applications()
    late = {key: case for key, case in signed.items() if case.deadline < at}
    return [case for key, case in late.items() if servicing.facility_of_agreement(agreement_id=key) is None]


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
    from rongtong.workflows.jobs import given_up

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
