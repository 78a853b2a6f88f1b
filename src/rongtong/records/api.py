"""Records over HTTP: send one's own, see what became of each delivery, what was refused, and where a row came from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from rongtong.consent.contracts import Purpose
from rongtong.core.bounds import Name, Ref
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationKind
from rongtong.parties.facade import Action
from rongtong.records import facade as records
from rongtong.records.contracts import (
    AccountKeeping,
    Batch,
    KeepingState,
    Lookup,
    LookupState,
    Provenance,
    PublicRegister,
    Rank,
    RefusedRow,
    SourceKind,
)

router = Router()
_OVERSEERS = {OrganisationKind.OPERATOR, OrganisationKind.REGULATOR}
_MESSAGE = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}
PageNumber = Annotated[int, Field(ge=1, le=100_000)]
PageSize = Annotated[int, Field(ge=1, le=200)]


class LandingOut(Schema):
    """What became of a delivery: `rows_read = landed + duplicates + quarantined`."""

    rows_read: int
    landed: int
    duplicates: int
    quarantined: int
    reasons: dict[str, int]


class PushedOut(LandingOut):
    """The same for what was sent; `unverified` rows are kept and shown, and count once somebody with standing states them."""

    unverified: int


class BatchOut(LandingOut):
    """A delivery of one kind."""

    id: str
    item: str
    source: str
    part: str
    name: str
    payload_sha256: str
    state: str
    actor: str
    actor_organisation: str | None
    actor_right: str
    collected_at: datetime
    recorded_at: datetime
    rank: Rank


class BatchesOut(Schema):
    """One page of deliveries, the latest first."""

    items: list[BatchOut]
    total: int
    page: int
    page_size: int


class RefusedRowOut(Schema):
    """A refused row. `verbatim` is JSON text of the row as it came; null where the firm's consent has ended."""

    batch: str
    item: str
    part: str
    row_number: int
    reason: str
    column: str
    verbatim: str | None
    enterprise: str | None
    recorded_at: datetime


class QuarantineQuery(Schema):
    """Which refused rows: of a delivery, a kind, a reason."""

    batch: Ref | None = None
    item: SourceKind | None = None
    reason: Annotated[str | None, Field(max_length=40)] = None
    page: PageNumber = 1
    page_size: PageSize = 50


class QuarantineOut(Schema):
    """One page of refused rows, and how many there are by reason."""

    items: list[RefusedRowOut]
    total: int
    page: int
    page_size: int
    reasons: dict[str, int]


class RowProvenanceOut(Schema):
    """A landed row and where it came from."""

    row_id: str
    enterprise: str
    occurred_date: date
    version: int
    values: dict[str, Any]
    source: str
    consent: str
    collected_at: datetime
    recorded_at: datetime
    batch: str
    row_number: int
    generated: bool
    rank: Rank


class AccountIn(Schema):
    """An account: its holder names the bank, its bank the holder, the operator both."""

    account_number: Annotated[str, Field(min_length=4, max_length=60)]
    enterprise: Ref | None = None
    institution: Ref | None = None


class AccountOut(Schema):
    """That a bank keeps an account of a firm; what it states of the account counts once this is confirmed."""

    id: str
    enterprise: str
    institution: str
    account_number: str
    state: KeepingState
    named_by: str
    recorded_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None


class LookupOut(Schema):
    """One look-up of a firm in a public register. `listed` is null where there was no answer."""

    id: str
    enterprise: str
    reader: str
    public_register: PublicRegister
    purpose: str
    as_of: date
    state: LookupState
    detail: str
    listed: bool | None
    amount_minor: int | None
    answer_digest: str
    actor: str
    recorded_at: datetime


class FreshnessOut(Schema):
    """By item, the last day that the records of a firm speak of, and the last day that its source was asked about."""

    enterprise: str
    last_date: dict[str, date]
    collected_until: dict[str, date]


