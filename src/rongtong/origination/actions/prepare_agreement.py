"""Draw up the agreement of accepted terms: a PDF that says the same in the same bytes whenever it is drawn up."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from rongtong.core.actors import Actor
from rongtong.core.canonical import canonical_json, digest
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.credit.contracts import Instalment, RepaymentMethod
from rongtong.origination import models
from rongtong.origination.actions.move_application import ApplicationMoved, held_application
from rongtong.origination.actions.record_step import Evidence, record_step
from rongtong.origination.actions.require_licence import require_licence
from rongtong.origination.actions.require_party import NotAParty
from rongtong.origination.adapters.typesetting import typeset_agreement
from rongtong.origination.contracts import Agreement, AgreementState, Application, ApplicationState, Decision
from rongtong.origination.queries import agreements, applications
from rongtong.origination.queries.decisions import business_date, decisions_of
from rongtong.origination.queries.evidence import AGREEMENT, evidence_bytes
from rongtong.origination.rules.agreement import AgreementDraft, agreement_content
from rongtong.parties import facade as parties
from rongtong.rulebook import facade as rulebook

_RATE = Decimal("0.00000001")


def prepare_agreement(*, application_id: UUID, actor: Actor, at: datetime) -> Agreement:
    """Prepare the agreement of an accepted decision; preparing again gives the agreement that is there,
    unless it is void.

    Either side may ask for it. Raises NotAParty, ApplicationUnknown, ApplicationMoved, LicenceLapsed.
    """
    application = applications.application(application_id=application_id)
    if actor.kind != "system" and actor.organisation_id not in {application.enterprise_id, application.lender_id}:
        raise NotAParty()
    known = agreements.agreement_of(application_id=application_id)
    if known is not None and known.state is not AgreementState.VOID:
        return known
    if application.state is not ApplicationState.ACCEPTED:
        raise ApplicationMoved(application=encode_id("app", application_id), state=application.state.value)
    draft = _draft(application, at)
    content = canonical_json(agreement_content(draft)).decode()
    pdf = typeset_agreement(content=content, dated=draft.start_date)
    try:
        with transaction.atomic():
            row = held_application(application_id)
            if row.state != ApplicationState.ACCEPTED.value:
                raise ApplicationMoved(application=encode_id("app", row.id), state=row.state)
            agreement = _write(row, draft, content, at)
            document = add_part(agreement, AgreementState.PREPARED, whole=pdf, part=pdf, actor=actor, at=at)
            record_step(
                application=row,
                name="agreement.prepared",
                subject=encode_id("agr", agreement.id),
                actor=actor,
                at=at,
                facts={"number": draft.number, "pdf_digest": document.digest},
                evidence=Evidence("agreement", agreement.id, evidence_bytes(agreement, AGREEMENT)),
            )
    except IntegrityError:
        known = agreements.agreement_of(application_id=application_id)
        if known is None:
            raise
        return known
    prepared = agreements.agreement_of(application_id=application_id)
    assert prepared is not None, "it was just written"
    return prepared


def _draft(application: Application, at: datetime) -> AgreementDraft:
    made = decisions_of(application_id=application.id)
    decision, on = made[-1], business_date(made[-1], at)
    assert decision.amount_minor is not None
    assert decision.term_months is not None
    assert decision.annual_rate is not None
    assert decision.annual_cost_simple is not None
    assert decision.annual_cost_effective is not None
    with as_platform():
        platform = parties.platform()
        sides = parties.organisations([application.enterprise_id, application.lender_id])
    rate = decision.annual_rate.quantize(_RATE)
    return AgreementDraft(
        number=_number(application, on),
        decision=encode_id("dec", decision.id),
        lender=next(one for key, one in sides.items() if key == application.lender_id),
        licence=require_licence(application.lender_id, on),
        borrower=next(one for key, one in sides.items() if key == application.enterprise_id),
        platform=platform,
        amount_minor=decision.amount_minor,
        fees_minor=decision.fees_minor or 0,
        term_months=decision.term_months,
        start_date=on,
        method=RepaymentMethod(application.repayment_method),
        annual_rate=rate,
        penalty_rate=(rate * _multiple("loan.overdue_multiplier", "loan.overdue_multiplier", on)).quantize(_RATE),
        misuse_rate=(rate * _multiple("origination.misuse_multiplier", "loan.misuse_multiplier", on)).quantize(_RATE),
        cost_simple=decision.annual_cost_simple,
        cost_effective=decision.annual_cost_effective,
        instalments=_instalments(application, decision, rate, on),
        purpose=application.purpose.value,
        purpose_note=application.purpose_note,
        account_bank=application.account_bank,
        account_number=application.account_number,
        contact_name=application.contact_name,
        contact_role=application.contact_role,
        contact_phone=application.contact_phone,
        consents=tuple(made[0].inputs.get("consents", ())),
        objection_days=int(rulebook.value("consent.objection_answer_days", on=on)),
    )


def _number(application: Application, on: date) -> str:
    """The agreement's number; of one drawn up anew, with how many came before it."""
    before = models.Agreement.objects.filter(application_id=application.id).count()
    number = f"RT{on:%Y%m%d}-{encode_id('app', application.id)[-10:].upper()}"
    return f"{number}-{before + 1}" if before else number


_BOUNDS = {
    "loan.overdue_multiplier": ("loan.overdue_multiplier_min", "loan.overdue_multiplier_max"),
    "loan.misuse_multiplier": ("loan.misuse_multiplier_min", "loan.misuse_multiplier_max"),
}
"""Between which multiples of the contract rate penalty interest lies by law."""


def _multiple(rule_id: str, bounded_by: str, on: date) -> Decimal:
    """The house's multiple of the contract rate, held within the law's lowest and highest."""
    low, high = (rulebook.value(one, on=on) for one in _BOUNDS[bounded_by])
    return min(max(rulebook.value(rule_id, on=on), low), high)


def _instalments(application: Application, decision: Decision, rate: Decimal, on: date) -> tuple[Instalment, ...]:
    assert decision.amount_minor is not None
    assert decision.term_months is not None
    return credit.repayment_schedule(
        method=RepaymentMethod(application.repayment_method),
        principal_minor=decision.amount_minor,
        annual_rate=rate,
        start_date=on,
        term_months=decision.term_months,
        on=on,
    )


def _write(row: models.Application, draft: AgreementDraft, content: str, at: datetime) -> models.Agreement:
    latest = row.decisions.order_by("-number").values_list("id", flat=True)[0]
    return models.Agreement.objects.create(
        number=draft.number,
        application_id=row.id,
        decision_id=latest,
        enterprise_id=row.enterprise_id,
        lender_id=row.lender_id,
        amount_minor=draft.amount_minor,
        term_months=draft.term_months,
        annual_rate=draft.annual_rate,
        penalty_rate=draft.penalty_rate,
        fees_minor=draft.fees_minor,
        repayment_method=draft.method.value,
        annual_cost_simple=draft.cost_simple,
        annual_cost_effective=draft.cost_effective,
        start_date=draft.start_date,
        content=content,
        prepared_at=at,
    )


def add_part(
    agreement: models.Agreement, stage: AgreementState, *, whole: bytes, part: bytes, actor: Actor, at: datetime
) -> models.Document:
    """Keep what a stage appended to the document."""
    return models.Document.objects.create(
        agreement_id=agreement.id,
        enterprise_id=agreement.enterprise_id,
        lender_id=agreement.lender_id,
        stage=stage.value,
        part=part,
        digest=digest(whole),
        recorded_at=at,
        **actor.columns(),
    )
