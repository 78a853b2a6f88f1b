"""Book the payments of a statement loan by loan where one of the loans cannot be booked on: the others are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.apart import do_apart
from rongtong.servicing import models
from rongtong.servicing.actions.book_repayments import Booked, Payment, book_repayments
from rongtong.servicing.contracts import ExceptionReason


def book_payments(payments: Sequence[Payment], actor: Actor, at: datetime) -> tuple[list[Booked], set[UUID]]:
    """What was booked, and the loans on which nothing can be."""

    @transaction.atomic
    def book(loans: Sequence[UUID]) -> Booked:
        wanted = set(loans)
        return book_repayments(payments=[one for one in payments if one.loan_id in wanted], actor=actor, at=at)

    booked, bad = do_apart(list(dict.fromkeys(one.loan_id for one in payments)), book)
    return booked, {one.item for one in bad}


def leave_faults(entries: Sequence[models.StatementEntry]) -> int:
    """Keep what could not be booked for a fault of its loan's rows, in full, for the lender to settle."""
    rows = [
        models.UnbookedEntry(
            entry=one, lender_id=one.lender_id, reason=ExceptionReason.FAULT.value, amount_minor=one.amount_minor
        )
        for one in entries
    ]
    return len(models.UnbookedEntry.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True))
