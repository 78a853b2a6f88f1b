"""A firm's own authorisations: grant, revoke, keep the receipt, see who read what.

The firm is the caller's; the operator and the regulator name one by `enterprise`. Only the firm's owner grants and revokes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from rongtong.consent import facade as consent
from rongtong.consent.api.rendering import consent_out
from rongtong.consent.api.schemas import (
    AccessesOut,
    ConsentIn,
    ConsentOut,
    DraftIn,
    MandateOut,
    PaperConsentIn,
    ReceiptOut,
    RevocationIn,
    TextOut,
)
from rongtong.consent.contracts import ConsentDraft, Entry, Grantee, Signatory
from rongtong.core.bounds import Ref
from rongtong.core.canonical import digest
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationKind, Role
from rongtong.parties.facade import Action

router = Router()
_OVERSEERS = {OrganisationKind.OPERATOR, OrganisationKind.REGULATOR}


@router.get("/consents", response=list[ConsentOut], summary="The firm's authorisations, the newest first")
def list_consents(request: HttpRequest, enterprise: Ref | None = None) -> list[dict[str, Any]]:
    return [consent_out(one) for one in consent.consents_of(enterprise_id=_firm(request, enterprise), at=now())]


@router.post("/consents", response={201: ConsentOut}, summary="Grant an authorisation, or the next version of one")
def grant_consent(request: HttpRequest, given: ConsentIn) -> Status[dict[str, Any]]:
    own = parties.require_action(request, Action.GRANT_CONSENT)
    at = now()
    draft = _draft(given, own.organisation_id, _signatory(given), at, text_digest=given.text_sha256)
    return Status(201, consent_out(consent.grant_consent(draft=draft, actor=parties.actor_of_membership(own), at=at)))


@router.post("/consents/paper", response={201: ConsentOut}, summary="Record what a firm signed on paper (operator)")
def record_paper_consent(request: HttpRequest, given: PaperConsentIn) -> Status[dict[str, Any]]:
    """It waits (`awaiting_check`) until another person of the operator has compared it with the scan and confirmed it."""
    actor = parties.actor_of_membership(parties.require_action(request, Action.RECORD_PAPER_CONSENT))
    at = now()
    firm = decode_id("ent", given.enterprise)
    draft = _draft(given, firm, _signatory(given), at, text_digest=given.text_sha256)
    return Status(201, consent_out(consent.grant_consent(draft=replace(draft, form="paper"), actor=actor, at=at)))


@router.post("/consents/text", response=TextOut, summary="The text that a draft comes to, before it is signed")
def show_text(request: HttpRequest, given: DraftIn) -> dict[str, Any]:
    own = parties.require_action(request, Action.GRANT_CONSENT)
    at = now()
    draft = _draft(given, own.organisation_id, Signatory("", "legal_representative"), at)
    text, english = consent.text_of(draft=draft, at=at)
    return {"text": text, "english": english, "text_sha256": digest(text.encode())}


@router.post(
    "/consents/mandates",
    response={201: MandateOut},
    summary="Hand in a power of attorney, or the operator a signed paper (PDF, PNG, JPEG)",
)
def submit_mandate(
    request: HttpRequest, mandate: File[UploadedFile], enterprise: Ref | None = None
) -> Status[dict[str, Any]]:
    """A firm hands in its own; the operator names the firm by `enterprise`."""
    own = parties.require_action(request, Action.SUBMIT_MANDATE)
    found = consent.submit_mandate(
        enterprise_id=_firm(request, enterprise),
        name=mandate.name or "",
        content=mandate.read(),
        actor=parties.actor_of_membership(own),
        at=now(),
    )
    return Status(201, {"id": encode_id("mnd", found)})


@router.get("/consents/awaiting", response=list[ConsentOut], summary="Authorisations whose signatory waits for a check")
def list_awaiting(request: HttpRequest) -> list[dict[str, Any]]:
    parties.require_membership(request, Role.OPERATOR)
    return [consent_out(one) for one in consent.awaiting_check(at=now())]


@router.get("/consents/mandates/{mandate_id}", summary="The file of a power of attorney")
def show_mandate(request: HttpRequest, mandate_id: str) -> HttpResponse:
    parties.require_membership(request, Role.OWNER, Role.OPERATOR)
    found = consent.mandate(mandate_id=decode_id("mnd", mandate_id))
    response = HttpResponse(found.content, content_type=found.media_type)
    response["Content-Disposition"] = f'attachment; filename="{encode_id("mnd", found.id)}"'
    return response


@router.get("/consents/{consent_id}", response=ConsentOut, summary="One authorisation")
def show_consent(request: HttpRequest, consent_id: str) -> dict[str, Any]:
    parties.require_membership(request)
    return consent_out(consent.consent(consent_id=decode_id("cns", consent_id), at=now()))


@router.post("/consents/{consent_id}/revoke", response=ConsentOut, summary="Revoke an authorisation at once")
def revoke_consent(request: HttpRequest, consent_id: str, given: RevocationIn) -> dict[str, Any]:
    actor = parties.actor_of_membership(parties.require_action(request, Action.REVOKE_CONSENT))
    revoked = consent.revoke_consent(
        consent_id=decode_id("cns", consent_id), reason=given.reason, actor=actor, at=now(), channel="api"
    )
    return consent_out(revoked)


@router.post("/consents/{consent_id}/suspend", response=ConsentOut, summary="Stop all reads for a while")
def suspend_consent(request: HttpRequest, consent_id: str, given: RevocationIn) -> dict[str, Any]:
    actor = parties.actor_of_membership(parties.require_action(request, Action.SUSPEND_CONSENT))
    key = decode_id("cns", consent_id)
    return consent_out(
        consent.suspend_consent(consent_id=key, reason=given.reason, actor=actor, at=now(), channel="api")
    )


@router.post("/consents/{consent_id}/resume", response=ConsentOut, summary="Let reads go on after a suspension")
def resume_consent(request: HttpRequest, consent_id: str) -> dict[str, Any]:
    actor = parties.actor_of_membership(parties.require_action(request, Action.RESUME_CONSENT))
    return consent_out(
        consent.resume_consent(consent_id=decode_id("cns", consent_id), actor=actor, at=now(), channel="api")
    )


@router.post("/consents/{consent_id}/confirm", response=ConsentOut, summary="Confirm who signed (operator)")
def confirm_signatory(request: HttpRequest, consent_id: str, given: RevocationIn) -> dict[str, Any]:
    actor = parties.actor_of_membership(parties.require_action(request, Action.CHECK_SIGNATORY))
    key = decode_id("cns", consent_id)
    return consent_out(consent.confirm_signatory(consent_id=key, reason=given.reason, actor=actor, at=now()))


@router.post("/consents/{consent_id}/reject", response=ConsentOut, summary="Reject who signed (operator)")
def reject_signatory(request: HttpRequest, consent_id: str, given: RevocationIn) -> dict[str, Any]:
    actor = parties.actor_of_membership(parties.require_action(request, Action.CHECK_SIGNATORY))
    key = decode_id("cns", consent_id)
    return consent_out(consent.reject_signatory(consent_id=key, reason=given.reason, actor=actor, at=now()))


@router.get("/consents/{consent_id}/receipt", response=ReceiptOut, summary="The receipt that the firm keeps")
def show_receipt(request: HttpRequest, consent_id: str) -> dict[str, Any]:
    parties.require_membership(request)
    receipt = consent.receipt(consent_id=decode_id("cns", consent_id))
    return {"id": consent_id, "body": receipt.body, "sha256": receipt.digest, "sm3": receipt.digest_sm3}


@router.get("/accesses", response=AccessesOut, summary="Who read the firm's data, and who was refused")
def list_accesses(
    request: HttpRequest,
    enterprise: Ref | None = None,
    page: Annotated[int, Field(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Field(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    found = consent.accesses_of(enterprise_id=_firm(request, enterprise), page=page, page_size=page_size)
    items = [
        {
            "reader": encode_id("org", one.reader_id),
            "reader_name": one.reader_name,
            "items": list(one.items),
            "purposes": list(one.purposes),
            "consent": encode_id("cns", one.consent_id) if one.consent_id else None,
            "refusals": list(one.refusals),
            "asserted": one.asserted,
            "actor_kind": one.actor_kind,
            "actor_id": one.actor_id,
            "actor_name": one.actor_name,
            "actor_right": one.actor_right,
            "times": one.times,
            "first_at": one.first_at,
            "occurred_at": one.occurred_at,
        }
        for one in found.items
    ]
    return {"items": items, "total": found.total, "page": found.page, "page_size": found.page_size}


def _signatory(given: ConsentIn) -> Signatory:
    return Signatory(
        name=given.signatory.name,
        role=given.signatory.role,
        id_number=given.signatory.id_number,
        mandate_id=decode_id("mnd", given.signatory.mandate) if given.signatory.mandate else None,
    )


def _firm(request: HttpRequest, enterprise: Ref | None) -> UUID:
    """The caller's own firm; an overseer names one."""
    own = parties.require_membership(request)
    if own.organisation_kind in _OVERSEERS and enterprise:
        return decode_id("ent", enterprise)
    if own.organisation_kind is not OrganisationKind.ENTERPRISE:
        raise consent.ConsentForeign()
    return own.organisation_id


def _draft(
    given: DraftIn, enterprise_id: UUID, signatory: Signatory, at: datetime, *, text_digest: str = ""
) -> ConsentDraft:
    return ConsentDraft(
        enterprise_id=enterprise_id,
        entries=tuple(
            Entry(
                grantees=_grantees(one.grantees),
                onward=_grantees(one.onward),
                fields=tuple(one.fields),
                **one.model_dump(exclude={"grantees", "onward", "fields"}),
            )
            for one in given.entries
        ),
        valid_from=given.valid_from or at,
        valid_to=given.valid_to,
        signatory=signatory,
        supplement=given.supplement.strip(),
        prior_id=decode_id("cns", given.prior) if given.prior else None,
        text_digest=text_digest,
    )


def _grantees(given: list[str]) -> tuple[Grantee, ...]:
    return tuple(_grantee(decode_id("org", one)) for one in dict.fromkeys(given))


def _grantee(organisation_id: UUID) -> Grantee:
    try:
        return consent.grantee_of(organisation_id)
    except parties.OrganisationUnknown as error:
        raise consent.malformed("grantees") from error
