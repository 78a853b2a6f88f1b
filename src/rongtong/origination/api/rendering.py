"""Contracts as the API gives them: prefixed ids, rates as strings."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from uuid import UUID

from rongtong.core.ids import encode_id
from rongtong.origination import facade as origination
from rongtong.origination.api.schemas import Rendered
from rongtong.origination.contracts import (
    Agreement,
    AgreementCheck,
    Application,
    Decision,
    LoanCode,
    Objection,
    Proposal,
    Timeline,
)


def render_application(one: Application) -> Rendered:
    return {
        "id": encode_id("app", one.id),
        "enterprise": encode_id("ent", one.enterprise_id),
        "enterprise_name": one.enterprise_name,
        "lender": encode_id("org", one.lender_id),
        "lender_name": one.lender_name,
        "offer": encode_id("off", one.offer_id),
        "product_name_zh": one.product_name_zh,
        "product_name_en": one.product_name_en,
        "product_version": one.product_version,
        "amount_minor": one.amount_minor,
        "term_months": one.term_months,
        "repayment_method": one.repayment_method,
        "annual_rate": str(one.annual_rate),
        "fees_minor": one.fees_minor,
        "purpose": one.purpose.value,
        "purpose_note": one.purpose_note,
        "contact_name": one.contact_name,
        "account": one.account_tail,
        "human_review": one.human_review,
        "channel": one.channel.value,
        "state": one.state,
        "submitted_at": one.submitted_at,
        "state_since": one.state_since,
        "decision": _id("dec", one.decision_id),
        "agreement": _id("agr", one.agreement_id),
    }


def render_decision(one: Decision) -> Rendered:
    return {
        "id": encode_id("dec", one.id),
        "application": encode_id("app", one.application_id),
        "number": one.number,
        "outcome": one.outcome,
        "decided_by": one.decided_by.value,
        "amount_minor": one.amount_minor,
        "term_months": one.term_months,
        "annual_rate": _rate(one.annual_rate),
        "fees_minor": one.fees_minor,
        "annual_cost_simple": _rate(one.annual_cost_simple),
        "annual_cost_effective": _rate(one.annual_cost_effective),
        "score": one.score,
        "grade": one.grade,
        "scorecard_version": one.scorecard_version,
        "rulebook_version": one.rulebook_version,
        "product_version": one.product_version,
        "checks": [{**asdict(check), "state": check.state.value} for check in one.checks],
        "reasons": [asdict(reason) for reason in one.reasons],
        "fixes": [asdict(fix) for fix in one.fixes],
        "conditions": [asdict(condition) for condition in one.conditions],
        "notes": list(one.notes),
        "actor_name": one.actor_name,
        "actor_organisation": _organisation(one.actor_organisation_id),
        "actor_right": one.actor_right,
        "decided_at": one.decided_at,
        "as_of": one.as_of,
        "latency_ms": one.latency_ms,
        "digest": one.digest,
    }


def render_proposal(one: Proposal) -> Rendered:
    return {
        "id": encode_id("prp", one.id),
        "application": encode_id("app", one.application_id),
        "outcome": one.outcome,
        "amount_minor": one.amount_minor,
        "term_months": one.term_months,
        "annual_rate": _rate(one.annual_rate),
        "reason": one.reason,
        "proposed_by": one.proposed_by,
        "proposed_at": one.proposed_at,
    }


def render_objection(one: Objection) -> Rendered:
    return {
        "id": encode_id("obj", one.id),
        "application": encode_id("app", one.application_id),
        "decision": encode_id("dec", one.decision_id),
        "state": one.state.value,
        "text": one.text,
        "raised_at": one.raised_at,
        "deadline": one.deadline,
        "answer": one.answer,
        "answered_at": one.answered_at,
        "answered_by": one.answered_by,
    }


def render_timeline(one: Timeline) -> Rendered:
    return {
        "application": encode_id("app", one.application_id),
        "state": one.state,
        "steps": [asdict(step) for step in one.steps],
        "next_actor": one.next_actor,
        "next_actor_name": one.next_actor_name,
        "next_action": one.next_action,
        "next_title": one.next_title,
        "next_deadline": one.next_deadline,
    }


def render_agreement(one: Agreement) -> Rendered:
    application = origination.application(application_id=one.application_id)
    return {
        "id": encode_id("agr", one.id),
        "number": one.number,
        "application": encode_id("app", one.application_id),
        "decision": encode_id("dec", one.decision_id),
        "amount_minor": one.amount_minor,
        "term_months": one.term_months,
        "annual_rate": str(one.annual_rate),
        "penalty_rate": str(one.penalty_rate),
        "fees_minor": one.fees_minor,
        "repayment_method": one.repayment_method,
        "annual_cost_simple": str(one.annual_cost_simple),
        "annual_cost_effective": str(one.annual_cost_effective),
        "start_date": one.start_date,
        "state": one.state.value,
        "pdf_digest": one.pdf_digest,
        "prepared_at": one.prepared_at,
        "firm_signed_at": one.firm_signed_at,
        "lender_signed_at": one.lender_signed_at,
        "account_bank": application.account_bank,
        "account_ending": application.account_number[-4:],
        "account_standing": origination.receiving_account_standing(application=application),
        "signers": [
            {
                "stage": signer.stage,
                "actor_kind": signer.actor.kind,
                "actor_id": signer.actor.id,
                "actor_name": signer.actor.name,
                "actor_organisation": _organisation(signer.actor.organisation_id),
                "actor_right": signer.actor.right,
                "recorded_at": signer.recorded_at,
            }
            for signer in origination.signers_of(agreement_id=one.id)
        ],
    }


def render_check(one: AgreementCheck) -> Rendered:
    return {
        "ok": one.ok,
        "digest": one.digest,
        "known": one.agreement_id is not None,
        "signatures": [asdict(signature) for signature in one.signatures],
        "problems": list(one.problems),
    }


def render_loan_code(one: LoanCode) -> Rendered:
    return {
        "token": one.token,
        "url": one.url,
        "qr_svg": one.qr_svg,
        "lender": encode_id("org", one.lender_id),
        "product": encode_id("prd", one.product_id),
        "for_one_firm": one.enterprise_id is not None,
        "expires_at": one.expires_at,
    }


def _id(prefix: str, value: UUID | None) -> str | None:
    return None if value is None else encode_id(prefix, value)


def _rate(rate: Decimal | None) -> str | None:
    return None if rate is None else str(rate)


def _organisation(organisation_id: UUID | None) -> str | None:
    return encode_id("org", organisation_id) if organisation_id else None
