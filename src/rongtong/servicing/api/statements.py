"""Reports of a lender's bank over HTTP: statements, answers to orders, and entries that wait for the lender."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from rongtong.core.bounds import Code, Line, Page, PageSize, Ref
from rongtong.core.clock import now
from rongtong.core.errors import Forbidden
from rongtong.core.ids import decode_id, encode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationKind
from rongtong.servicing import facade as servicing
from rongtong.servicing.api.scope import scope_of
from rongtong.servicing.contracts import ExceptionReason, StatementException

router = Router()


class NotALender(Forbidden):
    """Only a lender reads and imports the statements of its bank."""

    code = "not_a_lender"
    message = _("This is open to the lender only.")


class StatementOut(Schema):
    """What importing a statement came to."""

    entries: int
    repayments: int
    repaid_minor: int
    payouts: int
    duplicates: int
    exceptions: int
    pending: int


class ReportOut(Schema):
    """How many instructions a report settled, and how many it turned down."""

    accepted: int
    rejected: int


class UnbookedOut(Schema):
    """An entry, or the rest of one, that waits for the lender's decision; `loan` is that of the order which it names."""

    id: str
    entry_ref: str
    end_to_end_id: str
    reason: ExceptionReason
    amount_minor: int
    currency: str
    credit: bool
    booked_date: date
    text: str
    recorded_at: datetime
    resolved_at: datetime | None
    resolution: str
    bookable: bool
    loan: str | None
    loan_number: str


class UnbookedEntriesOut(Schema):
    """One page of them, the newest first."""

    items: list[UnbookedOut]
    total: int
    page: int
    page_size: int


class AskedEntriesIn(Schema):
    """Which of them, which page."""

    lender: Ref | None = None
    settled: bool = False
    reason: ExceptionReason | None = None
    text: Annotated[str, Field(max_length=100)] = ""
    page: Page = 1
    page_size: PageSize = 20


class ResolutionIn(Schema):
    """How the entry was settled, and on which loan to book it where that is how."""

    loan: Code | None = None
    note: Line


@router.post("/statements", response=StatementOut, summary="Import the statement of a lender's bank")
def import_statement(request: HttpRequest) -> Any:
    """The body is a camt.054 document or a CSV file. An entry is booked once, however often it is sent."""
    own = parties.require_action(request, parties.Action.IMPORT_STATEMENT)
    if own.organisation_kind is not OrganisationKind.INSTITUTION:
        raise NotALender()
    return servicing.import_statement(
        lender_id=own.organisation_id, content=request.body, actor=parties.actor_of_membership(own), at=now()
    )


@router.post("/payment-reports", response=ReportOut, summary="Tell how payment instructions went (pain.002)")
def receive_status(request: HttpRequest) -> Any:
    """The body is a pain.002 document of the lender's bank, however often it comes; what is settled already is passed over."""
    own = parties.require_action(request, parties.Action.RECEIVE_STATUS)
    if own.organisation_kind is not OrganisationKind.INSTITUTION:
        raise NotALender()
    return servicing.receive_status(
        lender_id=own.organisation_id, content=request.body, actor=parties.actor_of_membership(own), at=now()
    )


@router.get("/statements/unbooked", response=UnbookedEntriesOut, summary="Entries that could not be booked")
def list_unbooked(request: HttpRequest, asked: Query[AskedEntriesIn]) -> dict[str, Any]:
    """What waits for the lender's decision, or was settled; `text` is part of a reference, an order or a loan's number."""
    _firm, bank = scope_of(request, None, asked.lender)
    found = servicing.unbooked_page(
        lender_id=bank,
        settled=asked.settled,
        reason=asked.reason,
        text=asked.text.strip(),
        page=asked.page,
        page_size=asked.page_size,
    )
    items = [_unbooked(one) for one in found.items]
    return {"items": items, "total": found.total, "page": found.page, "page_size": found.page_size}


@router.post("/statements/unbooked/{entry_id}", response=UnbookedOut, summary="Settle an unbooked entry")
def resolve_entry(request: HttpRequest, entry_id: UUID, given: ResolutionIn) -> dict[str, Any]:
    actor = parties.actor_of_membership(parties.require_action(request, parties.Action.RESOLVE_ENTRY))
    loan_id = decode_id("loan", given.loan) if given.loan else None
    return _unbooked(
        servicing.resolve_entry(unbooked_id=entry_id, loan_id=loan_id, note=given.note, actor=actor, at=now())
    )


def _unbooked(one: StatementException) -> dict[str, Any]:
    shown = {name: getattr(one, name) for name in UnbookedOut.model_fields if name not in {"id", "loan"}}
    return {**shown, "id": str(one.id), "loan": encode_id("loan", one.loan_id) if one.loan_id else None}
