"""Closing days: twice, at once, and after the worker was killed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from rongtong.core.actors import system_actor
from rongtong.core.tenancy import as_platform
from rongtong.workflows import day
from rongtong.workflows.books import books_held
from rongtong.workflows.models import BusinessDay

AT = datetime(2026, 7, 2, 1, tzinfo=UTC)
TO = date(2026, 7, 1)


def close() -> day.DaysReport:
    try:
        with as_platform():
            return day.close_days(to=TO, actor=system_actor("test"), at=AT)
    finally:
        connection.close()


def waiting_for_the_books() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
class TestCloseDays:
    def test_at_once_closes_each_day_once(self) -> None:
        with as_platform(), ThreadPoolExecutor(2) as pool:
            with books_held():
                both = [pool.submit(close) for _ in range(2)]
                while waiting_for_the_books() < 2:
                    assert not any(one.done() for one in both), [one.result() for one in both if one.done()]
            assert sorted(one.result().days for one in both) == [0, 1]
            assert BusinessDay.objects.exclude(closed_at=None).count() == 1
