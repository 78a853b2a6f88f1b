"""Credit lines, loans, schedules, repayments and a lender's book; drawing and repaying early.

A firm and a lender see their own; the operator and the regulator see all, or name a firm or a lender. Money in fen,
rates as fractions per year in text.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from rongtong.core.bounds import Day, Fen, Page, PageSize, Ref
from rongtong.core.clock import china_date, now
from rongtong.core.ids import decode_id, encode_id
from rongtong.parties import facade as parties
from rongtong.servicing import facade as servicing
from rongtong.servicing.api.scope import scope_of
from rongtong.servicing.contracts import (
    Facility,
    FacilityState,
    Loan,
    LoanClass,
    LoanState,
    PrepaymentMode,
    PrepaymentQuote,
)

router = Router()


class FacilityOut(Schema):
    """A credit line; `available_minor` is what may be drawn now."""

    id: str
    agreement_number: str
    enterprise: str
    lender: str
    limit_minor: int
    used_minor: int
    available_minor: int
    annual_rate: Decimal
    repayment_method: str
    term_months: int
    revolving: bool
    state: FacilityState
    frozen: bool
    frozen_reason: str
    start_date: date
    end_date: date


class LoanOut(Schema):
    """A loan as it stood at the close of `state_date`."""

    id: str
    facility: str
    number: str
    enterprise: str
    lender: str
    state: LoanState
    rejection_reason: str
    principal_minor: int
    outstanding_minor: int
    annual_rate: Decimal
    penalty_rate: Decimal
    repayment_method: str
    term_months: int
    start_date: date
    maturity_date: date | None
    state_date: date
    interest_paid_minor: int
    penalty_paid_minor: int
    overdue_minor: int
    overdue_days: int
    loan_class: LoanClass
    stage: int
    next_due_date: date | None
    next_due_minor: int
    closed_date: date | None


class LoansOut(Schema):
    """One page of loans, the newest first."""

    items: list[LoanOut]
    total: int
    page: int
    page_size: int


class InstalmentOut(Schema):
    """An instalment with what was paid on it; penalties to the day asked for."""

    number: int
    due_date: date
    principal_minor: int
    interest_minor: int
    principal_paid_minor: int
    interest_paid_minor: int
    penalty_minor: int
    penalty_paid_minor: int
    settled_date: date | None
    overdue_days: int
    prepayment: bool
    balance_minor: int


class RepaymentOut(Schema):
    """A payment and what it was put towards: costs, penalty, compound, interest, principal."""

    amount_minor: int
    business_date: date
    entry_ref: str
    parts: dict[str, int]
    occurred_at: datetime


class DrawdownIn(Schema):
    """How much to draw, in fen."""

    amount_minor: Fen


class PrepaymentIn(Schema):
    """How much principal to repay early (all of it where none is named), and what that shortens."""

    principal_minor: Fen | None = None
    mode: PrepaymentMode = PrepaymentMode.KEEP_TERM


class PrepaymentOut(Schema):
    """What an early repayment costs, saves and leaves."""

    business_date: date
    mode: PrepaymentMode
    principal_minor: int
    interest_minor: int
    total_minor: int
    saved_minor: int
    remaining_minor: int
    last_due_date: date | None
    next_instalment_minor: int


class ClassOut(Schema):
    """Loans and principal of one five-grade class."""

    loans: int
    principal_minor: int


class PortfolioOut(Schema):
    """A lender's book at the close of a day."""

    business_date: date
    loans: int
    borrowers: int
    disbursed_minor: int
    outstanding_minor: int
    limit_minor: int
    unused_minor: int
    frozen_facilities: int
    overdue_loans: int
    overdue_minor: int
    overdue_30_minor: int
    overdue_90_minor: int
    non_performing_minor: int
    non_performing_ratio: Decimal
    interest_received_minor: int
    by_class: dict[LoanClass, ClassOut]


@router.get("/facilities", response=list[FacilityOut], summary="Credit lines, the newest first")
def list_facilities(request: HttpRequest, enterprise: Ref | None = None, lender: Ref | None = None) -> list[Any]:
    firm, bank = scope_of(request, enterprise, lender)
    return [_facility(one) for one in servicing.facilities_of(enterprise_id=firm, lender_id=bank)]


