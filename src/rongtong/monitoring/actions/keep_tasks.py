"""The tasks that signals make: opened for the risk desk and each lender with money out, closed when the records speak otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from rongtong.core.actors import Actor
from rongtong.monitoring import models
from rongtong.monitoring.contracts import Disposition, Level, TaskState
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import facade as servicing

_NO_LONGER = "最新记录不再显示该情形，预警自动解除。 The latest records no longer show it."


def open_tasks(signals: list[models.Signal], at: datetime, day: date) -> None:
    """One task for the risk desk and one for each lender with money out; a graver level moves the deadline up."""
    exposed = servicing.exposures(enterprise_ids=[signal.enterprise_id for signal in signals])
    hours = {level: int(rulebook.value(f"monitoring.deadline_hours_{level}", on=day)) for level in Level}
    tasks = [
        models.Task(
            signal=signal,
            enterprise_id=signal.enterprise_id,
            lender_id=lender_id,
            code=signal.code,
            level=signal.level,
            facts=signal.facts,
            portrait_id=signal.portrait_id,
            seen_date=day,
            deadline_at=at + timedelta(hours=hours[Level(signal.level)]),
            recorded_at=at,
        )
        for signal in signals
        for lender_id in (None, *exposed.get(signal.enterprise_id, ()))
    ]
    models.Task.objects.bulk_create(tasks, ignore_conflicts=True, batch_size=1000)
    by_level: dict[str, list[UUID]] = {}
    for signal in signals:
        by_level.setdefault(signal.level, []).append(signal.id)
    for level, ids in by_level.items():
        models.Task.objects.filter(signal_id__in=ids, state=TaskState.OPEN).exclude(level=level).update(
            level=level, deadline_at=at + timedelta(hours=hours[Level(level)])
        )


def close_tasks(signals: Sequence[models.Signal], actor: Actor, at: datetime) -> None:
    """What the records no longer show is nobody's task any more."""
    models.Task.objects.filter(signal__in=signals, state=TaskState.OPEN).update(
        state=TaskState.DONE,
        disposition=Disposition.MITIGATED,
        note=_NO_LONGER,
        done_by=actor.name,
        done_at=at,
        **actor.columns(),
    )
