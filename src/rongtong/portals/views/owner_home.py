"""The firm's overview: the one thing to do next, and where everything stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.consent import facade as consent
from rongtong.core.clock import now
from rongtong.core.ids import encode_id
from rongtong.matching import facade as matching
from rongtong.matching.contracts import MatchResult, OfferState
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Application, ApplicationState
from rongtong.parties.facade import Action, may
from rongtong.portals import wording
from rongtong.portals.access import OWNERS, for_roles
from rongtong.portals.portraits import portrait_view
from rongtong.portals.views.owner_portrait import own_portrait, permitted_items
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import Loan, LoanState

_OVER = (ApplicationState.DECLINED, ApplicationState.WITHDRAWN, ApplicationState.LAPSED, ApplicationState.SIGNED)
_UNDER_WAY = tuple(state for state in ApplicationState if state not in _OVER)


@dataclass(frozen=True)
class NextStep:
    """What the firm can do now."""

    title: str
    text: str
    button: str
    url: str
    late: bool = False
    action: Action | None = None
    """What one has to be allowed for it; None where looking is all."""


@require_safe
@for_roles(*OWNERS)
def home(request: Any) -> HttpResponse:
    """The next step, the score, offers, applications, and how fresh the records are."""
    own, at = request.membership.organisation_id, now()
    live = consent.has_live_consent(enterprise_id=own, at=at)
    portrait = own_portrait(request)
    match = matching.latest_match(enterprise_id=own, at=at)
    applications = origination.applications_of(enterprise_id=own, page_size=5)
    turn = origination.awaiting_firm(enterprise_id=own, page_size=1).items
    under_way = origination.applications_of(enterprise_id=own, states=_UNDER_WAY, page_size=1).total
    loans = servicing.loans_of(enterprise_id=own, states=[LoanState.ACTIVE], overdue_only=True, page_size=1).items
    step = _overdue(loans) or (
        _for_application(turn[0]) if turn else _next(live, portrait is not None, match, applications.total, under_way)
    )
    context = {
        "next": step,
        "others_turn": step is not None and step.action is not None and not may(request.membership.role, step.action),
        "debts": servicing.debts_of(enterprise_id=own),
        "exposure": matching.exposure(enterprise_ids=[own])[own],
        "live": live,
        "view": portrait_view(portrait, permitted=permitted_items(request)) if portrait is not None else None,
        "offers": [one for one in match.offers if one.state == OfferState.SHOWN] if match else [],
        "applications": applications.items,
        "total_applications": applications.total,
    }
    return render(request, "portals/owner/home.html", context)


def _overdue(loans: tuple[Loan, ...]) -> NextStep | None:
    """What is overdue comes before all else: it costs more every day."""
    late = max((one for one in loans if one.overdue_minor), key=lambda one: one.overdue_days, default=None)
    if late is None:
        return None
    return NextStep(
        _("%(amount)s is overdue by %(days)s days")
        % {"amount": wording.amount_words(late.overdue_minor), "days": late.overdue_days},
        _("Keep it on the account the lender collects from; interest on arrears runs until it is paid."),
        _("See the loan"),
        reverse("portals:loan", args=[encode_id("loan", late.id)]),
        late=True,
    )


def _next(live: bool, portrayed: bool, match: MatchResult | None, applications: int, under_way: int) -> NextStep | None:
    """What the firm can do where no application waits for it; of the applications the number, and that of those under way."""
    if not live:
        return NextStep(
            _("Authorise your records"),
            _("Choose which records may be read, by whom, for what and until when. Without this nothing is read."),
            _("New authorisation"),
            reverse("portals:owner_consent_grant"),
            action=Action.GRANT_CONSENT,
        )
    if not portrayed:
        return NextStep(
            _("Have your portrait drawn"),
            _("Your authorisation is in force. Now the records are collected."),
            _("Go on"),
            reverse("portals:owner_portrait"),
        )
    if under_way:
        return None
    shown = [one for one in match.offers if one.state == OfferState.SHOWN] if match else []
    if shown:
        return NextStep(
            _("Compare offers and apply"),
            _("%(count)s offers stand, the amount of each reserved for you until it expires or you apply for another.")
            % {"count": len(shown)},
            _("See offers"),
            reverse("portals:owner_offers"),
        )
    if not applications:
        return NextStep(
            _("Find offers"),
            _("Lenders answer on the basis of your portrait, with the cost of each offer computed both ways."),
            _("See offers"),
            reverse("portals:owner_offers"),
        )
    return None


def _for_application(one: Application) -> NextStep:
    """What an application that waits for the firm waits for."""
    number = encode_id("app", one.id)
    if one.state == ApplicationState.ACCEPTED:
        return NextStep(
            _("Sign the agreement"),
            _("%(lender)s has drawn up the agreement you accepted.") % {"lender": one.lender_name},
            _("Read and sign"),
            reverse("portals:owner_application", args=[number]),
        )
    return NextStep(
        _("%(lender)s has decided") % {"lender": one.lender_name},
        _("Look at the terms and accept them, or let them go."),
        _("See the decision"),
        reverse("portals:owner_application", args=[number]),
    )
