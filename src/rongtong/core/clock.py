"""The clock, read only at the edges: domains take `at` and `business_date` as arguments."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def china_date(at: datetime) -> date:
    """The calendar day in China at a moment: the day of books and deadlines."""
    return at.astimezone(CHINA).date()
