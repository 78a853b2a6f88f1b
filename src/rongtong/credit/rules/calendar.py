"""Months and workdays in China.

Holidays and the weekends worked instead (调休) come from the `chinesecalendar` package, which holds the State Council's
notices. A year that is not published yet has weekends only, and the caller is told.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar


def add_months(start: date, months: int) -> date:
    """The same day `months` later, or the last day of a shorter month: 31 January + 1 = 28 (29) February."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = start.day
    return date(year, month + 1, day if day <= 28 else min(day, _last_day(year, month + 1)))


def _last_day(year: int, month: int) -> int:
    if month == 2:
        return 29 if isleap(year) else 28
    return 30 if month in {4, 6, 9, 11} else 31


@lru_cache(maxsize=8192)
def workday(day: date) -> tuple[bool, bool]:
    """Whether a day is worked, and whether the calendar of its year is published."""
    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        return day.weekday() < 5, False


@lru_cache(maxsize=8192)
def next_workday(day: date) -> tuple[date, bool]:
    """The day itself if it is worked, else the next day that is; and whether the calendar was published for all days looked at."""
    published = True
    while True:
        worked, known = workday(day)
        published = published and known
        if worked:
            return day, published
        day += timedelta(days=1)
