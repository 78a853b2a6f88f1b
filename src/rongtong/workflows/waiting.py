"""What waits longer than it should, over all domains: the operator's list; and the job that ends or calls again what it can."""

from __future__ import annotations

from datetime import datetime

from rongtong.core.actors import Actor
from rongtong.core.cases import CaseKind, Exit, NextActor, Stage, WaitingCase
from rongtong.core.ids import decode_id
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.monitoring import facade as monitoring
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Lapse
from rongtong.servicing import facade as servicing
from rongtong.workflows import financing
from rongtong.workflows.models import SetAside

JOB = CaseKind(
    "job",
    {"failed": Stage(NextActor.OPERATOR, (Exit("retry_job", ("todo",), NextActor.OPERATOR),), ":failed_at")},
    final=frozenset({"todo", "doing", "succeeded", "cancelled", "aborted"}),
)
SET_ASIDE = CaseKind(
    "set_aside",
    {"open": Stage(NextActor.PLATFORM, (Exit("try_again", ("settled",), NextActor.PLATFORM),), ":first_at")},
    final=frozenset({"settled"}),
)
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
            *_set_aside(),
            *_failed_jobs(at),
        ]
    return tuple(sorted(found, key=lambda one: (one.deadline, one.subject)))


def advance_overdue(*, actor: Actor, at: datetime) -> int:
    """End what nobody acted on in time and do again what a job should have done; how many cases moved. One never stops another."""
    from rongtong.workflows.setting_aside import attempt

    moved = 0
    with as_platform():
        financing.end_without_consent(enterprise_id=None, actor=actor, at=at)
        for case in (*origination.overdue_cases(at=at), *_unpaid(at)):

            def do(case: WaitingCase = case) -> bool:
                return _advance(case, actor, at)

            moved += bool(attempt("advance_overdue", case.subject, do, at=at))
    return moved


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


def _set_aside() -> list[WaitingCase]:
    stage = SET_ASIDE.stages["open"]
    return [
        WaitingCase(
            kind=SET_ASIDE.name,
            subject=row.subject,
            state="open",
            next_actor=stage.next_actor,
            actions=tuple(one.action for one in stage.exits),
            since=row.first_at,
            deadline=row.first_at,
            detail=f"{row.step}{f' {row.business_date}' if row.business_date else ''}: {row.code} {row.detail}"[:300],
        )
        for row in SetAside.objects.filter(settled_at=None).order_by("first_at")[:2000]
    ]


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
