"""The firm's own portrait: what its records say, how fresh they are, what changed, and why the score is what it is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.consent import facade as consent
from rongtong.consent.contracts import ConsentState
from rongtong.core.clock import now
from rongtong.credit import facade as credit
from rongtong.features import facade as features
from rongtong.features.contracts import Portrait
from rongtong.parties.facade import Action
from rongtong.portals import charts
from rongtong.portals.access import OWNERS, deed_only, for_action, for_roles
from rongtong.portals.deeds import attempt
from rongtong.portals.once import once
from rongtong.portals.portraits import moves_of, portrait_view
from rongtong.workflows import journey


@require_safe
@for_roles(*OWNERS)
def portrait(request: Any) -> HttpResponse:
    """The newest portrait; before the first one, what is missing for it."""
    own, at = request.membership.organisation_id, now()
    found = own_portrait(request)
    if found is None:
        live = consent.has_live_consent(enterprise_id=own, at=at)
        return render(request, "portals/owner/portrait_missing.html", {"live": live})
    reading: dict[str, Any] = {"reader_id": own, "actor": request.actor, "at": at}
    change = features.portrait_changes(portrait_id=found.id, **reading)
    series = features.portrait_series(enterprise_id=own, **reading)
    context = {
        "live": consent.has_live_consent(enterprise_id=own, at=at),
        "view": portrait_view(found, permitted=permitted_items(request)),
        "moves": moves_of(change),
        "previous_as_of": change.previous_as_of,
        "history": _history(series) if len(series) > 1 else None,
    }
    return render(request, "portals/owner/portrait.html", context)


@deed_only
@for_action(Action.REFRESH_PORTRAIT)
@once
def refresh(request: Any) -> HttpResponse:
    """Collect what the sources hold up to today and portray the firm anew."""
    if not consent.has_live_consent(enterprise_id=request.membership.organisation_id, at=now()):
        messages.warning(
            request, _("None of your authorisations is in force, so nothing may be read. Authorise first.")
        )
        return HttpResponseRedirect(reverse("portals:owner_portrait"))
    return attempt(
        request,
        lambda: journey.refresh_firm(enterprise_id=request.membership.organisation_id, actor=request.actor, at=now()),
        done=_("Your records are collected and the portrait is up to date."),
        then=reverse("portals:owner_portrait"),
        otherwise=reverse("portals:owner_portrait"),
    )


def own_portrait(request: Any) -> Portrait | None:
    """The firm's newest portrait, if it has one."""
    try:
        return features.latest_portrait(
            enterprise_id=request.membership.organisation_id,
            reader_id=request.membership.organisation_id,
            actor=request.actor,
            at=now(),
        )
    except features.PortraitMissing:
        return None


def permitted_items(request: Any) -> frozenset[str]:
    """What the firm has authorised as it stands now, over all its authorisations."""
    at = now()
    return frozenset(
        str(item)
        for one in consent.consents_of(enterprise_id=request.membership.organisation_id, at=at)
        if one.state == ConsentState.ACTIVE
        for item in one.items
    )


def _history(series: tuple[Any, ...]) -> charts.Chart:
    points = [
        (point.as_of.isoformat(), credit.score(values=point.values, unknown=point.unknown, assumed=point.assumed).score)
        for point in series
    ]
    scores = [score for _day, score in points]
    low, high = min(scores) // 20 * 20 - 20, -(-max(scores) // 20) * 20 + 20
    return charts.history_chart(_("Score over time"), points, low=low, high=high, what=_("Score"))
