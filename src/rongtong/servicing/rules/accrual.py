"""Interest and penalty interest to the day, exact to the fen.

The day of drawing counts and the day of payment does not (算头不算尾). Penalty interest (罚息) runs on overdue principal
and compound interest (复利) on overdue interest, both at the penalty rate over the rulebook's base of days, from the due
date once the days of grace have lapsed (银发〔2003〕251号); neither runs on itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rongtong.servicing.contracts import Component
from rongtong.servicing.rules.history import History, Part, Row

_BASE_OF = {Component.PENALTY: Component.PRINCIPAL, Component.COMPOUND: Component.INTEREST}


def half_up(numerator: int, denominator: int) -> int:
    """The quotient of two non-negative integers rounded to the nearest integer, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)


def row_interest(row: Row, day: date) -> int:
    """The interest of a row's period that has accrued by the start of a day: by days, and all of it at the end."""
    if day <= row.period_start:
        return 0
    if day >= row.period_end:
        return row.interest
    return half_up(row.interest * (day - row.period_start).days, (row.period_end - row.period_start).days)


def interest_to(rows: Sequence[Row], day: date) -> int:
    """All interest accrued from the drawing to the start of a day."""
    return sum(row_interest(row, day) for row in rows)


def overdue_days(row: Row, until: date, grace_days: int) -> int:
    """Days past due of a row on a day; none within the days of grace, and then counted from the due date."""
    days = (until - row.due_date).days
    return days if days > grace_days else 0


def row_penalty(history: History, row: Row, component: Component, day: date) -> int:
    """Penalty (or compound) interest of a row from its due date to the start of a day, rounded once.

    Each portion of the overdue principal (or interest) counts until the day that it was paid.
    """
    base = _BASE_OF[component]
    wanted = row.principal if base is Component.PRINCIPAL else row.interest
    parts = history.parts(row.number, base)
    return _penalty(row, wanted, parts, day, history)


def _penalty(row: Row, wanted: int, parts: Sequence[Part], day: date, history: History) -> int:
    if wanted == 0 or day <= row.due_date:
        return 0
    grace = history.terms.grace_days
    weighted = sum(part.minor * overdue_days(row, min(part.paid_date, day), grace) for part in parts)
    unpaid = wanted - sum(part.minor for part in parts)
    weighted += unpaid * overdue_days(row, day, grace)
    if weighted == 0:
        return 0
    top, bottom = history.terms.penalty_rate.as_integer_ratio()
    return half_up(weighted * top, bottom * history.terms.day_count_base)


def penalty_to(history: History, day: date) -> int:
    """All penalty and compound interest accrued to the start of a day."""
    return sum(
        row_penalty(history, row, component, day)
        for row in history.rows
        if row.due_date < day
        for component in (Component.PENALTY, Component.COMPOUND)
    )
