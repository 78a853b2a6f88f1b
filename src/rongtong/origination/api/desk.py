"""The lender's desk: what waits, deciding it, the second person, answering objections."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from rongtong.core.clock import now
from rongtong.core.ids import decode_id
from rongtong.origination import facade as origination
from rongtong.origination.api.rendering import (
    render_application,
    render_decision,
    render_objection,
    render_proposal,
)
from rongtong.origination.api.schemas import AnswerIn, DecisionOut, DeskIn, DeskOut, ObjectionOut, QueueOut, Rendered
from rongtong.origination.contracts import Decision
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.parties.facade import Action

router = Router()


@router.get("/queue", response=QueueOut, summary="What waits for a person at the desk, the oldest first")
def list_queue(
    request: HttpRequest,
    page: Annotated[int, Field(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Field(ge=1, le=200)] = 20,
) -> Rendered:
    own = parties.require_membership(request, Role.FUNDER)
    found = origination.decision_queue(lender_id=own.organisation_id, at=now(), page=page, page_size=page_size)
    items = [
        {
            "application": render_application(row.application),
            "score": row.score,
            "grade": row.grade,
            "reasons_zh": list(row.reasons_zh),
            "reasons_en": list(row.reasons_en),
            "deadline": row.deadline,
            "overdue": row.overdue,
            "exposure_minor": row.exposure.total_minor,
            "exposure_own_minor": row.exposure.own_minor,
            "exposure_limit_minor": row.exposure.limit_minor,
        }
        for row in found.items
    ]
    return {"items": items, "total": found.total, "page": found.page, "page_size": found.page_size}


@router.post(
    "/applications/{application_id}/desk-decision",
    response=DeskOut,
    summary="Decide what was referred: approve, offer other terms, or decline, with a reason",
)
def decide_manually(request: HttpRequest, application_id: str, given: DeskIn) -> Rendered:
    own = parties.require_action(request, Action.DECIDE_APPLICATION)
    made = origination.decide_manually(
        application_id=decode_id("app", application_id),
        outcome=given.outcome,
        reason=given.reason,
        amount_minor=given.amount_minor,
        term_months=given.term_months,
        annual_rate=given.annual_rate,
        actor=parties.actor_of_membership(own),
        at=now(),
    )
    if isinstance(made, Decision):
        return {"decision": render_decision(made)}
    return {"proposal": render_proposal(made)}


@router.post(
    "/proposals/{proposal_id}/confirmation",
    response=DecisionOut,
    summary="Confirm a proposed decision, as another person",
)
def confirm_proposal(request: HttpRequest, proposal_id: str) -> Rendered:
    own = parties.require_action(request, Action.CONFIRM_PROPOSAL)
    decision = origination.confirm_proposal(
        proposal_id=decode_id("prp", proposal_id), actor=parties.actor_of_membership(own), at=now()
    )
    return render_decision(decision)


@router.get("/objections", response=list[ObjectionOut], summary="Objections that wait for the lender's answer")
def list_open_objections(request: HttpRequest) -> list[Rendered]:
    own = parties.require_membership(request, Role.FUNDER)
    return [render_objection(one) for one in origination.open_objections(lender_id=own.organisation_id)]


@router.post("/objections/{objection_id}/answer", response=ObjectionOut, summary="Answer an objection in writing")
def answer_objection(request: HttpRequest, objection_id: str, given: AnswerIn) -> Rendered:
    own = parties.require_action(request, Action.ANSWER_OBJECTION)
    objection = origination.answer_objection(
        objection_id=decode_id("obj", objection_id),
        upheld=given.upheld,
        text=given.text,
        actor=parties.actor_of_membership(own),
        at=now(),
    )
    return render_objection(objection)
