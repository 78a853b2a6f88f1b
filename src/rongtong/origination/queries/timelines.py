"""Where an application stands: what was done, what is next, by whom and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongtong.core.clock import china_date
from rongtong.core.money import format_yuan
from rongtong.core.tenancy import as_platform
from rongtong.credit.contracts import RepaymentMethod
from rongtong.origination import models
from rongtong.origination.contracts import (
    Agreement,
    AgreementState,
    Application,
    ApplicationState,
    DecidedBy,
    Lapse,
    ObjectionState,
    Timeline,
    TimelineStep,
)
from rongtong.origination.queries import agreements, applications
from rongtong.origination.queries.decisions import desk_deadline, proposal_of
from rongtong.origination.queries.payouts import paid_out_at
from rongtong.origination.rules.working_days import working_days_after
from rongtong.parties import facade as parties
from rongtong.rulebook import facade as rulebook

_AUTOMATIC = DecidedBy.AUTOMATIC.value
TITLES: dict[str, str | Promise] = {
    "application.submitted": _("Application submitted"),
    "application.decided": _("Decision"),
    "application.decided.approved": _("Approved"),
    "application.decided.declined": _("Declined"),
    "application.decided.referred": _("Passed to a person at the lender"),
    "application.decided.countered": _("Counter-offer by the lender"),
    "application.withdrawn": _("Withdrawn by the firm"),
    "application.lapsed": _("Lapsed"),
    "decision.proposed": _("Decision proposed, a second person confirms"),
    "decision.accepted": _("Terms accepted by the firm"),
    "agreement.prepared": _("Agreement drawn up"),
    "agreement.signed.firm": _("Signed by the firm"),
    "agreement.signed.lender": _("Signed by the lender"),
    "objection.raised": _("Objection raised by the firm"),
    "objection.answered": _("Objection answered by the lender"),
    "loan.paid_out": _("Paid out by the lender"),
}
"""What each step is called, in the reader's language."""

LAPSES: dict[str, str | Promise] = {
    Lapse.CONSENT_ENDED: _("The authorisation for this lender had ended before the decision"),
    Lapse.NOT_DECIDED: _("The lender did not decide in time"),
    Lapse.NOT_ACCEPTED: _("The firm did not accept the terms in time"),
    Lapse.NOT_SIGNED_BY_FIRM: _("The firm did not sign the agreement in time"),
    Lapse.NOT_SIGNED_BY_LENDER: _("The lender did not sign the agreement in time"),
    Lapse.LENDER_UNLICENSED: _("The lender had no licence in force to draw the agreement up"),
}
"""Why an application lapsed, in the reader's language."""

ACTIONS: dict[str, str | Promise] = {
    "decide_application": _("The platform applies the lender's rules"),
    "decide_manually": _("The lender decides"),
    "confirm_proposal": _("A second person at the lender confirms the decision"),
    "accept_decision": _("The firm looks at the terms and accepts them"),
    "prepare_agreement": _("The agreement is drawn up"),
    "sign_agreement.firm": _("The firm signs the agreement"),
    "sign_agreement.lender": _("The lender signs the agreement"),
    "pay_out": _("The lender pays out"),
    "request_drawdown": _("The credit line is open: the firm orders a drawdown when it needs the money"),
    "answer_objection": _("The lender answers the objection in writing"),
}
"""What each awaited action is called, in the reader's language."""

_PATH = (
    ("application.submitted", "application.submitted"),
    ("application.decided", "application.decided"),
    ("decision.accepted", "decision.accepted"),
    ("agreement.prepared", "agreement.prepared"),
    ("agreement.signed", "agreement.signed.firm"),
    ("agreement.signed", "agreement.signed.lender"),
    ("loan.paid_out", "loan.paid_out"),
)


_HELD_BY_OBJECTION = (ApplicationState.APPROVED, ApplicationState.COUNTERED, ApplicationState.ACCEPTED)
"""Where the lender answers before anything else goes on."""


@dataclass(frozen=True, slots=True)
class _Next:
    actor: str | None
    action: str
    deadline: date | None


def timeline(*, application_id: UUID, at: datetime) -> Timeline:
    """The steps of an application, the next actor by name, and the day until which it has to act.

    Deadlines follow the service promise of the rulebook (“135”) and the law's days for objections. Raises
    ApplicationUnknown.
    """
    application = applications.application(application_id=application_id)
    agreement = agreements.agreement_of(application_id=application_id)
    rows = list(application_steps(application_id))
    known = parties.organisations({row.actor_organisation_id for row in rows if row.actor_organisation_id})
    names: dict[UUID, str] = {key: one.name for key, one in known.items()}
    done = [_done(row, names) for row in rows]
    paid_at = paid_out_at(agreement.id) if agreement and application.state is ApplicationState.SIGNED else None
    if paid_at is not None:
        done.append(_paid(application, paid_at))
    awaited = _next(application, agreement) if paid_at is None else _Next(None, "", None)
    ahead = () if paid_at is not None else _PATH[_steps_taken(application.state, agreement) :]
    return Timeline(
        application_id=application.id,
        state=application.state,
        steps=(*done, *(_ahead(name, key, awaited) for name, key in ahead)),
        next_actor=awaited.actor,
        next_actor_name=_actor_name(awaited.actor, application),
        next_action=awaited.action.partition(".")[0],
        next_title=str(ACTIONS[awaited.action]) if awaited.action else "",
        next_deadline=awaited.deadline,
    )


