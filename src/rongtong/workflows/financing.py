"""From an approval to the money: both sides sign, the facility opens, the lender is instructed to pay."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from rongtong.core.actors import Actor, Right
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Agreement, AgreementState, ApplicationState, Side
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import Loan


def sign_both_sides(*, application_id: UUID, actor: Actor, at: datetime) -> Agreement:
    """Accept the terms for the firm, draw the agreement up, sign it for both sides: for the loop over many firms."""
    application = origination.application(application_id=application_id)
    firm = actor.acting_for(application.enterprise_id, right=Right.PLAYED)
    lender = actor.acting_for(application.lender_id, right=Right.PLAYED)
    if application.state in {ApplicationState.APPROVED, ApplicationState.COUNTERED}:
        origination.accept_decision(application_id=application_id, actor=firm, at=at)
    agreement = origination.agreement_of(application_id=application_id) or origination.prepare_agreement(
        application_id=application_id, actor=firm, at=at
    )
    if agreement.state == AgreementState.PREPARED:
        agreement = origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=firm, at=at)
    if agreement.state == AgreementState.SIGNED_BY_FIRM:
        agreement = origination.sign_agreement(agreement_id=agreement.id, side=Side.LENDER, actor=lender, at=at)
    return agreement


def pay_out(*, agreement_id: UUID, business_date: date, actor: Actor, at: datetime) -> Loan:
    """Open the facility of a signed agreement and write the drawdown instruction; a job sends it to the lender."""
    agreement = origination.agreement(agreement_id=agreement_id)
    facility = servicing.open_facility(agreement=agreement, actor=actor, at=at)
    return servicing.request_drawdown(
        facility_id=facility.id,
        amount_minor=facility.first_drawdown_minor,
        business_date=business_date,
        actor=actor,
        at=at,
    )
