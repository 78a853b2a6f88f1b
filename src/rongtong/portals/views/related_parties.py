"""The related parties (关联方) of a lender or of the platform: whom it may not finance, as it declares them itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.core.clock import now
from rongtong.origination import facade as origination
from rongtong.parties.facade import Action
from rongtong.portals.access import for_action
from rongtong.portals.deeds import FormRefused, attempt
from rongtong.portals.forms import RelatedPartyForm
from rongtong.portals.listing import asked, cut
from rongtong.portals.once import once


@for_action(Action.DECLARE_RELATED_PARTY)
@once
def related_parties(request: Any) -> HttpResponse:
    """What is declared, and the form for one more."""
    form = RelatedPartyForm(request.POST) if request.method == "POST" else RelatedPartyForm()
    if request.method == "POST":
        return attempt(
            request,
            lambda: _declare(request, form),
            done=_("The related party is declared; its financing is barred from now on."),
            then=reverse("portals:related_parties"),
            again=lambda: _shown(request, form),
        )
    return _shown(request, form)


def _declare(request: Any, form: RelatedPartyForm) -> None:
    if not form.is_valid():
        raise FormRefused(form=form)
    origination.declare_related_party(
        of=request.membership.organisation_id, **form.cleaned_data, actor=request.actor, at=now()
    )


def _shown(request: Any, form: RelatedPartyForm) -> HttpResponse:
    rows = origination.related_parties(of=request.membership.organisation_id)
    page = cut(rows, asked(request), words=lambda row: f"{row.value} {row.relation}")
    return render(request, "portals/shared/related_parties.html", {"list": page, "form": form})
