"""The firm's applications: live status, the decision with its reasons, what the firm can do now."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.origination import facade as origination
from rongtong.origination.contracts import APPLICATION, Application, ApplicationId, ApplicationState, Outcome
from rongtong.parties.contracts import OrganisationId
from rongtong.parties.facade import Action
from rongtong.portals.access import OWNERS, deed_only, for_action, for_roles
from rongtong.portals.applications_export import export_applications
from rongtong.portals.deeds import attempt
from rongtong.portals.export import EXPORT_PAGE, whole
from rongtong.portals.listing import asked, listed
from rongtong.portals.once import once
from rongtong.portals.timelines import standing

_WAITING = {
    ApplicationState.SUBMITTED,
    ApplicationState.REFERRED,
    ApplicationState.ACCEPTED,
    ApplicationState.SIGNED,
}
"""What others move on while the firm looks at the page."""
_OPEN = {ApplicationState(state) for state in APPLICATION.stages} - {ApplicationState.SIGNED}


@require_safe
@for_roles(*OWNERS)
def applications(request: Any) -> HttpResponse:
    """Every application, the newest first."""
    wanted = asked(request)
    own = request.membership.organisation_id
    if wanted.export:
        return export_applications(wanted.export, whole(lambda number: _page(own, number)))
    page = origination.applications_of(enterprise_id=own, page=wanted.page)
    return render(request, "portals/owner/applications.html", {"list": listed(page.items, page.total, wanted)})


@require_safe
@for_roles(*OWNERS)
def application(request: Any, application_id: str) -> HttpResponse:
    """One application; with `?part=status` only its status, for the page to refresh itself."""
    return _application(request, _own(request, application_id))


def _application(request: Any, found: Application) -> HttpResponse:
    stands = standing(found, origination.timeline(application_id=found.id, at=now()))
    soon = found.state is ApplicationState.SUBMITTED or _awaits_agreement(found)
    context = {
        "application": found,
        "standing": stands,
        "live": stands.family == "application_state" and found.state in _WAITING,
        "soon": soon,
        "shown": f"{stands.state}.{soon:d}",
    }
    if request.GET.get("part") == "status":
        response = render(request, "portals/owner/application_status.html", context)
        if request.GET.get("shown") != context["shown"]:
            response["HX-Refresh"] = "true"  # more than the status has changed: the decision, or what can be done
        return response
    decisions = origination.decisions_of(application_id=found.id)
    decision = decisions[-1] if decisions else None
    context |= {
        "decision": decision,
        "earlier": decisions[-2::-1],
        "agreement": origination.agreement_of(application_id=found.id),
        "objections": origination.objections_of(application_id=found.id),
        "entered": request.POST,
        "can_withdraw": found.state in _OPEN,
        "can_object": decision is not None
        and decision.outcome is not Outcome.REFERRED
        and (found.state in _OPEN or found.state is ApplicationState.DECLINED),
    }
    return render(request, "portals/owner/application.html", context)


def _awaits_agreement(found: Application) -> bool:
    return found.state is ApplicationState.ACCEPTED and found.agreement_id is None


@deed_only
@for_action(Action.ACCEPT_DECISION)
@once
def accept(request: Any, application_id: str) -> HttpResponse:
    """Accept the terms; the agreement is drawn up by a job, and the page shows it when it is there."""
    found = _own(request, application_id)
    return attempt(
        request,
        lambda: origination.accept_decision(application_id=found.id, actor=request.actor, at=now()),
        done=_("You accepted the terms. The agreement is being drawn up and can be read and signed here in a moment."),
        then=_url(found),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_action(Action.WITHDRAW_APPLICATION)
@once
def withdraw(request: Any, application_id: str) -> HttpResponse:
    """Say what withdrawing does, then do it."""
    found = _own(request, application_id)
    if request.method != "POST":
        return render(request, "portals/owner/application_withdraw.html", {"application": found})
    reason = request.POST.get("reason", "").strip()[:500] or _("Withdrawn by the firm")
    return attempt(
        request,
        lambda: origination.withdraw_application(application_id=found.id, reason=reason, actor=request.actor, at=now()),
        done=_("The application is withdrawn."),
        then=_url(found),
    )


@deed_only
@for_action(Action.RAISE_OBJECTION)
@once
def objection(request: Any, application_id: str) -> HttpResponse:
    """Object to the decision: a person at the lender answers in writing."""
    found = _own(request, application_id)
    return attempt(
        request,
        lambda: origination.raise_objection(
            application_id=found.id, text=request.POST.get("text", "")[:2000], actor=request.actor, at=now()
        ),
        done=_("Your objection is with the lender. The answer comes in writing and stands here."),
        then=_url(found),
        again=lambda: _application(request, found),
    )


def _page(own: OrganisationId, number: int) -> tuple[tuple[Application, ...], int]:
    page = origination.applications_of(enterprise_id=own, page=number, page_size=EXPORT_PAGE)
    return page.items, page.total


def _own(request: Any, application_id: str) -> Application:
    found = origination.application(application_id=ApplicationId(decode_id("app", application_id)))
    if found.enterprise_id != request.membership.organisation_id:
        raise origination.ApplicationUnknown(application=application_id)
    return found


def _url(found: Application) -> str:
    return reverse("portals:owner_application", args=[encode_id("app", found.id)])
