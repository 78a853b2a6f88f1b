"""The firm's side: the form, applying, the automatic decision, accepting, withdrawing, objecting, the timeline."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from rongtong.core.clock import china_date, now
from rongtong.core.ids import decode_id
from rongtong.origination import facade as origination
from rongtong.origination.api.rendering import (
    render_application,
    render_decision,
    render_objection,
    render_timeline,
)
from rongtong.origination.api.schemas import (
    ApplicationIn,
    ApplicationOut,
    ApplicationsOut,
    DecisionOut,
    FieldOut,
    ObjectionIn,
    ObjectionOut,
    Rendered,
    TimelineOut,
    WithdrawalIn,
)
from rongtong.origination.contracts import APPLICATION_FIELDS, ApplicationDraft, ApplicationState, Channel
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationKind
from rongtong.parties.facade import Action

router = Router()


@router.get("/fields", response=list[FieldOut], summary="The fields of the application form, at most fifteen")
def list_fields(request: HttpRequest) -> list[Rendered]:
    return [
        {
            "name": field.name,
            "label_zh": field.label_zh,
            "label_en": field.label_en,
            "kind": field.kind,
            "required": field.required,
            "prefilled": field.prefilled,
            "max_length": field.max_length,
            "choices": [{"value": value, "label_zh": zh, "label_en": en} for value, zh, en in field.choices],
        }
        for field in APPLICATION_FIELDS
    ]


@router.get("/applications", response=ApplicationsOut, summary="The caller's applications, the latest first")
def list_applications(
    request: HttpRequest,
    state: ApplicationState | None = None,
    page: Annotated[int, Field(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Field(ge=1, le=200)] = 20,
) -> Rendered:
    own = parties.require_membership(request)
    states = (state,) if state else ()
    if own.organisation_kind is OrganisationKind.ENTERPRISE:
        found = origination.applications_of(
            enterprise_id=own.organisation_id, states=states, page=page, page_size=page_size
        )
    else:
        lender = own.organisation_id if own.organisation_kind is OrganisationKind.INSTITUTION else None
        found = origination.applications_at(lender_id=lender, states=states, page=page, page_size=page_size)
    items = [render_application(one) for one in found.items]
    return {"items": items, "total": found.total, "page": found.page, "page_size": found.page_size}


@router.post("/applications", response={201: ApplicationOut}, summary="Apply for an offer; once per offer")
def submit_application(request: HttpRequest, given: ApplicationIn) -> Status[Rendered]:
    """The application as `submitted`. The lender's rules decide it right after, by a job: look at it again until its state
    is another one, which usually takes less than a second.

    The same content again is answered with the application that is there, other content with 409 `offer_taken`; a
    lender that no authorisation in force lets read the portrait with 409 `lender_not_authorised`.
    """
    own = parties.require_action(request, Action.SUBMIT_APPLICATION)
    values = given.dict()
    values["offer_id"] = decode_id("off", given.offer_id)
    application = origination.submit_application(
        draft=ApplicationDraft(**values, channel=Channel.API), actor=parties.actor_of_membership(own), at=now()
    )
    return Status(201, render_application(application))


@router.get("/applications/{application_id}", response=ApplicationOut, summary="One application")
def show_application(request: HttpRequest, application_id: str) -> Rendered:
    parties.require_membership(request)
    return render_application(origination.application(application_id=_id(application_id)))


@router.get("/applications/{application_id}/timeline", response=TimelineOut, summary="What was done and who is next")
def show_timeline(request: HttpRequest, application_id: str) -> Rendered:
    parties.require_membership(request)
    return render_timeline(origination.timeline(application_id=_id(application_id), at=now()))


@router.get(
    "/applications/{application_id}/decisions", response=list[DecisionOut], summary="Its decisions, the first one first"
)
def list_decisions(request: HttpRequest, application_id: str) -> list[Rendered]:
    parties.require_membership(request)
    origination.application(application_id=_id(application_id))
    return [render_decision(one) for one in origination.decisions_of(application_id=_id(application_id))]


@router.post(
    "/applications/{application_id}/automatic-decision",
    response=DecisionOut,
    summary="Have the lender's published rules decide, once",
)
def decide_application(request: HttpRequest, application_id: str) -> Rendered:
    own = parties.require_action(request, Action.APPLY_RULES)
    at = now()
    decision = origination.decide_application(
        application_id=_id(application_id), as_of=china_date(at), actor=parties.actor_of_membership(own), at=at
    )
    return render_decision(decision)


@router.post("/applications/{application_id}/acceptance", response=ApplicationOut, summary="Accept the terms granted")
def accept_decision(request: HttpRequest, application_id: str) -> Rendered:
    """The agreement is drawn up right after, by a job; asking for it does so at once."""
    own = parties.require_action(request, Action.ACCEPT_DECISION)
    application = origination.accept_decision(
        application_id=_id(application_id), actor=parties.actor_of_membership(own), at=now()
    )
    return render_application(application)


@router.post("/applications/{application_id}/withdrawal", response=ApplicationOut, summary="Withdraw the application")
def withdraw_application(request: HttpRequest, application_id: str, given: WithdrawalIn) -> Rendered:
    own = parties.require_action(request, Action.WITHDRAW_APPLICATION)
    application = origination.withdraw_application(
        application_id=_id(application_id),
        reason=given.reason,
        actor=parties.actor_of_membership(own),
        at=now(),
    )
    return render_application(application)


@router.get(
    "/applications/{application_id}/objections", response=list[ObjectionOut], summary="Objections and their answers"
)
def list_objections(request: HttpRequest, application_id: str) -> list[Rendered]:
    parties.require_membership(request)
    origination.application(application_id=_id(application_id))
    return [render_objection(one) for one in origination.objections_of(application_id=_id(application_id))]


@router.post(
    "/applications/{application_id}/objections",
    response={201: ObjectionOut},
    summary="Object to the decision that stands; answered in writing within 20 days",
)
def raise_objection(request: HttpRequest, application_id: str, given: ObjectionIn) -> Status[Rendered]:
    own = parties.require_action(request, Action.RAISE_OBJECTION)
    objection = origination.raise_objection(
        application_id=_id(application_id), text=given.text, actor=parties.actor_of_membership(own), at=now()
    )
    return Status(201, render_objection(objection))


def _id(application_id: str) -> UUID:
    return decode_id("app", application_id)
