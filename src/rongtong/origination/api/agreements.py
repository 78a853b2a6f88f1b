"""Agreements: drawing up, signing, the document, and checking any document that claims to be one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from rongtong.core.clock import now
from rongtong.core.ids import decode_id
from rongtong.origination import facade as origination
from rongtong.origination.api.rendering import render_agreement, render_check
from rongtong.origination.api.schemas import AgreementCheckOut, AgreementOut, Rendered, SignatureIn
from rongtong.parties import facade as parties
from rongtong.parties.facade import Action

router = Router()


@router.post(
    "/applications/{application_id}/agreement",
    response={201: AgreementOut},
    summary="Draw up the agreement of accepted terms; once",
)
def prepare_agreement(request: HttpRequest, application_id: str) -> Status[Rendered]:
    own = parties.require_action(request, Action.PREPARE_AGREEMENT)
    agreement = origination.prepare_agreement(
        application_id=decode_id("app", application_id), actor=parties.actor_of_membership(own), at=now()
    )
    return Status(201, render_agreement(agreement))


@router.get("/agreements/{agreement_id}", response=AgreementOut, summary="One agreement")
def show_agreement(request: HttpRequest, agreement_id: str) -> Rendered:
    parties.require_membership(request)
    return render_agreement(origination.agreement(agreement_id=_id(agreement_id)))


@router.get("/agreements/{agreement_id}/pdf", summary="The document with the signatures made so far")
def show_pdf(request: HttpRequest, agreement_id: str) -> HttpResponse:
    parties.require_membership(request)
    agreement = origination.agreement(agreement_id=_id(agreement_id))
    response = HttpResponse(origination.agreement_pdf(agreement_id=_id(agreement_id)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{agreement.number}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@router.post(
    "/agreements/{agreement_id}/signatures",
    response=AgreementOut,
    summary="Sign for the caller's side: the firm first, the lender last",
)
def sign_agreement(request: HttpRequest, agreement_id: str, given: SignatureIn) -> Rendered:
    """With the lender's signature the credit line is opened and its bank instructed to pay, right after, by a job."""
    own = parties.require_action(request, Action.SIGN_AGREEMENT)
    agreement = origination.sign_agreement(
        agreement_id=_id(agreement_id), side=given.side, actor=parties.actor_of_membership(own), at=now()
    )
    return render_agreement(agreement)


@router.post(
    "/agreement-verification",
    response=AgreementCheckOut,
    summary="Check a PDF (the body of the request): signed by both sides, unchanged, known to the platform",
)
def verify_agreement(request: HttpRequest) -> Rendered:
    parties.require_membership(request)
    return render_check(origination.verify_agreement(pdf=request.body))


def _id(agreement_id: str) -> UUID:
    return decode_id("agr", agreement_id)
