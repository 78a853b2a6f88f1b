"""Read a lender's bank statement and book what it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.clock import china_date
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import models
from rongtong.servicing.actions.attest_rows import Written, attest_rows
from rongtong.servicing.actions.book_apart import book_payments, leave_faults
from rongtong.servicing.actions.book_repayments import Payment
from rongtong.servicing.actions.keep_entries import keep_entries
from rongtong.servicing.actions.receive_status import apply_apart
from rongtong.servicing.adapters.banks import Bank, open_bank
from rongtong.servicing.adapters.entries import BankEntry
from rongtong.servicing.adapters.reports import Status, read_statement
from rongtong.servicing.contracts import (
    ExceptionReason,
    InstructionKind,
    InstructionState,
    PrepaymentMode,
    StatementReport,
)
from rongtong.servicing.queries.parties import lender_code, organisations_of
from rongtong.servicing.rules.entries import Days, Entry, Order, why_it_waits


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

    An entry is booked once, however often its statement comes: see `keep_entries`. What is not known to be booked and to
    fit its order waits in the list of unbooked entries. Raises BankUnavailable, MessageMalformed, DigitsLost.
    """
    if content is None:
        if business_date is None:
            raise ValueError("a statement has a content or a business date")
        if not models.Loan.objects.filter(lender_id=lender_id).exists():
            return StatementReport()
        content = _fetch(lender_id, business_date, bank)
    read = read_statement(content)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lender_id.int >> 65])
        statement = models.Statement(
            lender_id=lender_id, digest=digest(content), actor=str(actor)[:100], recorded_at=at, **actor.behalf()
        )
        fresh = keep_entries(entries=read.entries, statement=statement)
        report = _book(fresh, lender_id, max(china_date(at), business_date or date.min), actor, at)
        if fresh:
            subject = encode_id("stm", statement.id)
            written = Written(statement.id, subject, None, lender_id)
            attest_rows(kind="statement.imported", evidence_kind="bank_statement", rows=[written], at=at)
            facts = {"entries": len(fresh), "repayments": report.repayments, "unbooked": report.exceptions}
            record(deed=Deed("statement.imported", subject=subject, facts=facts), actor=actor, at=at)
    return StatementReport(
        entries=len(read.entries),
        repayments=report.repayments,
        repaid_minor=report.repaid_minor,
        payouts=report.payouts,
        duplicates=len(read.entries) - len(fresh),
        exceptions=report.exceptions,
        pending=read.pending,
    )


def _fetch(lender_id: UUID, day: date, bank: Bank | None) -> bytes:
    code = lender_code(organisations_of([lender_id])[lender_id])
    if bank is not None:
        return bank.statement(code, day)
    with open_bank() as opened:
        return opened.statement(code, day)


def _book(
    fresh: Sequence[tuple[models.StatementEntry, BankEntry]],
    lender_id: UUID,
    today: date,
    actor: Actor,
    at: datetime,
) -> StatementReport:
    names = {row.end_to_end_id for row, _read in fresh}
    asked = models.Instruction.objects.select_for_update().filter(lender_id=lender_id, end_to_end_id__in=names)
    orders = {order.end_to_end_id: order for order in asked.order_by("id")}
    moved = _moved(orders, lender_id, {row.id for row, _read in fresh})
    days = _days(today)
    left: list[models.UnbookedEntry] = []
    payments: list[Payment] = []
    taken: list[Status] = []
    payouts = 0
    for row, read in fresh:
        order = orders.get(row.end_to_end_id)
        reason = why_it_waits(_entry(read), _order(order, moved) if order else None, days)
        if reason or order is None:
            why = reason or ExceptionReason.UNMATCHED
            left.append(
                models.UnbookedEntry(entry=row, lender_id=lender_id, reason=why.value, amount_minor=row.amount_minor)
            )
            continue
        moved[order.end_to_end_id] += row.amount_minor
        if order.state in {InstructionState.PREPARED, InstructionState.SENT}:
            taken.append(
                Status(order.end_to_end_id, accepted=True, settled=True, reason="")
            )  # the money moved: the bank took the order
        if order.kind == InstructionKind.DRAWDOWN:
            payouts += 1
        else:
            mode = PrepaymentMode(order.prepayment_mode) if order.prepayment_mode else None
            payments.append(Payment(row, order.loan_id, mode))
    models.UnbookedEntry.objects.bulk_create(left, batch_size=2000)
    spoilt = {one.item.end_to_end_id for one in apply_apart(statuses=taken, lender_id=lender_id, actor=actor, at=at)[1]}
    booked, bad = book_payments(payments, actor, at)
    spoilt |= {one.entry.end_to_end_id for one in payments if one.loan_id in bad}
    faults = leave_faults([row for row, _read in fresh if row.end_to_end_id in spoilt])
    return StatementReport(
        repayments=sum(len(one.repayments) for one in booked),
        repaid_minor=sum(repayment.amount_minor for one in booked for repayment in one.repayments),
        payouts=payouts,
        exceptions=len(left) + faults + sum(len(one.unbooked) for one in booked),
    )


def _moved(orders: Mapping[str, models.Instruction], lender_id: UUID, fresh: set[UUID]) -> dict[str, int]:
    """What earlier entries moved of each order, in fen: those that were booked, and those of which a rest waits."""
    found: dict[str, int] = defaultdict(int)
    repaid = models.Repayment.objects.filter(entry_id=OuterRef("pk"))
    rows = (
        models.StatementEntry.objects.filter(lender_id=lender_id, end_to_end_id__in=orders, reversal=False)
        .filter(Q(unbooked=None) | Q(unbooked__reason=ExceptionReason.EXCESS) | Exists(repaid))
        .exclude(id__in=fresh)
    )
    for name, credit, minor in rows.values_list("end_to_end_id", "credit", "amount_minor"):
        if credit == (orders[name].kind != InstructionKind.DRAWDOWN):
            found[name] += minor
    return found


def _days(today: date) -> Days:
    return Days(
        last=today + timedelta(days=int(rulebook.value("servicing.statement_days_ahead", on=today))),
        before_order=timedelta(days=int(rulebook.value("servicing.statement_days_before_order", on=today))),
    )


def _entry(read: BankEntry) -> Entry:
    return Entry(
        credit=read.credit,
        amount_minor=read.amount_minor,
        currency=read.currency,
        booked_date=read.booked_date,
        status=read.status,
        reversal=read.reversal,
        bundled=read.bundled,
    )


def _order(row: models.Instruction, moved: Mapping[str, int]) -> Order:
    return Order(
        kind=InstructionKind(row.kind),
        state=InstructionState(row.state),
        amount_minor=row.amount_minor,
        business_date=row.business_date,
        moved_minor=moved.get(row.end_to_end_id, 0),
    )