@router.post("/facilities/{facility_id}/drawdowns", response={201: LoanOut}, summary="Draw on a credit line")
def draw(request: HttpRequest, facility_id: str, given: DrawdownIn) -> Status[dict[str, Any]]:
    """The instruction to the lender's bank is written; the money comes from the lender to the firm's own account."""
    own, at = parties.require_action(request, parties.Action.REQUEST_DRAWDOWN), now()
    loan = servicing.request_drawdown(
        facility_id=decode_id("fac", facility_id),
        amount_minor=given.amount_minor,
        business_date=china_date(at),
        key=request.headers.get("Idempotency-Key", ""),
        actor=parties.actor_of_membership(own),
        at=at,
    )
    return Status(201, _loan(loan))


@router.get("/loans", response=LoansOut, summary="Loans, the newest first")
def list_loans(
    request: HttpRequest,
    *,
    enterprise: Ref | None = None,
    lender: Ref | None = None,
    overdue: bool = False,
    page: Page = 1,
    page_size: PageSize = 20,
) -> dict[str, Any]:
    firm, bank = scope_of(request, enterprise, lender)
    found = servicing.loans_of(enterprise_id=firm, lender_id=bank, overdue_only=overdue, page=page, page_size=page_size)
    items = [_loan(one) for one in found.items]
    return {"items": items, "total": found.total, "page": found.page, "page_size": found.page_size}


@router.get("/loans/{loan_id}", response=LoanOut, summary="One loan")
def show_loan(request: HttpRequest, loan_id: str) -> dict[str, Any]:
    parties.require_membership(request)
    return _loan(servicing.loan(loan_id=decode_id("loan", loan_id)))


@router.get("/loans/{loan_id}/schedule", response=list[InstalmentOut], summary="A loan's schedule and what was paid")
def show_schedule(request: HttpRequest, loan_id: str, on: Day | None = None) -> Any:
    parties.require_membership(request)
    return servicing.schedule(loan_id=decode_id("loan", loan_id), on=on)


@router.get("/loans/{loan_id}/repayments", response=list[RepaymentOut], summary="What was booked on a loan")
def list_repayments(request: HttpRequest, loan_id: str) -> Any:
    parties.require_membership(request)
    key = servicing.loan(loan_id=decode_id("loan", loan_id)).id
    return servicing.repayments(loan_id=key)


@router.get("/loans/{loan_id}/prepayment", response=PrepaymentOut, summary="What repaying early today would cost")
def quote_prepayment(
    request: HttpRequest,
    loan_id: str,
    principal_minor: Fen | None = None,
    mode: PrepaymentMode = PrepaymentMode.KEEP_TERM,
) -> PrepaymentQuote:
    parties.require_membership(request)
    return servicing.quote_prepayment(
        loan_id=decode_id("loan", loan_id), on=china_date(now()), mode=mode, principal_minor=principal_minor
    )


@router.post("/loans/{loan_id}/prepayment", response={201: PrepaymentOut}, summary="Repay early")
def prepay(request: HttpRequest, loan_id: str, given: PrepaymentIn) -> Status[PrepaymentQuote]:
    """The lender's bank is asked to collect the amount from the firm's own account."""
    own, at = parties.require_action(request, parties.Action.REQUEST_PREPAYMENT), now()
    quote = servicing.request_prepayment(
        loan_id=decode_id("loan", loan_id),
        business_date=china_date(at),
        mode=given.mode,
        principal_minor=given.principal_minor,
        actor=parties.actor_of_membership(own),
        at=at,
    )
    return Status(201, quote)


@router.get("/portfolio", response=PortfolioOut, summary="A lender's book")
def show_portfolio(request: HttpRequest, lender: Ref | None = None) -> dict[str, Any]:
    _firm, bank = scope_of(request, None, lender)
    found = servicing.portfolio(lender_id=bank)
    shown = {name: getattr(found, name) for name in PortfolioOut.model_fields if name != "by_class"}
    classes = {grade: {"loans": loans, "principal_minor": minor} for grade, (loans, minor) in found.by_class.items()}
    return {**shown, "by_class": classes}


def _facility(one: Facility) -> dict[str, Any]:
    shown = {
        name: getattr(one, name) for name in FacilityOut.model_fields if name not in {"id", "enterprise", "lender"}
    }
    return {
        **shown,
        "id": encode_id("fac", one.id),
        "enterprise": encode_id("ent", one.enterprise_id),
        "lender": encode_id("org", one.lender_id),
    }


def _loan(one: Loan) -> dict[str, Any]:
    renamed = {"id", "facility", "enterprise", "lender"}
    shown = {name: getattr(one, name) for name in LoanOut.model_fields if name not in renamed}
    return {
        **shown,
        "id": encode_id("loan", one.id),
        "facility": encode_id("fac", one.facility_id),
        "enterprise": encode_id("ent", one.enterprise_id),
        "lender": encode_id("org", one.lender_id),
    }
