"""Feedback: what an alarm does to a limit, and what the end of an alarm gives back."""

from __future__ import annotations

from datetime import date, datetime

from rongtong.core.actors import Actor
from rongtong.monitoring import facade as monitoring
from rongtong.servicing import facade as servicing


def freeze_on_red(*, business_date: date, actor: Actor, at: datetime) -> int:
    """Freeze the unused limits of each enterprise with an open red alarm; say how many facilities froze now."""
    frozen = 0
    for alarm in monitoring.open_red_alarms(business_date=business_date):
        frozen += servicing.freeze_limits(
            enterprise_id=alarm.enterprise_id, reason=alarm.code, signal_id=alarm.id, actor=actor, at=at
        )
    return frozen