def application_steps(application_id: UUID) -> Iterable[models.Step]:
    """The rows of what was done, the first one first."""
    return models.Step.objects.filter(application_id=application_id).order_by("occurred_at", "id")


def _steps_taken(state: ApplicationState, agreement: Agreement | None) -> int:
    """How many steps of the path lie behind; all of them where there is no way on."""
    if state is ApplicationState.ACCEPTED and agreement is not None and agreement.state is not AgreementState.VOID:
        return 4 if agreement.state is AgreementState.PREPARED else 5
    return {
        ApplicationState.SUBMITTED: 1,
        ApplicationState.REFERRED: 1,
        ApplicationState.APPROVED: 2,
        ApplicationState.COUNTERED: 2,
        ApplicationState.ACCEPTED: 3,
        ApplicationState.SIGNED: 6,
    }.get(state, len(_PATH))


def _next(application: Application, agreement: Agreement | None) -> _Next:
    since = china_date(application.state_since)
    objections = models.Objection.objects.filter(application_id=application.id)
    objection = objections.filter(state=ObjectionState.RAISED.value).first()
    if objection is not None and application.state in _HELD_BY_OBJECTION:
        return _Next("lender", "answer_objection", objection.deadline)
    answered = objections.exclude(answered_at=None).order_by("-answered_at").first()
    if answered is not None and answered.answered_at is not None:
        since = max(since, china_date(answered.answered_at))
    match application.state:
        case ApplicationState.SUBMITTED:
            return _Next("platform", "decide_application", _promise("origination.answer_days", since))
        case ApplicationState.REFERRED:
            action = "confirm_proposal" if proposal_of(application_id=application.id) else "decide_manually"
            return _Next("lender", action, desk_deadline(application.state_since))
        case ApplicationState.APPROVED | ApplicationState.COUNTERED:
            return _Next("firm", "accept_decision", _acceptance(since))
        case ApplicationState.ACCEPTED:
            return _signing(agreement, since)
        case ApplicationState.SIGNED:
            if application.repayment_method == RepaymentMethod.REVOLVING:
                return _Next("firm", "request_drawdown", None)
            return _Next("lender", "pay_out", _promise("origination.payout_days", since))
    if objection is not None:
        return _Next("lender", "answer_objection", objection.deadline)
    return _Next(None, "", None)


def _signing(agreement: Agreement | None, since: date) -> _Next:
    if agreement is None or agreement.state is AgreementState.VOID:
        return _Next("platform", "prepare_agreement", _promise("origination.answer_days", since))
    if agreement.state is AgreementState.PREPARED:
        return _Next("firm", "sign_agreement.firm", _acceptance(since))
    assert agreement.firm_signed_at is not None, "the firm signs first"
    signed = max(since, china_date(agreement.firm_signed_at))
    return _Next("lender", "sign_agreement.lender", _promise("origination.decision_days", signed))


def _promise(rule_id: str, since: date) -> date:
    return working_days_after(since, int(rulebook.value(rule_id, on=since)))


def _acceptance(since: date) -> date:
    return since + timedelta(days=int(rulebook.value("origination.acceptance_days", on=since)))


def _done(row: models.Step, names: Mapping[UUID, str]) -> TimelineStep:
    told = row.facts.get("outcome") or row.facts.get("side") or ""
    title = TITLES.get(f"{row.name}.{told}") or TITLES.get(row.name, row.name)
    amount = row.facts.get("amount_minor")
    return TimelineStep(
        name=row.name,
        title=str(title),
        done=True,
        occurred_at=row.occurred_at,
        # whoever handed the application in only set the rules going
        actor_name=str(_("Automatic rules")) if row.facts.get("decided_by") == _AUTOMATIC else row.actor_name,
        deadline=None,
        actor_organisation=names.get(row.actor_organisation_id, "") if row.actor_organisation_id else "",
        actor_right=row.actor_right,
        detail=f"¥{format_yuan(amount)}" if amount else _detail(row),
    )


def _paid(application: Application, at: datetime) -> TimelineStep:
    """The last step of the way; what follows is the loan's."""
    return TimelineStep(
        name="loan.paid_out",
        title=str(TITLES["loan.paid_out"]),
        done=True,
        occurred_at=at,
        actor_name=application.lender_name,
        deadline=None,
    )


def _detail(row: models.Step) -> str:
    lapse = LAPSES.get(row.facts.get("code", ""))
    return str(lapse or row.facts.get("number") or row.facts.get("reason") or "")


def _ahead(name: str, key: str, awaited: _Next) -> TimelineStep:
    deadline = awaited.deadline if awaited.action and _leads_to(awaited.action) == key else None
    return TimelineStep(
        name=name, title=str(TITLES[key]), done=False, occurred_at=None, actor_name="", deadline=deadline
    )


def _leads_to(action: str) -> str:
    return {
        "decide_application": "application.decided",
        "decide_manually": "application.decided",
        "confirm_proposal": "application.decided",
        "accept_decision": "decision.accepted",
        "prepare_agreement": "agreement.prepared",
        "sign_agreement.firm": "agreement.signed.firm",
        "sign_agreement.lender": "agreement.signed.lender",
        "pay_out": "loan.paid_out",
        "request_drawdown": "loan.paid_out",
    }.get(action, "")


def _actor_name(actor: str | None, application: Application) -> str:
    if actor == "firm":
        return application.enterprise_name
    if actor == "lender":
        return application.lender_name
    if actor == "platform":
        with as_platform():
            return parties.platform().name
    return ""
