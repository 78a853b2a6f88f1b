"""A lender's desk decides what was referred to it: approve, on other terms, or decline, always with a reason."""

from __future__ import annotations

import time
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Offer, OfferId, OfferState, ProductId
from rongtong.origination import models
from rongtong.origination.actions.move_application import ApplicationMoved, held_application
from rongtong.origination.actions.record_step import record_step
from rongtong.origination.actions.require_party import require_party
from rongtong.origination.actions.write_decision import Verdict, write_decision
from rongtong.origination.contracts import Application, ApplicationState, DecidedBy, Decision, Outcome, Proposal
from rongtong.origination.queries import applications
from rongtong.origination.queries.decision_inputs import manual_inputs
from rongtong.origination.queries.decisions import (
    business_date,
    decision_contract,
    latest_decision,
    proposal_contract,
)
from rongtong.origination.rules.form import clean_text
from rongtong.origination.rules.policy import decide
from rongtong.parties.contracts import OrganisationId
from rongtong.rulebook import facade as rulebook

_GRANTS = {Outcome.APPROVED, Outcome.COUNTERED}
_REASON_MAX = 2000


class DeskReasonMissing(Invalid):
    """A desk's decision came without a reason, or with one of more than 2,000 characters."""

    code = "desk_reason_missing"
    message = _("Please give the reason for this decision, in at most 2,000 characters.")


class DeskTermsInvalid(Invalid):
    """The desk's terms cannot be granted; `field` names the one, `bound` what it must keep to."""

    code = "desk_terms_invalid"
    message = _("These terms cannot be granted: please look at the amount, the term and the rate.")


class DecisionBarred(Conflict):
    """What no desk can waive stands against it: licence, region, a relation, the cap on the annual cost, the firm's limit."""

    code = "decision_barred"
    message = _("The law or the platform's rules bar this decision: %(texts)s")


def decide_manually(
    *,
    application_id: UUID,
    outcome: Outcome,
    reason: str,
    actor: Actor,
    at: datetime,
    amount_minor: int | None = None,
    term_months: int | None = None,
    annual_rate: Decimal | None = None,
) -> Decision | Proposal:
    """Decide a referred application; terms left out are those applied for, other terms than those are a counter-offer.

    Where the firm would have the four-eyes amount or more at this lender, with its other applications, agreements and
    loans there, a person's decision is a proposal, which a second person confirms; the platform's own jobs need none. Raises NotAParty, ApplicationUnknown, ApplicationMoved, DeskReasonMissing,
    DeskTermsInvalid, DecisionBarred, and OfferNotOpen where the capacity behind the offer has run out.
    """
    started = time.perf_counter()
    application = applications.application(application_id=application_id)
    require_party(actor, application.lender_id)
    told = clean_text(reason)
    if not told or len(told) > _REASON_MAX:
        raise DeskReasonMissing()
    if application.state is not ApplicationState.REFERRED:
        raise ApplicationMoved(application=encode_id("app", application_id), state=application.state.value)
    proposal = _proposal(application, outcome, told, terms=(amount_minor, term_months, annual_rate))
    with transaction.atomic():
        row = held_application(application_id)
        matching.lock_exposure(enterprise_id=application.enterprise_id)
        verdict = judge_proposal(application, proposal, started=started, at=at)
        if _needs_second(application, proposal, actor, at):
            return _propose(row, proposal, actor, at)
        return decision_contract(write_decision(row, verdict, actor=actor, at=at))


