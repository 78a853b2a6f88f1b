"""What waits longer than it should, over all domains: the operator's list; and the job that ends or calls again what it can."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db.models import Max

from rongtong.core.actors import Actor
from rongtong.core.cases import WaitingCase
from rongtong.core.ids import decode_id, encode_id
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.monitoring import facade as monitoring
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Application, Lapse
from rongtong.servicing import facade as servicing
from rongtong.workflows import financing, own_cases
from rongtong.workflows.models import LoopRun
from rongtong.workflows.setting_aside import attempt

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
            *_due_by_promise(at),
            *servicing.overdue_cases(at=at),
            *monitoring.overdue_cases(at=at),
            *own_cases.overdue_cases(at=at),
        ]
    return tuple(sorted(found, key=lambda one: (one.deadline, one.subject)))


def advance_overdue(*, actor: Actor, at: datetime) -> int:
    """End what nobody acted on in time and do again what a job should have done; how many cases moved. One never stops another."""
    moved = 0
    with as_platform():
        for one in financing.without_consent(enterprise_id=None, at=at):
            ending = partial(_end, one, actor, at)
            moved += bool(attempt("end_without_consent", encode_id("app", one.id), ending, at=at))
        for case in _applications(at):

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
            return _draw_up(application_id, case, actor, at)
        case "signed":
            agreement = origination.agreement_of(application_id=application_id)
            assert agreement is not None, "what is signed has an agreement"
            financing.pay_out_signed(agreement_id=agreement.id, at=at)
        case _:
            reason = _LAPSES[case.kind, case.state]
            patience = credit.deadline_after(
                "origination.referral_days", since=max(case.since, handed_over(case.since))
            )
            if reason in _LENDERS and at <= patience:
                return False
            origination.lapse_application(application_id=application_id, reason=reason, actor=actor, at=at)
    return True


def handed_over(since: datetime) -> datetime:
    """From when on deadlines count: a demonstration's history was played before anybody could act on it."""
    if not settings.DEMO:
        return since
    return LoopRun.objects.aggregate(last=Max("finished_at"))["last"] or since


def _applications(at: datetime) -> list[WaitingCase]:
    """What is overdue of applications, up to their facility, by deadlines that somebody could have kept."""
    found = []
    for case in _due_by_promise(at):
        late = max(handed_over(case.since) - case.since, timedelta(0))
        if case.deadline + late < at:
            found.append(replace(case, deadline=case.deadline + late))
    return found


def _due_by_promise(at: datetime) -> list[WaitingCase]:
    """The same by the deadlines that desks and firms see, a demonstration's played ones too."""
    return [*origination.overdue_cases(at=at), *_unpaid(at)]


def _draw_up(application_id: UUID, case: WaitingCase, actor: Actor, at: datetime) -> bool:
    """Draw the agreement up; where the lender has no licence any more, wait as for its other delays, then let it lapse."""
    try:
        financing.draw_up(application_id=application_id, at=at)
    except origination.LicenceLapsed:
        if at <= credit.deadline_after("origination.referral_days", since=case.since):
            return False
        reason = Lapse.LENDER_UNLICENSED
        origination.lapse_application(application_id=application_id, reason=reason, actor=actor, at=at)
    return True


def _unpaid(at: datetime) -> list[WaitingCase]:
    """Signed applications whose agreement has no facility yet, though its time is over."""
    signed = origination.signed_applications()
    late = {key: case for key, case in signed.items() if case.deadline < at}
    return [case for key, case in late.items() if servicing.facility_of_agreement(agreement_id=key) is None]
