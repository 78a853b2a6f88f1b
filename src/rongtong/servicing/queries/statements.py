"""Entries of bank statements that wait for a decision."""

from __future__ import annotations

from uuid import UUID

from rongtong.servicing import models
from rongtong.servicing.contracts import ExceptionReason, StatementException


def unbooked_entries(
    *, lender_id: UUID | None = None, open_only: bool = True, limit: int = 200
) -> tuple[StatementException, ...]:
    """What could not be booked, newest first: of a lender, or of all for the platform."""
    rows = models.UnbookedEntry.objects.select_related("entry").order_by("-id")
    if lender_id is not None:
        rows = rows.filter(lender_id=lender_id)
    if open_only:
        rows = rows.filter(resolved_at=None)
    return tuple(exception_contract(row) for row in rows[:limit])


def exception_contract(row: models.UnbookedEntry) -> StatementException:
    """A row as other domains see it."""
    return StatementException(
        id=row.id,
        lender_id=row.lender_id,
        entry_ref=row.entry.entry_ref,
        end_to_end_id=row.entry.end_to_end_id,
        reason=ExceptionReason(row.reason),
        amount_minor=row.amount_minor,
        booked_date=row.entry.booked_date,
        text=row.entry.text,
        resolved_at=row.resolved_at,
        resolution=row.resolution,
    )
