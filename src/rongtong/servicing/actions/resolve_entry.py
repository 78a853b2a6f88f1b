"""Settle an entry of a bank statement that could not be booked."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, NotFound
from rongtong.core.journal import Deed, record
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import models
from rongtong.servicing.actions.book_repayments import Payment, book_repayments
from rongtong.servicing.contracts import ExceptionReason, StatementException
from rongtong.servicing.queries.statements import exception_contract

_BOOKABLE = {ExceptionReason.UNMATCHED.value, ExceptionReason.FAULT.value}


class EntryUnknown(NotFound):
    """There is no such unbooked entry, or not for this viewer."""

    code = "entry_unknown"
    message = _("There is no such entry.")


class EntryNotBookable(Conflict):
    """The entry was settled before, or is no payment that this loan can take."""

    code = "entry_not_bookable"
    message = _("This entry cannot be booked on this loan.")


def resolve_entry(
    *, unbooked_id: UUID, note: str, actor: Actor, at: datetime, loan_id: UUID | None = None
) -> StatementException:
    """Book an unmatched entry on a loan of the same lender in full, or note how it was settled outside (returned, say).

    Raises EntryUnknown, EntryNotBookable.
    """
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
            raise EntryNotBookable(entry=str(unbooked_id))
        if loan_id is not None:
            _book(row, loan_id, actor, at)
        row.resolved_at, row.resolution = at, note[:200]
        row.save(update_fields=["resolved_at", "resolution"])
        deed = Deed("entry.resolved", subject=row.entry.entry_ref, facts={"note": note[:200], "loan": loan_id})
        record(deed=deed, actor=actor, at=at)
    return exception_contract(row)


def _book(row: models.UnbookedEntry, loan_id: UUID, actor: Actor, at: datetime) -> None:
    same_lender = models.Loan.objects.filter(pk=loan_id, lender_id=row.lender_id).exists()
    if not same_lender or row.reason not in _BOOKABLE or not row.entry.credit:
        raise EntryNotBookable(entry=str(row.id))
    ahead = int(rulebook.value("servicing.statement_days_ahead", on=china_date(at)))
    if row.entry.booked_date > max(china_date(at), china_date(row.entry.recorded_at)) + timedelta(days=ahead):
        raise EntryNotBookable(entry=str(row.id))
    booked = book_repayments(payments=[Payment(row.entry, loan_id)], actor=actor, at=at)
    if booked.unbooked:
        raise EntryNotBookable(entry=str(row.id))
