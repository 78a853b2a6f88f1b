"""Reads of decisions, proposals and objections."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.core.clock import china_date
from rongtong.core.errors import NotFound
from rongtong.core.ids import encode_id
from rongtong.matching import facade as matching
from rongtong.origination import models
from rongtong.origination.contracts import (
    ApplicationState,
    CheckResult,
    CheckState,
    DecidedBy,
    Decision,
    DecisionId,
    DecisionReason,
    Objection,
    ObjectionId,
    ObjectionState,
    Outcome,
    Proposal,
    QueuePage,
    QueueRow,
)
from rongtong.origination.queries import applications
from rongtong.origination.rules.working_days import working_days_after
from rongtong.parties.contracts import OrganisationId
from rongtong.rulebook import facade as rulebook


class DecisionUnknown(NotFound):
    """There is no decision under this id, or not for who asks."""

    code = "decision_unknown"
    message = _("There is no such decision.")


class ObjectionUnknown(NotFound):
    """There is no objection under this id, or not for who asks."""

    code = "objection_unknown"
    message = _("There is no such objection.")


def decision(*, decision_id: UUID) -> Decision:
    """One decision. Raises DecisionUnknown."""
    row = models.Decision.objects.filter(id=decision_id).first()
    if row is None:
        raise DecisionUnknown(decision=encode_id("dec", decision_id))
    return decision_contract(row)


def decisions_of(*, application_id: UUID) -> tuple[Decision, ...]:
    """An application's decisions, the first one first; the last one stands."""
    found = models.Decision.objects.filter(application_id=application_id).order_by("number")
    return tuple(map(decision_contract, found))


def latest_decision(*, application_id: UUID) -> Decision | None:
    """The decision that stands."""
    row = models.Decision.objects.filter(application_id=application_id).order_by("-number").first()
    return None if row is None else decision_contract(row)


def decisions(*, decision_ids: Sequence[UUID]) -> dict[DecisionId, Decision]:
    """Many decisions in one query; those unknown are left out."""
    found = models.Decision.objects.filter(id__in=set(decision_ids))
    return {DecisionId(row.id): decision_contract(row) for row in found}


def decision_queue(*, lender_id: UUID, at: datetime, page: int = 1, page_size: int = 20) -> QueuePage:
    """What waits for a person at a lender's desk, the oldest first; five queries a page."""
    waiting = applications.rows().filter(lender_id=lender_id, state=ApplicationState.REFERRED.value)
    page, page_size = applications.page_bounds(page, page_size)
    first = (page - 1) * page_size
    found = list(waiting.order_by("state_since", "id")[first : first + page_size])
    latest = decisions(decision_ids=[row.decision_id for row in found if row.decision_id])  # type: ignore[attr-defined]  # annotated
    today = china_date(at)
    owed = matching.exposure(enterprise_ids=[row.enterprise_id for row in found], lender_id=lender_id)
    items = []
    for row in found:
        stands = latest.get(DecisionId(row.decision_id))  # type: ignore[attr-defined]  # annotated
        deadline = desk_deadline(row.state_since)
        items.append(
            QueueRow(
                application=applications.contract(row),
                score=stands.score if stands else None,
                grade=stands.grade if stands else None,
                outcome=stands.outcome.value if stands else None,
                reasons_zh=tuple(one.text_zh for one in stands.reasons) if stands else (),
                reasons_en=tuple(one.text_en for one in stands.reasons) if stands else (),
                deadline=deadline,
                overdue=deadline < today,
                exposure=owed[OrganisationId(row.enterprise_id)],
            )
        )
    return QueuePage(tuple(items), waiting.count(), page, page_size)


def business_date(decision: Decision, at: datetime) -> date:
    """The day of the books at a moment after a decision: as many days after its own as have passed in the world."""
    return decision.as_of + (china_date(at) - china_date(decision.decided_at))


def desk_deadline(since: datetime) -> date:
    """The day by which the desk answers what was referred to it."""
    day = china_date(since)
    return working_days_after(day, int(rulebook.value("origination.decision_days", on=day)))


