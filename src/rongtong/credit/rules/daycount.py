"""Day counts and the interest of a period, to the fen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rongtong.credit.contracts import DayCount
from rongtong.credit.rules.rounding import half_up


def count_days(start: date, end: date, convention: DayCount) -> int:
    """Days from `start` (counted) to `end` (not counted: 算头不算尾); 30E/360 turns each 31st into a 30th."""
    if convention is DayCount.THIRTY_E_360 or convention is DayCount.MONTHLY:
        return (end.year - start.year) * 360 + (end.month - start.month) * 30 + min(end.day, 30) - min(start.day, 30)
    return (end - start).days


def accrue(principal_minor: int, annual_rate: Decimal, start: date, end: date, convention: DayCount) -> int:
    """Simple interest of a period in fen, rounded half up once."""
    base = 365 if convention is DayCount.ACT_365F else 360
    top, bottom = annual_rate.as_integer_ratio()
    return half_up(principal_minor * top * count_days(start, end, convention), bottom * base)
