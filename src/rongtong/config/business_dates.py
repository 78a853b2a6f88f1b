"""Which days the command line takes: none before records can be, none after today unless a generated region knows it."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from rongtong.config.home import home
from rongtong.core.errors import Invalid

EARLIEST = date(2000, 1, 1)


class DateOutOfRange(Invalid):
    """A day to decide for or to close lies before 2000, or after today and after the last day of a generated region."""

    code = "date_out_of_range"
    message = _("%(date)s cannot be taken: the days from %(earliest)s to %(latest)s can")


def checked_day(given: datetime) -> date:
    """The day that was given, if it may be decided for and closed. Raises DateOutOfRange.

    A day that is closed stays closed, so one that has not come yet may not be; only a generated region lives ahead.
    """
    from rongtong.simulator import facade as simulator

    region = simulator.region_summary(home() / "region")
    return within(given, max(today(), region.last_date) if region else today())


def within(given: datetime, latest: date) -> date:
    """The day that was given, if it lies from 2000 to `latest`. Raises DateOutOfRange."""
    day = given.date()
    if not EARLIEST <= day <= latest:
        raise DateOutOfRange(date=day.isoformat(), earliest=EARLIEST.isoformat(), latest=latest.isoformat())
    return day


def today() -> date:
    """Today in China."""
    from rongtong.core.clock import china_date, now

    return china_date(now())