def proposal_of(*, application_id: UUID) -> Proposal | None:
    """The desk's decision that waits for a second person, if one does."""
    row = models.Proposal.objects.filter(application_id=application_id, state="pending").first()
    return None if row is None else proposal_contract(row)


def objections_of(*, application_id: UUID) -> tuple[Objection, ...]:
    """The firm's objections to the decisions of an application, the first one first."""
    found = models.Objection.objects.filter(application_id=application_id).order_by("raised_at", "id")
    return tuple(map(objection_contract, found))


def open_objections(*, lender_id: UUID | None = None) -> tuple[Objection, ...]:
    """What waits for a written answer (of one lender, or of all), the nearest deadline first; at most 500."""
    found = models.Objection.objects.filter(state=ObjectionState.RAISED.value)
    if lender_id is not None:
        found = found.filter(lender_id=lender_id)
    return tuple(map(objection_contract, found.order_by("deadline", "id")[:500]))


def objection(*, objection_id: UUID) -> Objection:
    """One objection. Raises ObjectionUnknown."""
    row = models.Objection.objects.filter(id=objection_id).first()
    if row is None:
        raise ObjectionUnknown(objection=str(objection_id))
    return objection_contract(row)


def decision_contract(row: models.Decision) -> Decision:
    """A decision's row as others see it."""
    result = json.loads(row.result)
    terms: dict[str, Any] = result["terms"] or {}
    return Decision(
        id=DecisionId(row.id),
        application_id=row.application_id,
        enterprise_id=row.enterprise_id,
        lender_id=row.lender_id,
        number=row.number,
        outcome=Outcome(row.outcome),
        decided_by=DecidedBy(row.decided_by),
        amount_minor=row.amount_minor,
        term_months=terms.get("term_months"),
        annual_rate=_decimal(terms.get("annual_rate")),
        fees_minor=terms.get("fees_minor"),
        repayment_method=terms.get("repayment_method"),
        annual_cost_simple=_decimal(terms.get("cost_simple")),
        annual_cost_effective=_decimal(terms.get("cost_effective")),
        score=row.score,
        grade=row.grade or None,
        scorecard_version=row.scorecard_version,
        rulebook_version=row.rulebook_version,
        product_version=row.product_version,
        portrait_id=row.portrait_id,
        portrait_digest=row.portrait_digest,
        checks=tuple(CheckResult(**{**one, "state": CheckState(one["state"])}) for one in result["checks"]),
        reasons=tuple(DecisionReason(**one) for one in result["reasons"]),
        fixes=tuple(DecisionReason(**one) for one in result["fixes"]),
        conditions=tuple(DecisionReason(**one) for one in result["conditions"]),
        notes=tuple(result["notes"]),
        inputs=json.loads(row.inputs),
        note=row.note,
        actor_name=row.actor_name,
        actor_organisation_id=row.actor_organisation_id,
        actor_right=row.actor_right,
        decided_at=row.decided_at,
        as_of=row.as_of,
        latency_ms=row.latency_ms,
        digest=row.digest,
    )


def proposal_contract(row: models.Proposal) -> Proposal:
    """A proposal's row as others see it."""
    return Proposal(
        id=row.id,
        application_id=row.application_id,
        outcome=Outcome(row.outcome),
        amount_minor=row.amount_minor,
        term_months=row.term_months,
        annual_rate=row.annual_rate,
        reason=row.reason,
        proposed_by=row.proposer_name,
        proposed_at=row.proposed_at,
    )


def objection_contract(row: models.Objection) -> Objection:
    """An objection's row as others see it."""
    return Objection(
        id=ObjectionId(row.id),
        application_id=row.application_id,
        decision_id=row.decision_id,
        enterprise_id=row.enterprise_id,
        lender_id=row.lender_id,
        state=ObjectionState(row.state),
        text=row.text,
        raised_at=row.raised_at,
        deadline=row.deadline,
        answer=row.answer,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