@router.post(
    "/push/{kind}", response=PushedOut, summary="Send records in the format of their kind", openapi_extra=_MESSAGE
)
def push_records(request: HttpRequest, kind: str) -> dict[str, Any]:
    """The body is the message itself (docs/reference/simulated-sources.md); firms are named by USCC."""
    actor = parties.actor_of_membership(parties.require_action(request, Action.PUSH_RECORDS))
    report = records.receive_push(kind=kind, payload=request.body, actor=actor, at=now())
    return {name: getattr(report, name) for name in PushedOut.model_fields}


@router.get("/batches", response=BatchesOut, summary="Deliveries: all for the operator, else one's own")
def list_batches(
    request: HttpRequest, item: SourceKind | None = None, page: PageNumber = 1, page_size: PageSize = 50
) -> dict[str, Any]:
    parties.require_membership(request)
    found = records.batches(page=page, page_size=page_size, item=item.value if item else None)
    items = [_batch(one) for one in found.items]
    return {"items": items, "total": found.total, "page": found.page, "page_size": found.page_size}


@router.get("/batches/{batch_id}", response=BatchOut, summary="One delivery")
def show_batch(request: HttpRequest, batch_id: str) -> dict[str, Any]:
    parties.require_membership(request)
    return _batch(records.batch(batch_id=decode_id("bat", batch_id)))


@router.get("/quarantine", response=QuarantineOut, summary="Rows that were refused, word for word, and why")
def list_quarantine(request: HttpRequest, asked: Query[QuarantineQuery]) -> dict[str, Any]:
    own = parties.require_membership(request)
    found = records.quarantine(
        reader_id=own.organisation_id,
        actor=parties.actor_of_membership(own),
        at=now(),
        batch_id=decode_id("bat", asked.batch) if asked.batch else None,
        item=asked.item.value if asked.item else None,
        reason=asked.reason,
        page=asked.page,
        page_size=asked.page_size,
    )
    items = [_refused(one) for one in found.items]
    return {
        "items": items,
        "total": found.total,
        "page": found.page,
        "page_size": found.page_size,
        "reasons": dict(found.reasons),
    }


@router.get("/provenance/{item}", response=list[RowProvenanceOut], summary="Where rows came from")
def trace_records(
    request: HttpRequest,
    item: SourceKind,
    row_id: Annotated[list[Name], Query(..., min_length=1, max_length=200)],
    enterprise: Ref | None = None,
    purpose: Purpose = Purpose.FINANCING,
) -> list[dict[str, Any]]:
    """Row ids as a portrait's lineage names them; the firm must have authorised the caller, unless it is the caller."""
    own = parties.require_membership(request)
    found = records.provenance(
        item=item.value,
        row_ids=row_id,
        reader_id=own.organisation_id,
        purpose=purpose,
        actor=parties.actor_of_membership(own),
        at=now(),
        enterprise_ids=[_firm(own.organisation_id, enterprise)] if enterprise else None,
    )
    return [_provenance(one) for one in found]


@router.get("/freshness", response=FreshnessOut, summary="How recent the records of a firm are")
def show_freshness(request: HttpRequest, enterprise: Ref | None = None) -> dict[str, Any]:
    """One's own firm; the operator and the regulator name one by `enterprise`."""
    own = parties.require_membership(request)
    overseer = own.organisation_kind in _OVERSEERS
    firm = _firm(own.organisation_id, enterprise) if overseer else UUID(str(own.organisation_id))
    return {
        "enterprise": encode_id("ent", firm),
        "last_date": records.freshness(enterprise_ids=[firm]).get(firm, {}),
        "collected_until": records.coverage(enterprise_ids=[firm]).get(firm, {}),
    }