def judge_proposal(application: Application, proposal: models.Proposal, *, started: float, at: datetime) -> Verdict:
    """A desk's proposal as a verdict, under the lock of the firm's exposure. Raises DeskTermsInvalid, DecisionBarred, OfferNotOpen."""
    previous = latest_decision(application_id=application.id)
    assert previous is not None, "what is referred was decided once"
    outcome, terms, as_of = Outcome(proposal.outcome), None, business_date(previous, at)
    with as_platform():  # the lists of related parties are not the desk's own
        product = matching.product(product_id=ProductId(application.product_id))
        if outcome in _GRANTS:
            _check_terms(application, proposal, matching.offer(offer_id=OfferId(application.offer_id)))
            assert proposal.amount_minor is not None
            assert proposal.term_months is not None
            assert proposal.annual_rate is not None
            terms = matching.priced_terms(
                amount_minor=proposal.amount_minor,
                asked_minor=application.amount_minor,
                term_months=proposal.term_months,
                method=application.repayment_method,
                annual_rate=proposal.annual_rate,
                fee_rate=product.fee_rate,
                as_of=as_of,
            )
        inputs = manual_inputs(
            application=application,
            product=product,
            proposal={"outcome": outcome.value, "reason": proposal.reason},
            previous={"decision": encode_id("dec", previous.id), "digest": previous.digest},
            terms=terms,
            as_of=as_of,
        )
    result = decide(inputs)
    if result["barred"]:
        failed = [check for check in result["checks"] if check["code"] in result["barred"]]
        language, gap = ("zh", "；") if (get_language() or "zh").startswith("zh") else ("en", "; ")
        raise DecisionBarred(checks=result["barred"], texts=gap.join(check[f"text_{language}"] for check in failed))
    return Verdict(inputs, result, DecidedBy.MANUAL, as_of, started, note=proposal.reason)


def _proposal(
    application: Application, outcome: Outcome, reason: str, *, terms: tuple[int | None, int | None, Decimal | None]
) -> models.Proposal:
    if outcome not in {*_GRANTS, Outcome.DECLINED}:
        raise DeskTermsInvalid(field="outcome", bound="approved, countered, declined")
    row = models.Proposal(
        application_id=application.id,
        enterprise_id=application.enterprise_id,
        lender_id=application.lender_id,
        outcome=outcome.value,
        reason=reason,
    )
    if outcome in _GRANTS:
        asked = (application.amount_minor, application.term_months, application.annual_rate)
        granted = (
            application.amount_minor if terms[0] is None else terms[0],
            application.term_months if terms[1] is None else terms[1],
            application.annual_rate if terms[2] is None else terms[2],
        )
        row.amount_minor, row.term_months, row.annual_rate = granted
        row.outcome = (Outcome.APPROVED if granted == asked else Outcome.COUNTERED).value
    return row


def _check_terms(application: Application, proposal: models.Proposal, offer: Offer) -> None:
    assert proposal.amount_minor is not None
    assert proposal.term_months is not None
    assert proposal.annual_rate is not None
    if offer.state is not OfferState.APPLIED:
        raise matching.OfferNotOpen(offer=encode_id("off", offer.id), state=offer.state.value)
    if not 0 < proposal.amount_minor <= offer.amount_minor:
        raise DeskTermsInvalid(field="amount_minor", bound=f"1..{offer.amount_minor}")
    if not 1 <= proposal.term_months <= 360:
        raise DeskTermsInvalid(field="term_months", bound="1..360")
    if not 0 < proposal.annual_rate < 1 or proposal.annual_rate != round(proposal.annual_rate, 6):
        raise DeskTermsInvalid(field="annual_rate", bound="0..1, 0.000001")


def _needs_second(application: Application, proposal: models.Proposal, actor: Actor, at: datetime) -> bool:
    """Whether the firm would have that much at this lender: what is granted here with all that stands beside it there."""
    if actor.kind == "system" or not proposal.amount_minor:
        return False
    firm = OrganisationId(application.enterprise_id)
    beside = matching.exposure(
        enterprise_ids=[firm],
        on=china_date(at),
        lender_id=application.lender_id,
        without=OfferId(application.offer_id),
    )[firm]
    at_this_lender = beside.own_minor + proposal.amount_minor
    return at_this_lender >= rulebook.value("origination.four_eyes_amount", on=china_date(at)) * 100


def _propose(row: models.Application, proposal: models.Proposal, actor: Actor, at: datetime) -> Proposal:
    if row.state != ApplicationState.REFERRED.value:
        raise ApplicationMoved(application=encode_id("app", row.id), state=row.state)
    row.proposals.filter(state="pending").update(state="replaced")
    proposal.proposer_id, proposal.proposer_name, proposal.proposed_at = actor.person_id[:80], actor.name[:200], at
    proposal.actor_organisation_id, proposal.actor_right = actor.organisation_id, actor.right
    proposal.save(force_insert=True)
    record_step(
        application=row,
        name="decision.proposed",
        subject=encode_id("app", row.id),
        actor=actor,
        at=at,
        facts={"outcome": proposal.outcome, "amount_minor": proposal.amount_minor},
    )
    return proposal_contract(proposal)
