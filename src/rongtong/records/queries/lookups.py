"""Who looked a firm up in which public register, and what was answered."""

from __future__ import annotations

from uuid import UUID

from rongtong.records import models
from rongtong.records.contracts import Lookup, LookupState, PublicRegister

SHOWN_MAX = 400


def register_lookups(*, enterprise_id: UUID) -> tuple[Lookup, ...]:
    """The latest look-ups of a firm that the one who looks may see: the firm and the operator all, a reader its own."""
    rows = models.RegisterLookup.objects.filter(enterprise_id=enterprise_id).order_by("-recorded_at", "-id")
    return tuple(map(contract, rows[:SHOWN_MAX]))


def contract(row: models.RegisterLookup) -> Lookup:
    """A look-up's row as others see it."""
    return Lookup(
        id=row.id,
        enterprise_id=row.enterprise_id,
        reader_id=row.reader_id,
        register=PublicRegister(row.register),
        purpose=row.purpose,
        as_of=row.as_of,
        state=LookupState(row.state),
        detail=row.detail,
        listed=row.listed,
        amount_minor=row.amount_minor,
        answer_digest=row.answer_digest,
        actor=row.actor_name,
        recorded_at=row.recorded_at,
    )
