"""Agreements for both sides: read, sign, download, and check that nothing was changed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rongtong.core.clock import now
from rongtong.core.errors import Invalid, Unavailable
from rongtong.core.ids import decode_id
from rongtong.core.uploads import takes_files
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Agreement, AgreementId, AgreementState, ObjectionState, Side
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationId, Role
from rongtong.parties.facade import Action
from rongtong.portals.access import OWNERS, deed_only, for_action, for_roles
from rongtong.portals.deeds import attempt
from rongtong.portals.once import once

_LARGEST = 2 * 1024 * 1024


@require_safe
@for_roles(*OWNERS, Role.FUNDER)
def agreement(request: Any, agreement_id: str) -> HttpResponse:
    """The agreement in short, its document, and who has signed."""
    found = _party(request, agreement_id)
    side = _side(request)
    application = origination.application(application_id=found.application_id)
    objections = origination.objections_of(application_id=found.application_id)
    held = next((one for one in objections if one.state is ObjectionState.RAISED), None)
    turn = None if held else _turn(found)
    context = {
        "agreement": found,
        "application": application,
        "account_standing": origination.receiving_account_standing(application=application),
        "check": origination.verify_agreement(pdf=origination.agreement_pdf(agreement_id=found.id)),
        "my_turn": turn == side,
        "turn": turn,
        "objection": held,
        "side": side,
        "signers": _signers(found),
    }
    return render(request, "portals/shared/agreement.html", context)


@require_safe
@for_roles(*OWNERS, Role.FUNDER)
def document(request: Any, agreement_id: str) -> HttpResponse:
    """The document itself, as it stands."""
    found = _party(request, agreement_id)
    response = HttpResponse(origination.agreement_pdf(agreement_id=found.id), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    return response


@deed_only
@for_action(Action.SIGN_AGREEMENT)
@once
def sign(request: Any, agreement_id: str) -> HttpResponse:
    """Sign for one's own side; what follows the last signature is a job's."""
    found = _party(request, agreement_id)
    here = reverse("portals:agreement", args=[agreement_id])
    return attempt(
        request,
        lambda: origination.sign_agreement(agreement_id=found.id, side=_side(request), actor=request.actor, at=now()),
        done=lambda signed: (
            _signed_by_both(signed)
            if signed.state is AgreementState.SIGNED
            else _("Signed. It is the other side’s turn.")
        ),
        then=here,
        otherwise=here,
    )  # fmt: skip


@takes_files(largest=_LARGEST, public=True)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: Any) -> HttpResponse:
    """Anyone with a document can check it: whether both sides signed it and nothing was changed since."""
    result, problem = None, ""
    if request.method == "POST":
        file = request.FILES.get("document")
        if file is None or file.size > _LARGEST:
            problem = _("Please choose a PDF file of at most 2 MB.")
        else:
            try:
                result = origination.verify_agreement(pdf=file.read())
            except (Invalid, Unavailable) as refusal:
                problem = str(refusal)
    return render(request, "portals/public/check_document.html", {"result": result, "problem": problem})


def _party(request: Any, agreement_id: str) -> Agreement:
    found = origination.agreement(agreement_id=AgreementId(decode_id("agr", agreement_id)))
    if request.membership.organisation_id not in {found.enterprise_id, found.lender_id}:
        raise origination.AgreementUnknown()
    return found


def _signers(found: Agreement) -> list[dict[str, Any]]:
    """Who brought the document to each stage, with the name of the side on whose behalf."""
    sides = {key: one.name for key, one in parties.organisations([found.enterprise_id, found.lender_id]).items()}
    return [
        {"stage": one.stage, "actor": one.actor, "behalf": sides.get(OrganisationId(one.actor.organisation_id), "")}
        if one.actor.organisation_id
        else {"stage": one.stage, "actor": one.actor, "behalf": ""}
        for one in origination.signers_of(agreement_id=found.id)
    ]


def _side(request: Any) -> Side:
    return Side.LENDER if request.membership.role == Role.FUNDER else Side.FIRM


def _signed_by_both(signed: Agreement) -> str:
    if signed.revolving:
        return _("Signed by both sides. The credit line is being opened; nothing is paid out until the firm orders it.")
    return _("Signed by both sides. The lender is instructed to pay.")


def _turn(found: Agreement) -> Side | None:
    turns = {AgreementState.PREPARED: Side.FIRM, AgreementState.SIGNED_BY_FIRM: Side.LENDER}
    return turns.get(found.state)
