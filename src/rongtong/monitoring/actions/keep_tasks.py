"""The tasks that signals make: opened for the risk desk and each lender with money out or a line open, closed when the records speak otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from rongtong.core.actors import Actor
from rongtong.monitoring import models
from rongtong.monitoring.contracts import Detected, Disposition, Level, TaskState
from rongtong.monitoring.rules import is_news
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import facade as servicing

_NO_LONGER = "最新记录不再显示该情形，预警自动解除。 The latest records no longer show it."


def open_tasks(signals: list[models.Signal], at: datetime, day: date) -> None:
    """A task for the risk desk and for each lender that has money out or a line open; open ones are brought up to date.

    Whoever is done with a signal gets a task anew when it says more than it did then.
    """
    concerned = servicing.lenders_concerned(enterprise_ids=[signal.enterprise_id for signal in signals])
    hours = {level: int(rulebook.value(f"monitoring.deadline_hours_{level}", on=day)) for level in Level}
    latest = {
        (task.signal_id, task.lender_id): task
        for task in models.Task.objects.select_for_update().filter(signal__in=signals).order_by("recorded_at", "id")
    }
    by_id = {signal.id: signal for signal in signals}
    for task in latest.values():
        _renew(task, by_id[task.signal_id], at + timedelta(hours=hours[Level(by_id[task.signal_id].level)]), day)
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
        for lender_id in (None, *sorted(concerned.get(signal.enterprise_id, ())))
        if _calls(signal, latest.get((signal.id, lender_id)))
    ]
    models.Task.objects.bulk_create(tasks, batch_size=1000)
    still = [task for task in latest.values() if task.state == TaskState.OPEN]
    models.Task.objects.bulk_update(still, ["level", "facts", "seen_date", "deadline_at"], batch_size=1000)


def _renew(task: models.Task, signal: models.Signal, deadline: datetime, day: date) -> None:
    """An open task tells what the signal says now; a graver level moves its deadline up, nothing moves it back."""
    if task.state == TaskState.OPEN:
        if Level(signal.level).rank > Level(task.level).rank:
            task.deadline_at = min(task.deadline_at, deadline)
        task.level, task.facts, task.seen_date = signal.level, signal.facts, day


def _calls(signal: models.Signal, last: models.Task | None) -> bool:
    """Whether a signal calls for a task of somebody whose last one about it is this."""
    if last is None:
        return True
    if last.state == TaskState.OPEN:
        return False
    if last.disposition == Disposition.FALSE_ALARM:
        return is_news(Detected(signal.code, Level(signal.level), signal.facts), last.level, last.facts)
    return Level(signal.level).rank > Level(last.level).rank


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
