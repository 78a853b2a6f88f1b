"""Settle an entry of a bank statement that could not be booked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.journal import Deed, record
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import models
from rongtong.servicing.actions.book_repayments import Payment, book_repayments
from rongtong.servicing.contracts import ExceptionReason, StatementException
from rongtong.servicing.queries.statements import EntryUnknown, unbooked_entry
from rongtong.servicing.rules.entries import may_be_booked


class EntryNotBookable(Conflict):
    """The entry was settled before, or is no payment that this loan can take."""

    code = "entry_not_bookable"
    message = _("This entry cannot be booked on this loan: %(why)s.")


class EntryMalformed(Invalid):
    """An unbooked entry was to be settled without a word on how."""

    code = "entry_malformed"
    message = _("Please say how the entry was settled.")


def resolve_entry(
    *, unbooked_id: UUID, note: str, actor: Actor, at: datetime, loan_id: UUID | None = None
) -> StatementException:
    """Book what waits of an entry on a loan in full, or note how it was settled outside (returned, say).

    Booked is only what can be a payment of the loan's firm, and only where all of it is due: on the day of the entry,
    or on the later day, not still to come, since when the loan has something to pay. Raises EntryUnknown,
    EntryNotBookable, EntryMalformed.
    """
    if not note.strip():
        raise EntryMalformed()
    with transaction.atomic():
        row = (
            models.UnbookedEntry.objects.select_for_update(of=("self",))
            .select_related("entry")
            .filter(pk=unbooked_id)
            .first()
        )
        if row is None:
            raise EntryUnknown(entry=str(unbooked_id))
        if row.resolved_at is not None:
            raise _not_bookable(row, _("it is settled already"))
        if loan_id is not None:
            _book(row, loan_id, actor, at)
        row.resolved_at, row.resolution = at, note.strip()[:200]
        row.save(update_fields=["resolved_at", "resolution"])
        deed = Deed("entry.resolved", subject=row.entry.entry_ref, facts={"note": row.resolution, "loan": loan_id})
        record(deed=deed, actor=actor, at=at)
        return unbooked_entry(entry_id=row.id)


def _book(row: models.UnbookedEntry, loan_id: UUID, actor: Actor, at: datetime) -> None:
    entry, reason = row.entry, ExceptionReason(row.reason)
    if not may_be_booked(reason, credit=entry.credit, reversal=entry.reversal, currency=entry.currency):
        raise _not_bookable(row, _("it is no payment"))
    loan = models.Loan.objects.filter(pk=loan_id, lender_id=row.lender_id).first()
    if loan is None:
        raise _not_bookable(row, _("the lender has no such loan"))
    order = models.Instruction.objects.filter(lender_id=row.lender_id, end_to_end_id=entry.end_to_end_id).first()
    if order is not None and order.enterprise_id != loan.enterprise_id:
        raise _not_bookable(row, _("it belongs to another firm"))
    ahead = int(rulebook.value("servicing.statement_days_ahead", on=china_date(at)))
    last = max(china_date(at), china_date(entry.recorded_at)) + timedelta(days=ahead)
    if not loan.start_date <= entry.booked_date <= last:
        raise _not_bookable(row, _("its day is before the loan, or still to come"))
    payment = Payment(
        entry,
        loan_id,
        rest_minor=row.amount_minor if reason is ExceptionReason.EXCESS else None,
        day=_day(entry.booked_date, loan, china_date(at)),
    )
    if book_repayments(payments=[payment], actor=actor, at=at).unbooked:
        raise _not_bookable(row, _("it is more than the loan has to pay"))


def _day(booked: date, loan: models.Loan, today: date) -> date:
    """The first day, from the entry's own on, on which the loan has something to pay: the money lies there since."""
    due = loan.next_due_date
    return due if due is not None and booked < due <= today else booked


def _not_bookable(row: models.UnbookedEntry, why: str | Promise) -> EntryNotBookable:
    return EntryNotBookable(entry=str(row.id), why=str(why))
