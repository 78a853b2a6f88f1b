"""Deadlines in working days of China."""

from __future__ import annotations

from datetime import date, timedelta

from rongtong.credit.facade import next_workday


def working_days_after(day: date, count: int) -> date:
    """The working day `count` working days after a day; holidays of a year not published yet are not known."""
    for _ in range(count):
        day, _published = next_workday(day + timedelta(days=1))
    return day
