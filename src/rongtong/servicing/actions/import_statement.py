"""Read a lender's bank statement and book what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.clock import china_date
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import models
from rongtong.servicing.actions.attest_rows import Written, attest_rows
from rongtong.servicing.actions.book_repayments import Payment, book_repayments
from rongtong.servicing.actions.receive_status import apply_statuses
from rongtong.servicing.adapters.banks import Bank, open_bank
from rongtong.servicing.adapters.reports import BankEntry, Status, read_statement
from rongtong.servicing.contracts import (
    ExceptionReason,
    InstructionKind,
    InstructionState,
    PrepaymentMode,
    StatementReport,
)
from rongtong.servicing.queries.parties import lender_code, organisations_of

_CURRENCY = "CNY"


def import_statement(
    *,
    lender_id: UUID,
    actor: Actor,
    at: datetime,
    business_date: date | None = None,
    content: bytes | None = None,
    bank: Bank | None = None,
) -> StatementReport:
    """Book the entries of a statement: `content` (camt.054 or CSV), or what the bank gives for `business_date`.

    An entry is booked once by the bank's own reference, however often its statement comes. What cannot be booked waits
    in the list of unbooked entries, and what is dated on a day still to come too. Raises BankUnavailable, MessageMalformed.
    """
    if content is None:
        if business_date is None:
            raise ValueError("a statement has a content or a business date")
        if not models.Loan.objects.filter(lender_id=lender_id).exists():
            return StatementReport()
        content = _fetch(lender_id, business_date, bank)
    entries = read_statement(content)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lender_id.int >> 65])
        statement = models.Statement(
            lender_id=lender_id, digest=digest(content), actor=str(actor)[:100], recorded_at=at, **actor.behalf()
        )
        fresh = _keep(entries, statement)
        report = _book(fresh, lender_id, max(china_date(at), business_date or date.min), actor, at)
        if fresh:
            subject = encode_id("stm", statement.id)
            written = Written(statement.id, subject, None, lender_id)
            attest_rows(kind="statement.imported", evidence_kind="bank_statement", rows=[written], at=at)
            facts = {"entries": len(fresh), "repayments": report.repayments, "unbooked": report.exceptions}
            record(deed=Deed("statement.imported", subject=subject, facts=facts), actor=actor, at=at)
    return StatementReport(
        entries=len(entries),
        repayments=report.repayments,
        repaid_minor=report.repaid_minor,
        payouts=report.payouts,
        duplicates=len(entries) - len(fresh),
        exceptions=report.exceptions,
    )


def _fetch(lender_id: UUID, day: date, bank: Bank | None) -> bytes:
    code = lender_code(organisations_of([lender_id])[lender_id])
    if bank is not None:
        return bank.statement(code, day)
    with open_bank() as opened:
        return opened.statement(code, day)


def _keep(entries: Sequence[BankEntry], statement: models.Statement) -> list[models.StatementEntry]:
    """Write the entries that are not known yet, in the statement's order; the statement too, if there are any."""
    known = set(
        models.StatementEntry.objects.filter(
            lender_id=statement.lender_id, entry_ref__in=[entry.entry_ref for entry in entries]
        ).values_list("entry_ref", flat=True)
    )
    rows = []
    for entry in entries:
        if entry.entry_ref in known:
            continue
        known.add(entry.entry_ref)
        rows.append(
            models.StatementEntry(
                statement=statement,
                lender_id=statement.lender_id,
                entry_ref=entry.entry_ref,
                credit=entry.credit,
                amount_minor=entry.amount_minor,
                currency=entry.currency,
                booked_date=entry.booked_date,
                end_to_end_id=entry.end_to_end_id,
                text=entry.text,
                recorded_at=statement.recorded_at,
            )
        )
    if rows:
        statement.entries = len(rows)
        statement.save(force_insert=True)
    return models.StatementEntry.objects.bulk_create(rows, batch_size=2000)


def _book(
    fresh: Sequence[models.StatementEntry], lender_id: UUID, today: date, actor: Actor, at: datetime
) -> StatementReport:
    orders = {
        row.end_to_end_id: row
        for row in models.Instruction.objects.filter(
            lender_id=lender_id, end_to_end_id__in=[entry.end_to_end_id for entry in fresh]
        )
    }
    days = _Days(today)
    left: list[models.UnbookedEntry] = []
    payments: list[Payment] = []
    taken: list[Status] = []
    payouts = 0
    for entry in fresh:
        order = orders.get(entry.end_to_end_id)
        reason = _refusal(entry, order, days)
        if reason or order is None:
            why = reason or ExceptionReason.UNMATCHED
            left.append(
                models.UnbookedEntry(
                    entry=entry, lender_id=lender_id, reason=why.value, amount_minor=entry.amount_minor
                )
            )
            continue
        if order.state in {InstructionState.PREPARED, InstructionState.SENT}:
            taken.append(
                Status(order.end_to_end_id, accepted=True, settled=True, reason="")
            )  # the money moved: the bank took the order
        if order.kind == InstructionKind.DRAWDOWN:
            payouts += 1
        else:
            mode = PrepaymentMode(order.prepayment_mode) if order.prepayment_mode else None
            payments.append(Payment(entry, order.loan_id, mode))
    models.UnbookedEntry.objects.bulk_create(left, batch_size=2000)
    if taken:
        apply_statuses(statuses=taken, lender_id=lender_id, actor=actor, at=at)
    booked = book_repayments(payments=payments, actor=actor, at=at) if payments else None
    return StatementReport(
        repayments=len(booked.repayments) if booked else 0,
        repaid_minor=sum(one.amount_minor for one in booked.repayments) if booked else 0,
        payouts=payouts,
        exceptions=len(left) + (len(booked.unbooked) if booked else 0),
    )


class _Days:
    """The days on which an entry may have been booked, as a statement comes in on a day."""

    def __init__(self, today: date) -> None:
        self.last = today + timedelta(days=int(rulebook.value("servicing.statement_days_ahead", on=today)))
        self.before_order = timedelta(days=int(rulebook.value("servicing.statement_days_before_order", on=today)))

    def hold(self, booked: date, order: models.Instruction) -> bool:
        return order.business_date - self.before_order <= booked <= self.last


def _refusal(entry: models.StatementEntry, order: models.Instruction | None, days: _Days) -> ExceptionReason | None:
    if entry.currency != _CURRENCY:
        return ExceptionReason.WRONG_CURRENCY
    if order is None or (order.kind == InstructionKind.DRAWDOWN) == entry.credit:
        return ExceptionReason.UNMATCHED
    if not entry.credit and entry.amount_minor != order.amount_minor:
        return ExceptionReason.AMOUNT_DIFFERS
    if not days.hold(entry.booked_date, order):
        return ExceptionReason.DATE_UNLIKELY
    return None
