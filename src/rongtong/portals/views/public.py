"""The public face, the way home after login, and the switches of theme and organisation."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from rongtong.core.ids import decode_id
from rongtong.credit import facade as credit
from rongtong.credit.contracts import AnnualCost, Instalment
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationId
from rongtong.portals import kept
from rongtong.portals.access import MembershipMissing, deed_only, for_roles
from rongtong.portals.context import THEME_COOKIE, THEMES
from rongtong.portals.navigation import HOMES

_YEAR = 365 * 24 * 3600


@require_safe
def home(request: Any) -> HttpResponse:
    """The public face; a member goes on to the home of the role."""
    if request.user.is_authenticated:
        if request.membership is None:
            raise MembershipMissing()
        return redirect(f"portals:{HOMES[request.membership.role]}")
    return render(request, "portals/public/home.html", {"example": _example()})


@require_safe
def authorise(request: HttpRequest) -> HttpResponse:
    """How an authorisation works, before one signs in."""
    return render(request, "portals/public/authorise.html")


@deed_only
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark or the system's choice in a cookie."""
    theme = request.POST.get("theme", "auto")
    response = HttpResponseRedirect(_back(request))
    response.set_cookie(
        THEME_COOKIE, theme if theme in THEMES else "auto", max_age=_YEAR, samesite="Lax", secure=request.is_secure()
    )
    return response


@deed_only
@for_roles()
def choose_organisation(request: Any) -> HttpResponse:
    """Act for another of one's organisations."""
    parties.choose_membership(
        request, organisation_id=OrganisationId(decode_id("org", request.POST.get("organisation", "")))
    )
    return redirect("portals:home")


@require_safe
@for_roles()
def kept_form(request: Any) -> HttpResponse:
    """What was sent after the sign-in had run out, to be sent again or let go."""
    found = kept.take(request)
    if found is None:
        return redirect("portals:home")
    return render(request, "portals/kept_form.html", {"kept": found})


def _back(request: HttpRequest) -> str:
    there = request.POST.get("next", "")
    return there if url_has_allowed_host_and_scheme(there, {request.get_host()}, request.is_secure()) else "/"


@cache
def _example() -> AnnualCost:
    """What “0.5 % a month” on the first amount costs where it is repaid in twelve equal parts: 120,000 against 12 × 10,600."""
    first = date(2026, 1, 15)
    instalments = [
        Instalment(number, credit.add_months(first, number), 1_000_000, 60_000, 0, 12_000_000 - number * 1_000_000)
        for number in range(1, 13)
    ]
    return credit.annual_cost_of_schedule(principal_minor=12_000_000, instalments=instalments, start_date=first)