@router.get("/lookups", response=list[LookupOut], summary="Who looked a firm up in the public registers")
def list_lookups(request: HttpRequest, enterprise: Ref | None = None) -> list[dict[str, Any]]:
    """One's own firm, or of the one named those that the caller may see: all for the operator, its own for a lender."""
    own = parties.require_membership(request)
    return [_lookup(one) for one in records.register_lookups(enterprise_id=_firm(own.organisation_id, enterprise))]


@router.get("/accounts", response=list[AccountOut], summary="Accounts: a firm's own, those that a bank keeps, or all")
def list_accounts(request: HttpRequest) -> list[dict[str, Any]]:
    parties.require_action(request, Action.NAME_ACCOUNT)
    return [_account(one) for one in records.account_keepings()]


@router.post("/accounts", response=AccountOut, summary="Name an account; named by both sides it is confirmed")
def name_account(request: HttpRequest, asked: AccountIn) -> dict[str, Any]:
    """Of the firm and the bank, one names the account and the other confirms it by naming it too; the operator's word is enough."""
    own = parties.require_action(request, Action.NAME_ACCOUNT)
    kept = records.name_account(
        enterprise_id=_firm(own.organisation_id, asked.enterprise),
        institution_id=decode_id("org", asked.institution) if asked.institution else own.organisation_id,
        account_number=asked.account_number,
        actor=parties.actor_of_membership(own),
        at=now(),
    )
    return _account(kept)


@router.post("/accounts/{account_id}/end", response=AccountOut, summary="Say that a bank keeps an account no more")
def end_account(request: HttpRequest, account_id: str) -> dict[str, Any]:
    own = parties.require_action(request, Action.END_ACCOUNT)
    actor = parties.actor_of_membership(own)
    return _account(records.end_account(keeping_id=decode_id("acc", account_id), actor=actor, at=now()))


def _lookup(one: Lookup) -> dict[str, Any]:
    names = LookupOut.model_fields.keys() - {"id", "enterprise", "reader", "public_register"}
    return {name: getattr(one, name) for name in names} | {
        "id": encode_id("lkp", one.id),
        "enterprise": encode_id("ent", one.enterprise_id),
        "reader": encode_id("org", one.reader_id),
        "public_register": one.register,
    }


def _account(one: AccountKeeping) -> dict[str, Any]:
    names = AccountOut.model_fields.keys() - {"id", "enterprise", "institution", "named_by"}
    return {name: getattr(one, name) for name in names} | {
        "id": encode_id("acc", one.id),
        "enterprise": encode_id("ent", one.enterprise_id),
        "institution": encode_id("org", one.institution_id),
        "named_by": encode_id("org", one.named_by),
    }


def _firm(own: UUID, enterprise: str | None) -> UUID:
    return decode_id("ent", enterprise) if enterprise else own


def _batch(one: Batch) -> dict[str, Any]:
    names = BatchOut.model_fields.keys() - {"id", "payload_sha256", "actor_organisation"}
    return {name: getattr(one, name) for name in names} | {
        "id": encode_id("bat", one.id),
        "payload_sha256": one.payload_digest,
        "actor_organisation": encode_id("org", one.actor_organisation_id) if one.actor_organisation_id else None,
        "reasons": dict(one.reasons),
    }


def _refused(one: RefusedRow) -> dict[str, Any]:
    names = RefusedRowOut.model_fields.keys() - {"batch", "enterprise"}
    return {name: getattr(one, name) for name in names} | {
        "batch": encode_id("bat", one.batch_id),
        "enterprise": encode_id("ent", one.enterprise_id) if one.enterprise_id else None,
    }


def _provenance(one: Provenance) -> dict[str, Any]:
    names = RowProvenanceOut.model_fields.keys() - {"enterprise", "consent", "batch", "values"}
    return {name: getattr(one, name) for name in names} | {
        "enterprise": encode_id("ent", one.enterprise_id),
        "consent": encode_id("cns", one.consent_id),
        "batch": encode_id("bat", one.batch_id),
        "values": dict(one.values),
    }
