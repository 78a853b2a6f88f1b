"""Entries of bank statements that wait for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import NotFound
from rongtong.servicing import models
from rongtong.servicing.contracts import EntryPage, ExceptionReason, LoanId, StatementException
from rongtong.servicing.rules.entries import may_be_booked


class EntryUnknown(NotFound):
    """There is no such unbooked entry, or not for this viewer."""

    code = "entry_unknown"
    message = _("There is no such entry.")


def unbooked_page(
    *,
    lender_id: UUID | None = None,
    settled: bool | None = False,
    reason: ExceptionReason | None = None,
    text: str = "",
    page: int = 1,
    page_size: int = 20,
) -> EntryPage:
    """A page of what could not be booked, newest first: what waits, what is settled, or (None) both.

    `text` is searched for in references, orders, remarks, and the numbers of the loans that they are for.
    """
    rows = _rows(lender_id)
    if settled is not None:
        rows = rows.filter(resolved_at__isnull=not settled)
    if reason is not None:
        rows = rows.filter(reason=reason.value)
    if text:
        orders = models.Instruction.objects.filter(loan__number__icontains=text).values("end_to_end_id")
        rows = rows.filter(
            Q(entry__entry_ref__icontains=text)
            | Q(entry__end_to_end_id__icontains=text)
            | Q(entry__text__icontains=text)
            | Q(entry__end_to_end_id__in=orders)
        )
    size, number = min(max(page_size, 1), 200), max(page, 1)
    items = _contracts(rows[(number - 1) * size : number * size])
    return EntryPage(items=items, total=rows.count(), page=number, page_size=size)


def unbooked_entry(*, entry_id: UUID, lender_id: UUID | None = None) -> StatementException:
    """One entry that could not be booked, settled or not. Raises EntryUnknown."""
    found = _contracts(_rows(lender_id).filter(pk=entry_id))
    if not found:
        raise EntryUnknown(entry=str(entry_id))
    return found[0]


def _rows(lender_id: UUID | None) -> QuerySet[models.UnbookedEntry]:
    rows = models.UnbookedEntry.objects.select_related("entry").order_by("-id")
    return rows if lender_id is None else rows.filter(lender_id=lender_id)


def _contracts(rows: QuerySet[models.UnbookedEntry] | Sequence[models.UnbookedEntry]) -> tuple[StatementException, ...]:
    found = list(rows)
    names = {row.entry.end_to_end_id for row in found if row.entry.end_to_end_id}
    orders = models.Instruction.objects.filter(end_to_end_id__in=names).select_related("loan")
    known = {(order.lender_id, order.end_to_end_id): order for order in orders}
    return tuple(_contract(row, known.get((row.lender_id, row.entry.end_to_end_id))) for row in found)


def _contract(row: models.UnbookedEntry, order: models.Instruction | None) -> StatementException:
    entry, reason = row.entry, ExceptionReason(row.reason)
    return StatementException(
        id=row.id,
        lender_id=row.lender_id,
        entry_ref=entry.entry_ref,
        end_to_end_id=entry.end_to_end_id,
        reason=reason,
        amount_minor=row.amount_minor,
        currency=entry.currency,
        credit=entry.credit,
        booked_date=entry.booked_date,
        text=entry.text,
        recorded_at=entry.recorded_at,
        resolved_at=row.resolved_at,
        resolution=row.resolution,
        bookable=row.resolved_at is None
        and may_be_booked(reason, credit=entry.credit, reversal=entry.reversal, currency=entry.currency),
        loan_id=LoanId(order.loan_id) if order else None,
        loan_number=order.loan.number if order else "",
        enterprise_id=order.enterprise_id if order else None,
    )
