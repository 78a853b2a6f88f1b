"""A firm's own authorisations: grant, revoke, keep the receipt, see who read what.

The firm is the caller's; the operator and the regulator name one by `enterprise`. Only the firm's owner grants and revokes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Authorisation, ConsentDraft, ConsentState, Grantee, Item, Purpose, Signatory
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation, OrganisationKind, Role

router = Router()
_OVERSEERS = {OrganisationKind.OPERATOR, OrganisationKind.REGULATOR}
_ROLES = {OrganisationKind.OPERATOR: "platform", OrganisationKind.INSTITUTION: "lender"}


class GranteeOut(Schema):
    """Who may read."""

    organisation: str
    name: str
    role: str


class SignatorySchema(Schema):
    """Who signs for the firm: `legal_representative` or `agent`."""

    name: str
    role: str = "legal_representative"


class ConsentIn(Schema):
    """An authorisation to be granted. Data of `range_from` to `range_to`, both inclusive; in force until `valid_to`."""

    grantees: list[str]
    items: list[Item]
    purposes: list[Purpose]
    range_from: date
    range_to: date
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime
    retention_days: int
    text: str
    signatory: SignatorySchema
    prior: str | None = None


class ConsentOut(Schema):
    """An authorisation as it stands now."""

    id: str
    version: int
    prior: str | None
    enterprise: str
    signatory: SignatorySchema
    grantees: list[GranteeOut]
    items: list[str]
    purposes: list[str]
    range_from: date
    range_to: date
    valid_from: datetime
    valid_to: datetime
    retention_days: int
    text: str
    text_sha256: str
    state: ConsentState
    signed_at: datetime
    revoked_at: datetime | None
    form: str


class RevocationIn(Schema):
    """Why, if the firm cares to say."""

    reason: str = ""


class ReceiptOut(Schema):
    """What the firm keeps: `body` is canonical JSON, the digests are of its bytes in UTF-8."""

    id: str
    body: str
    sha256: str
    sm3: str


class AccessOut(Schema):
    """One use, or one refused read."""

    reader: str
    reader_name: str
    items: list[str]
    purpose: str
    consent: str | None
    refusal: str | None
    actor_kind: str
    actor_id: str
    actor_name: str
    actor_right: str
    occurred_at: datetime


class AccessesOut(Schema):
    """One page of who saw what, the latest first."""

    items: list[AccessOut]
    total: int
    page: int
    page_size: int


@router.get("/consents", response=list[ConsentOut], summary="The firm's authorisations, the newest first")
def list_consents(request: HttpRequest, enterprise: str | None = None) -> list[dict[str, Any]]:
    return [_out(one) for one in consent.consents_of(enterprise_id=_firm(request, enterprise), at=now())]


@router.post("/consents", response={201: ConsentOut}, summary="Grant an authorisation, or the next version of one")
def grant_consent(request: HttpRequest, given: ConsentIn) -> Status[dict[str, Any]]:
    own = parties.require_membership(request, Role.OWNER)
    at = now()
    draft = ConsentDraft(
        enterprise_id=own.organisation_id,
        grantees=_grantees(given.grantees),
        items=tuple(dict.fromkeys(given.items)),
        purposes=tuple(dict.fromkeys(given.purposes)),
        range_from=given.range_from,
        range_to=given.range_to,
        valid_from=given.valid_from or at,
        valid_to=given.valid_to,
        retention_days=given.retention_days,
        text=given.text,
        signatory=Signatory(name=given.signatory.name, role=given.signatory.role),
        prior_id=decode_id("cns", given.prior) if given.prior else None,
    )
    return Status(201, _out(consent.grant_consent(draft=draft, actor=parties.actor_of_membership(own), at=at)))


@router.get("/consents/{consent_id}", response=ConsentOut, summary="One authorisation")
def show_consent(request: HttpRequest, consent_id: str) -> dict[str, Any]:
    parties.require_membership(request)
    return _out(consent.consent(consent_id=decode_id("cns", consent_id), at=now()))


@router.post("/consents/{consent_id}/revoke", response=ConsentOut, summary="Revoke an authorisation at once")
def revoke_consent(request: HttpRequest, consent_id: str, given: RevocationIn) -> dict[str, Any]:
    actor = parties.actor_of_membership(parties.require_membership(request, Role.OWNER))
    revoked = consent.revoke_consent(
        consent_id=decode_id("cns", consent_id), reason=given.reason, actor=actor, at=now(), channel="api"
    )
    return _out(revoked)


@router.get("/consents/{consent_id}/receipt", response=ReceiptOut, summary="The receipt that the firm keeps")
def show_receipt(request: HttpRequest, consent_id: str) -> dict[str, Any]:
    parties.require_membership(request)
    receipt = consent.receipt(consent_id=decode_id("cns", consent_id))
    return {"id": consent_id, "body": receipt.body, "sha256": receipt.digest, "sm3": receipt.digest_sm3}


@router.get("/accesses", response=AccessesOut, summary="Who read the firm's data, and who was refused")
def list_accesses(
    request: HttpRequest,
    enterprise: str | None = None,
    page: Annotated[int, Field(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Field(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    found = consent.accesses_of(enterprise_id=_firm(request, enterprise), page=page, page_size=page_size)
    items = [
        {
            "reader": encode_id("org", one.reader_id),
            "reader_name": one.reader_name,
            "items": list(one.items),
            "purpose": one.purpose,
            "consent": encode_id("cns", one.consent_id) if one.consent_id else None,
            "refusal": one.refusal,
            "actor_kind": one.actor_kind,
            "actor_id": one.actor_id,
            "actor_name": one.actor_name,
            "actor_right": one.actor_right,
            "occurred_at": one.occurred_at,
        }
        for one in found.items
    ]
    return {"items": items, "total": found.total, "page": found.page, "page_size": found.page_size}


def _firm(request: HttpRequest, enterprise: str | None) -> UUID:
    """The caller's own firm; an overseer names one."""
    own = parties.require_membership(request)
    if own.organisation_kind in _OVERSEERS and enterprise:
        return decode_id("ent", enterprise)
    if own.organisation_kind is not OrganisationKind.ENTERPRISE:
        raise consent.ConsentForeign()
    return own.organisation_id


def _grantees(given: list[str]) -> tuple[Grantee, ...]:
    ids = [decode_id("org", one) for one in dict.fromkeys(given)]
    known: dict[UUID, Organisation] = {one.id: one for one in parties.organisations(ids).values()}
    if any(one not in known or known[one].kind not in _ROLES for one in ids):
        raise consent.malformed("grantees")
    return tuple(Grantee(one.id, one.name, _ROLES[one.kind]) for one in known.values())


def _out(one: Authorisation) -> dict[str, Any]:
    return {
        "id": encode_id("cns", one.id),
        "version": one.version,
        "prior": encode_id("cns", one.prior_id) if one.prior_id else None,
        "enterprise": encode_id("ent", one.enterprise_id),
        "signatory": {"name": one.signatory.name, "role": one.signatory.role},
        "grantees": [
            {"organisation": encode_id("org", it.organisation_id), "name": it.name, "role": it.role}
            for it in one.grantees
        ],
        "items": list(one.items),
        "purposes": list(one.purposes),
        "range_from": one.range_from,
        "range_to": one.range_to,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "retention_days": one.retention_days,
        "text": one.text,
        "text_sha256": one.text_digest,
        "state": one.state,
        "signed_at": one.signed_at,
        "revoked_at": one.revoked_at,
        "form": one.form,
    }
