"""Bounds of what one party may do again and again: counted under a lock, refused with the moment from which it may be done again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Min, QuerySet

from rongtong.core.errors import Conflict

DAY = timedelta(days=1)


def one_at_a_time(name: str) -> None:
    """Hold a lock of a name to the end of the transaction: who counts waits for who writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def refuse_beyond(
    rows: QuerySet[Any], *, moment: str, at: datetime, limit: int, error: type[Conflict], counted: str = "pk"
) -> None:
    """Raise the error where as many rows as the limit were written within the day before `at`; called under the lock.

    `moment` is the column that says when, `counted` the one whose different values count as one each.
    """
    within = rows.filter(**{f"{moment}__gt": at - DAY, f"{moment}__lte": at})
    found = within.aggregate(made=Count(counted, distinct=True), oldest=Min(moment))
    if found["made"] < limit:
        return
    retry_at = found["oldest"] + DAY if found["oldest"] else at + DAY
    raise error(
        limit=limit,
        retry_at=retry_at.isoformat(timespec="minutes"),
        retry_after_seconds=max(0, round((retry_at - at).total_seconds())),
    )
