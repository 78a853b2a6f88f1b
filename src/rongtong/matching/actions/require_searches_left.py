"""Searches of a day, per firm and per API key: each one binds lenders' capacity for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict
from rongtong.matching import models
from rongtong.matching.actions.lock_exposure import lock_keys
from rongtong.rulebook import facade as rulebook

_DAY = timedelta(days=1)


class SearchLimitReached(Conflict):
    """A firm, or an API key, has searched for offers as often as it may within a day; `retry_at` says when it may again."""

    code = "search_limit_reached"
    message = _("Offers were searched for %(limit)s times within a day, which is the most. Please search again later.")


def require_searches_left(*, enterprise_ids: Sequence[UUID], actor: Actor, at: datetime) -> None:
    """Refuse a new search where the day's are used up; called under the firms' locks. The platform's own jobs are not counted.

    Raises SearchLimitReached.
    """
    if actor.kind == "system":
        return
    on, since = china_date(at), at - _DAY
    per_firm = int(rulebook.value("matching.searches_per_firm_day", on=on))
    recent = models.Match.objects.filter(recorded_at__gt=since, recorded_at__lte=at).exclude(
        searched_by__startswith="system:"
    )
    by_firm = recent.filter(enterprise_id__in=enterprise_ids).values("enterprise_id")
    for row in by_firm.annotate(made=Count("id"), oldest=Min("recorded_at")).order_by("enterprise_id"):
        _refuse(row["made"], per_firm, row["oldest"], "enterprise", at)
    if actor.kind == "client":
        lock_keys("searches", [str(actor).encode()])
        per_key = int(rulebook.value("matching.searches_per_key_day", on=on))
        mine = recent.filter(searched_by=str(actor)[:120]).aggregate(made=Count("id"), oldest=Min("recorded_at"))
        _refuse(mine["made"] + len(enterprise_ids) - 1, per_key, mine["oldest"], "key", at)


def _refuse(made: int, limit: int, oldest: datetime | None, scope: str, at: datetime) -> None:
    if made < limit:
        return
    retry_at = (oldest or at) + _DAY
    raise SearchLimitReached(
        scope=scope,
        limit=limit,
        retry_at=retry_at.isoformat(timespec="minutes"),
        retry_after_seconds=max(0, round((retry_at - at).total_seconds())),
    )
