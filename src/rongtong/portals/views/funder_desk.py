"""The lender's desk: what waits for a person, the case with all that speaks for and against it, the decision."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Purpose
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.features import facade as features
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination.contracts import (
    Application,
    ApplicationId,
    ApplicationState,
    Decision,
    ObjectionState,
    Outcome,
    QueueRow,
)
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationId, Role
from rongtong.parties.facade import Action
from rongtong.portals.access import deed_only, for_action, for_roles
from rongtong.portals.applications_export import export_applications, export_queue
from rongtong.portals.deeds import FormRefused, attempt, chosen
from rongtong.portals.export import EXPORT_PAGE, whole
from rongtong.portals.forms import DecisionForm, wan_text
from rongtong.portals.listing import asked, listed
from rongtong.portals.once import once
from rongtong.portals.portraits import portrait_view
from rongtong.portals.timelines import standing

_FINAL = {ApplicationState.SIGNED, ApplicationState.WITHDRAWN, ApplicationState.LAPSED}
"""Where nothing can be decided anew."""


@require_safe
@for_roles(Role.FUNDER)
def desk(request: Any) -> HttpResponse:
    """What waits for a decision, the oldest first; signatures and objections that wait; then everything else."""
    wanted, own = asked(request), request.membership.organisation_id
    if wanted.export:
        return export_queue(wanted.export, whole(lambda number: _queue(own, number)))
    queue = origination.decision_queue(lender_id=own, at=now(), page=wanted.page)
    to_sign = origination.awaiting_lender_signature(lender_id=own)
    context = {
        "list": listed(queue.items, queue.total, wanted),
        "counts": origination.count_by_state(lender_id=own),
        "to_sign": to_sign.items,
        "to_sign_total": to_sign.total,
        "objections": origination.open_objections(lender_id=own),
    }
    return render(request, "portals/funder/desk.html", context)


@require_safe
@for_roles(Role.FUNDER)
def cases(request: Any) -> HttpResponse:
    """Every application to this lender."""
    wanted = asked(request)
    state = request.GET.get("state", "")
    states = [ApplicationState(state)] if state in set(ApplicationState) else []
    own = request.membership.organisation_id
    if wanted.export:
        return export_applications(wanted.export, whole(lambda number: _cases(own, states, number)))
    page = origination.applications_at(lender_id=own, states=states, page=wanted.page)
    context = {"list": listed(page.items, page.total, wanted), "state": state, "states": list(ApplicationState)}
    return render(request, "portals/funder/cases.html", context)


@require_safe
@for_roles(Role.FUNDER)
def case(request: Any, application_id: str) -> HttpResponse:
    """One application: firm, portrait, score, checks, decisions, and the form to decide."""
    return _case(request, _own(request, application_id))


def _case(request: Any, found: Application) -> HttpResponse:
    """The page of a case; after a deed that was refused, with what was entered still in its forms."""
    decisions = origination.decisions_of(application_id=found.id)
    portrait = _portrait(request, found)
    context = {
        "application": found,
        "firm": parties.organisation(found.enterprise_id),
        "exposure": next(
            iter(matching.exposure(enterprise_ids=[found.enterprise_id], lender_id=found.lender_id).values())
        ),
        "decision": decisions[-1] if decisions else None,
        "earlier": decisions[-2::-1],
        "standing": standing(found, origination.timeline(application_id=found.id, at=now())),
        "view": portrait_view(portrait) if portrait is not None else None,
        "proposal": origination.proposal_of(application_id=found.id),
        "objections": origination.objections_of(application_id=found.id),
        "final": found.state in _FINAL,
        "agreement": origination.agreement_of(application_id=found.id),
        "account_standing": origination.receiving_account_standing(application=found),
        "form": DecisionForm(request.POST if "reason" in request.POST else None, initial=_asked_for(found)),
        "entered": request.POST,
        "can_decide": found.state == ApplicationState.REFERRED,
    }
    return render(request, "portals/funder/case.html", context)


@deed_only
@for_action(Action.DECIDE_APPLICATION)
@once
def decide(request: Any, application_id: str) -> HttpResponse:
    """Approve, make a counter-offer or decline; above the four-eyes amount it is a proposal for a second person."""
    found = _own(request, application_id)

    def deed() -> Any:
        outcome = chosen(request, "outcome", Outcome)
        form = DecisionForm(request.POST)
        if not form.is_valid():
            raise FormRefused(form=form)
        given = form.cleaned_data
        terms = {} if outcome == Outcome.DECLINED else _terms(given)
        return origination.decide_manually(
            application_id=found.id, outcome=outcome, reason=given["reason"], actor=request.actor, at=now(), **terms
        )

    return attempt(
        request,
        deed,
        done=lambda made: (
            _("The decision is recorded and the firm is told.")
            if isinstance(made, Decision)
            else _("The proposal is recorded. A second person has to confirm it.")
        ),
        then=_url(found),
        again=lambda: _case(request, found),
    )


@deed_only
@for_action(Action.CONFIRM_PROPOSAL)
@once
def confirm(request: Any, application_id: str) -> HttpResponse:
    """The second person confirms a proposed decision."""
    found = _own(request, application_id)
    proposal = origination.proposal_of(application_id=found.id)
    if proposal is None:
        raise origination.ProposalUnknown()
    return attempt(
        request,
        lambda: origination.confirm_proposal(proposal_id=proposal.id, actor=request.actor, at=now()),
        done=_("The decision is confirmed and the firm is told."),
        then=_url(found),
        otherwise=_url(found),
    )


@deed_only
@for_action(Action.ANSWER_OBJECTION)
@once
def answer(request: Any, application_id: str) -> HttpResponse:
    """Answer the open objection in writing."""
    found = _own(request, application_id)
    open_ones = [
        one for one in origination.objections_of(application_id=found.id) if one.state == ObjectionState.RAISED
    ]
    if not open_ones:
        raise origination.ObjectionUnknown(objection=application_id)

    def deed() -> Any:
        state = chosen(request, "answer", ObjectionState)
        return origination.answer_objection(
            objection_id=open_ones[0].id,
            upheld=state == ObjectionState.UPHELD,
            text=request.POST.get("text", "")[:2000],
            actor=request.actor,
            at=now(),
        )

    return attempt(
        request, deed, done=_("The answer is sent to the firm."), then=_url(found), again=lambda: _case(request, found)
    )


def _terms(given: dict[str, Any]) -> dict[str, Any]:
    rate = given["annual_rate"]
    return {
        "amount_minor": given["amount"],
        "term_months": given["term_months"],
        "annual_rate": None if rate is None else rate / Decimal(100),
    }


def _asked_for(found: Application) -> dict[str, Any]:
    return {
        "amount": wan_text(found.amount_minor),
        "term_months": found.term_months,
        "annual_rate": f"{(found.annual_rate * 100).normalize():f}",
    }


def _portrait(request: Any, found: Application) -> Portrait | None:
    """The newest portrait, where the firm's authorisation lets this lender read it."""
    reading: dict[str, Any] = {"actor": request.actor, "at": now()}
    try:
        return features.latest_portrait(
            enterprise_id=found.enterprise_id, reader_id=found.lender_id, purpose=Purpose.FINANCING, **reading
        )
    except (consent.ConsentMissing, features.PortraitMissing):
        return None


def _queue(own: OrganisationId, number: int) -> tuple[tuple[QueueRow, ...], int]:
    page = origination.decision_queue(lender_id=own, at=now(), page=number, page_size=EXPORT_PAGE)
    return page.items, page.total


def _cases(own: OrganisationId, states: list[ApplicationState], number: int) -> tuple[tuple[Application, ...], int]:
    page = origination.applications_at(lender_id=own, states=states, page=number, page_size=EXPORT_PAGE)
    return page.items, page.total


def _own(request: Any, application_id: str) -> Application:
    found = origination.application(application_id=ApplicationId(decode_id("app", application_id)))
    if found.lender_id != request.membership.organisation_id:
        raise origination.ApplicationUnknown(application=application_id)
    return found


def _url(found: Application) -> str:
    return reverse("portals:funder_case", args=[encode_id("app", found.id)])
