"""Early repayment: interest to the actual day (民法典 art. 677), then the rows that are left are drawn up anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from rongtong.servicing.contracts import PrepaymentMode
from rongtong.servicing.rules.accrual import half_up, row_interest
from rongtong.servicing.rules.history import Row

_DAILY = {"bullet", "revolving"}
_INTEREST_ONLY = {"interest_first", "revolving", "bullet"}


def split_point(rows: Sequence[Row], day: date) -> tuple[list[Row], list[Row]]:
    """The rows whose period has ended by a day, and those to come."""
    done = [row for row in rows if row.period_end <= day]
    return done, [row for row in rows if row.period_end > day]


def prepayment_interest(rows: Sequence[Row], day: date) -> int:
    """The interest of the running period to the day: what is paid with the principal."""
    _done, coming = split_point(rows, day)
    return row_interest(coming[0], day) if coming else 0


def reschedule(
    *,
    rows: Sequence[Row],
    day: date,
    principal_minor: int,
    method: str,
    annual_rate: Decimal,
    mode: PrepaymentMode,
    day_count_base: int,
) -> list[Row]:
    """The rows after a prepayment on a day: the one for the prepayment, due that day, then those to come, drawn up anew.

    Rows whose period has ended stay as they are and are not returned. `principal_minor` is at most what the coming
    rows hold; the last row absorbs the difference.
    """
    done, coming = split_point(rows, day)
    balance = sum(row.principal for row in coming) - principal_minor
    number = max((row.number for row in done), default=0) + 1
    first = coming[0]
    made = [
        Row(
            number,
            day,
            first.period_start,
            max(day, first.period_start),
            principal_minor,
            row_interest(first, day),
            True,
        )
    ]
    level, share = _level(coming, balance, method, annual_rate, mode)
    for place, row in enumerate(coming):
        if balance <= 0:
            break
        start = max(day, row.period_start)
        interest = _interest(
            balance=balance, annual_rate=annual_rate, method=method, start=start, row=row, base=day_count_base
        )
        if method == "annuity":
            principal = level - half_up(*_monthly(balance, annual_rate))
        elif method in _INTEREST_ONLY:
            principal = 0
        else:
            principal = share
        last = place == len(coming) - 1
        principal = balance if last else min(balance, max(0, principal))
        number += 1
        made.append(replace(row, number=number, period_start=start, principal=principal, interest=interest))
        balance -= principal
    return made


def annuity(balance: int, annual_rate: Decimal, months: int) -> int:
    """The equal instalment: A = P·i·(1+i)^n / ((1+i)^n - 1), in fen."""
    if not annual_rate:
        return half_up(balance, months)
    top, bottom = annual_rate.as_integer_ratio()
    grown = (bottom * 12 + top) ** months
    return half_up(balance * top * grown, bottom * 12 * (grown - (bottom * 12) ** months))


def _level(
    coming: Sequence[Row], balance: int, method: str, annual_rate: Decimal, mode: PrepaymentMode
) -> tuple[int, int]:
    """The equal instalment and the equal share of principal of the rows to come."""
    if mode is PrepaymentMode.KEEP_TERM:
        return annuity(balance, annual_rate, len(coming)) if method == "annuity" else 0, half_up(balance, len(coming))
    before = sum(row.principal for row in coming)
    return (coming[0].principal + half_up(*_monthly(before, annual_rate))), coming[0].principal


def _monthly(balance: int, annual_rate: Decimal) -> tuple[int, int]:
    top, bottom = annual_rate.as_integer_ratio()
    return balance * top, bottom * 12


def _interest(*, balance: int, annual_rate: Decimal, method: str, start: date, row: Row, base: int) -> int:
    """Interest of what is left of a row's period: by days for daily methods, else the part of a month's interest."""
    top, bottom = annual_rate.as_integer_ratio()
    days, whole = (row.period_end - start).days, (row.period_end - row.period_start).days
    if method in _DAILY:
        return half_up(balance * top * days, bottom * base)
    return half_up(balance * top * days, bottom * 12 * whole)
