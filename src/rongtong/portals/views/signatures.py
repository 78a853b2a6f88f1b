"""Signatures under authorisations that wait for a person: no register bears them out, or an agent signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Authorisation
from rongtong.core.clock import now
from rongtong.core.ids import decode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import LegalRepresentative, Organisation, OrganisationId, Role
from rongtong.parties.facade import Action
from rongtong.portals.access import for_action, for_roles
from rongtong.portals.deeds import FormRefused, attempt
from rongtong.portals.forms import CheckForm
from rongtong.portals.listing import asked, cut
from rongtong.portals.once import once


@dataclass(frozen=True)
class Waiting:
    """An authorisation that waits, its firm, and whom the register names."""

    consent: Authorisation
    firm: Organisation
    registered: LegalRepresentative | None


@require_safe
@for_roles(Role.OPERATOR)
def signatures(request: Any) -> HttpResponse:
    """What waits, the oldest first."""
    found = consent.awaiting_check(at=now())
    firms = parties.organisations(one.enterprise_id for one in found)
    known = parties.legal_representatives(one.enterprise_id for one in found)
    rows = [
        Waiting(one, firms[OrganisationId(one.enterprise_id)], known.get(OrganisationId(one.enterprise_id)))
        for one in found
    ]
    page = cut(rows, asked(request), words=lambda row: row.firm.name)
    return render(request, "portals/operator/signatures.html", {"list": page})


@require_POST
@for_action(Action.CHECK_SIGNATORY)
@once
def check(request: Any, consent_id: str) -> HttpResponse:
    """Confirm or reject, with what was checked or why not."""
    form = CheckForm(request.POST)
    key = decode_id("cns", consent_id)

    def deed() -> Authorisation:
        if not form.is_valid():
            raise FormRefused(form=form)
        act = consent.confirm_signatory if form.cleaned_data["outcome"] == "confirm" else consent.reject_signatory
        return act(consent_id=key, reason=form.cleaned_data["reason"], actor=request.actor, at=now())

    page = reverse("portals:operator_signatures")
    return attempt(request, deed, done=_("The check of the signature is recorded."), then=page, otherwise=page)


@require_safe
@for_roles(Role.OPERATOR)
def mandate(request: Any, mandate_id: str) -> HttpResponse:
    """The file of a power of attorney, to be saved and looked at."""
    found = consent.mandate(mandate_id=decode_id("mnd", mandate_id))
    endings = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
    response = HttpResponse(found.content, content_type="application/octet-stream")
    name = f"mandate-{found.digest[:12]}.{endings[found.media_type]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
