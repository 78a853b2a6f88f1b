"""Who saw what: the log as the firm reads it (PIPL art. 45, 征信业管理条例 art. 22), a line for what belongs together.

The uses of one consent by one reader and person for a purpose on a day are one line, and so are all reads of one reader
that were refused on a day, however many they were.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from rongtong.consent import models
from rongtong.consent.contracts import Access, AccessPage, ConsentId, Refusal
from rongtong.parties import facade as parties

_LINES = """
WITH lines AS (
  SELECT reader_id, authorisation_id, actor_kind, actor_id, actor_name, actor_right,
         ARRAY[purpose]::text[] AS purposes, '{}'::text[] AS refusals, assertion_id IS NOT NULL AS asserted,
         array_agg(DISTINCT item::text) AS items, count(DISTINCT occurred_at) AS times,
         min(occurred_at) AS first_at, max(occurred_at) AS last_at
    FROM consent_access, unnest(items) AS item
   WHERE enterprise_id = %(firm)s AND refusal = ''
   GROUP BY reader_id, authorisation_id, actor_kind, actor_id, actor_name, actor_right, purpose,
            assertion_id IS NOT NULL, (occurred_at AT TIME ZONE 'Asia/Shanghai')::date
  UNION ALL
  SELECT reader_id, NULL, (array_agg(actor_kind ORDER BY last_at DESC))[1], (array_agg(actor_id ORDER BY last_at DESC))[1],
         (array_agg(actor_name ORDER BY last_at DESC))[1], (array_agg(actor_right ORDER BY last_at DESC))[1],
         array_agg(DISTINCT purpose::text),
         array_agg(DISTINCT refusal::text), false, array_agg(DISTINCT item::text), NULL, min(first_at), max(last_at)
    FROM consent_refusal_count, unnest(items) AS item
   WHERE enterprise_id = %(firm)s
   GROUP BY reader_id, day
)
SELECT reader_id, authorisation_id, actor_kind, actor_id, actor_name, actor_right, purposes, refusals, asserted, items,
       first_at, last_at,
       coalesce(times, (SELECT sum(c.times) FROM consent_refusal_count c WHERE c.enterprise_id = %(firm)s
          AND c.reader_id = lines.reader_id AND c.day = (lines.last_at AT TIME ZONE 'Asia/Shanghai')::date)) AS times,
       count(*) OVER () AS total
  FROM lines ORDER BY last_at DESC, cardinality(refusals) DESC, reader_id, authorisation_id, actor_id
 LIMIT %(size)s OFFSET %(skipped)s"""


def accesses_of(*, enterprise_id: UUID, page: int = 1, page_size: int = 50) -> AccessPage:
    """Uses of and refusals about a firm's data, a line for what belongs together, the latest first; at most 200 a page."""
    size, number = min(max(page_size, 1), 200), max(page, 1)
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"firm": enterprise_id, "size": size, "skipped": (number - 1) * size})
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    readers = {one.id: one.name for one in parties.organisations(row["reader_id"] for row in rows).values()}
    total = rows[0]["total"] if rows else _total(enterprise_id, number)
    return AccessPage(items=tuple(_contract(row, readers) for row in rows), total=total, page=number, page_size=size)


def refusals_since(*, since: datetime) -> int:
    """How many reads of whomever were refused, of those kinds and days of which the last came after a moment."""
    counted = models.RefusalCount.objects.filter(last_at__gt=since).aggregate(sum=Sum("times"))["sum"]
    return int(counted or 0)


def _total(enterprise_id: UUID, number: int) -> int:
    """Behind the last page there is none to count along with."""
    return accesses_of(enterprise_id=enterprise_id, page_size=1).total if number > 1 else 0


def _contract(row: dict[str, Any], readers: dict[Any, str]) -> Access:
    refusals = sorted((Refusal(one) for one in row["refusals"]), key=list(Refusal).index)
    return Access(
        reader_id=row["reader_id"],
        reader_name=readers.get(row["reader_id"], ""),
        items=tuple(row["items"]),
        purposes=tuple(row["purposes"]),
        consent_id=ConsentId(row["authorisation_id"]) if row["authorisation_id"] else None,
        refusals=tuple(refusals),
        asserted=row["asserted"],
        actor_kind=row["actor_kind"],
        actor_id=row["actor_id"],
        actor_name=row["actor_name"],
        actor_right=row["actor_right"],
        times=int(row["times"]),
        first_at=row["first_at"],
        occurred_at=row["last_at"],
    )
