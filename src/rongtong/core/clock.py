"""The clock, read only at the edges: domains take `at` and `business_date` as arguments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def played_moment(day: date, hour: int = 10) -> datetime:
    """An hour of a day in China, for what is played as of that day after it: all its times are then of that day."""
    return datetime.combine(day, time(hour), tzinfo=CHINA).astimezone(UTC)


def china_date(at: datetime) -> date:
    """The calendar day in China at a moment: the day of books and deadlines."""
    return at.astimezone(CHINA).date()


def end_of_day(day: date) -> datetime:
    """The moment at which a day in China is over."""
    return datetime.combine(day + timedelta(days=1), time(), CHINA).astimezone(UTC)
