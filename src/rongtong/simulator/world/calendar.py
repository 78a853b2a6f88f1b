"""The months and days of a region, and how business spreads over the days of a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int32]
"""Days since 1970-01-01, as Arrow's date32 holds them."""

_FIXED_HOLIDAYS = ((1, 1), (5, 1), (5, 2), (5, 3), (10, 1), (10, 2), (10, 3), (10, 4), (10, 5), (10, 6), (10, 7))
_SPRING_FESTIVAL = {
    2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1),
    2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3),
    2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip


def month_of(day: date) -> int:
    """Months since 1970-01."""
    return (day.year - 1970) * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of a month counted from 1970-01."""
    return date(1970 + month // 12, month % 12 + 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - 719_163


def date_of(number: int) -> date:
    """The date of a day number."""
    return date.fromordinal(int(number) + 719_163)


@dataclass(frozen=True, slots=True)
class Month:
    """One month and how likely each of its days is for an invoice, a payment, work at a plant."""

    index: int
    number: int
    start: date
    days: Days
    invoicing: NDArray[np.float64]
    """Cumulative, ends at one: invoices crowd at the month's end, few at weekends and holidays."""
    paying: NDArray[np.float64]
    """Cumulative, working days only."""
    working: NDArray[np.float64]
    """Activity of a plant, about one on working days."""

    @property
    def day_count(self) -> int:
        return len(self.days)


def month_at(index: int, first_month: int) -> Month:
    """The month `index` months after `first_month`."""
    number = first_month + index
    start, end = first_day(number), first_day(number + 1)
    days = np.arange(day_number(start), day_number(end), dtype=np.int32)
    weekday = (days + 3) % 7
    position = np.arange(1, len(days) + 1) / len(days)
    work = np.where(weekday >= 5, 0.45, 1.0) * np.where(_holidays(days), 0.3, 1.0)
    invoicing = np.where(weekday >= 5, 0.25, 1.0) * np.where(_holidays(days), 0.08, 1.0) * (0.7 + 0.9 * position**4)
    paying = np.where((weekday >= 5) | _holidays(days), 0.0, 1.0) + 1e-9
    return Month(index, number, start, days, _cumulative(invoicing), _cumulative(paying), work)


def _holidays(days: Days) -> NDArray[np.bool_]:
    found = np.zeros(len(days), dtype=np.bool_)
    for position, number in enumerate(days):
        day = date_of(int(number))
        spring = date(day.year, *_SPRING_FESTIVAL.get(day.year, (2, 5)))
        found[position] = (day.month, day.day) in _FIXED_HOLIDAYS or -1 <= (day - spring).days <= 7
    return found


def _cumulative(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.cumsum(weights)
    return np.asarray(total / total[-1])
