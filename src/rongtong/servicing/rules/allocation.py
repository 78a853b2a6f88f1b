"""What is due on a day, and how a payment is put towards it (民法典 art. 561)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rongtong.servicing.contracts import Component
from rongtong.servicing.rules.accrual import overdue_days, row_penalty
from rongtong.servicing.rules.history import History


@dataclass(frozen=True, slots=True)
class Due:
    """What is owed on one component of one row, in fen."""

    number: int
    component: Component
    minor: int


def dues(history: History, day: date) -> list[Due]:
    """What is due and unpaid on a day, the oldest row first."""
    found = []
    for row in history.rows:
        if row.due_date > day:
            continue
        owed = {
            Component.PENALTY: row_penalty(history, row, Component.PENALTY, day),
            Component.COMPOUND: row_penalty(history, row, Component.COMPOUND, day),
            Component.INTEREST: row.interest,
            Component.PRINCIPAL: row.principal,
        }
        for component, minor in owed.items():
            left = minor - history.paid(row.number, component)
            if left > 0:
                found.append(Due(row.number, component, left))
    return found


def allocate(
    owed: Sequence[Due], minor: int, order: Sequence[Component], *, principal_first: bool = False
) -> tuple[list[Due], int]:
    """Put a payment towards what is owed: the oldest row first, within a row by the order given; the rest is left over.

    With `principal_first` all principal comes before anything else, as banks do with non-accrual loans.
    """
    rank = {component: place for place, component in enumerate(order)}

    def turn(due: Due) -> tuple[bool, int, int]:
        later = principal_first and due.component is not Component.PRINCIPAL
        return later, due.number, rank[due.component]

    parts, left = [], minor
    for due in sorted(owed, key=turn):
        part = min(due.minor, left)
        if part > 0:
            parts.append(Due(due.number, due.component, part))
            left -= part
    return parts, left


def days_past_due(history: History, day: date) -> int:
    """Days since the oldest due date with principal or interest unpaid, as far as the grace has lapsed; 0 if there is none."""
    return max(
        (
            overdue_days(row, day, history.terms.grace_days)
            for row in history.rows
            if row.due_date < day and history.settled_date(row) is None
        ),
        default=0,
    )


def arrears(history: History, day: date) -> int:
    """Principal and interest past their due date and unpaid."""
    return sum(
        due.minor
        for due in dues(history, day)
        if due.component in {Component.PRINCIPAL, Component.INTEREST}
        and next(row for row in history.rows if row.number == due.number).due_date < day
    )


def clean_since(history: History, day: date) -> date | None:
    """Since when nothing has been overdue: the last day that an overdue row was settled; None if something is overdue.

    The day of drawing where nothing ever was.
    """
    since = history.rows[0].period_start if history.rows else day
    for row in history.rows:
        if row.due_date >= day:
            continue
        settled = history.settled_date(row)
        if settled is None or settled > day:
            if overdue_days(row, day, history.terms.grace_days):
                return None
        elif overdue_days(row, settled, history.terms.grace_days):
            since = max(since, settled)
    return since
