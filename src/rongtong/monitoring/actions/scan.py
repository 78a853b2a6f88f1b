"""Scan enterprises for signs of trouble."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from rongtong.consent.contracts import Purpose
from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.features import facade as features
from rongtong.monitoring import models
from rongtong.monitoring.contracts import Detected, Disposition, Level, ScanReport, SignalState, TaskState
from rongtong.monitoring.rules import View, can_pass, detect, is_news
from rongtong.parties import facade as parties
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import facade as servicing

_LOOK_BACK = timedelta(days=90)
_NO_LONGER = "最新记录不再显示该情形，预警自动解除。 The latest records no longer show it."


def scan(*, enterprise_ids: Sequence[UUID], business_date: date, actor: Actor, at: datetime) -> ScanReport:
    """Look at the enterprises' fresh records: raise what is new, renew what is still so, clear what has passed.

    What the risk desk found false stays so until it has passed, or until it grows. Signals of firms that are no borrowers
    any more are cleared. Enterprises without a live consent for post-loan management are not looked at. Safe to run twice
    for a day.
    """
    if not enterprise_ids:
        return ScanReport(scanned=0, raised=0, seen_again=0, cleared=0)
    views = _views(enterprise_ids, business_date, actor, at)
    limits = _thresholds(business_date)
    found = {enterprise_id: detect(view, limits) for enterprise_id, view in views.items()}
    with transaction.atomic():
        return _write(found, views, business_date, actor, at)


def _views(enterprise_ids: Sequence[UUID], day: date, actor: Actor, at: datetime) -> dict[UUID, View]:
    reader = parties.platform().id
    overdue = servicing.overdue_days(enterprise_ids=enterprise_ids, business_date=day)

    before = day - _LOOK_BACK
    frame = features.compute_panel(
        enterprise_ids=enterprise_ids,
        dates=[before, day],
        reader_id=reader,
        purpose=Purpose.POST_LOAN,
        actor=actor,
        at=at,
    )
    values: dict[tuple[UUID, date], Mapping[str, float | None]] = {
        (one, as_of): frame.row(index)
        for index, (one, as_of) in enumerate(zip(frame.enterprise_ids, frame.as_of, strict=True))
    }
    return {
        one: View(
            now=values.get((one, day), {}), before=values.get((one, before), {}), overdue_days=overdue.get(one, 0)
        )
        for one in enterprise_ids
    }


def _thresholds(day: date) -> dict[str, float]:
    return {rule.id: float(rule.value) for rule in rulebook.rules(on=day) if rule.id.startswith("monitoring.")}


def _write(
    found: Mapping[UUID, list[Detected]], views: Mapping[UUID, View], day: date, actor: Actor, at: datetime
) -> ScanReport:
    standing = _standing(list(found))
    fresh: list[models.Signal] = []
    renewed: list[models.Signal] = []
    over = _passed(standing.values(), found, views)
    for enterprise_id, detected in found.items():
        for one in detected:
            dismissed = standing.get((enterprise_id, one.code, SignalState.DISMISSED))
            signal = standing.get((enterprise_id, one.code, SignalState.OPEN))
            if signal is None and dismissed is not None and not is_news(one, dismissed.level, dismissed.facts):
                continue  # a person found it false, and it says nothing else
            if signal is None:
                fresh.append(_signal(enterprise_id, one, day, at))
                over += [dismissed] if dismissed is not None else []
            elif signal.last_seen_date <= day:
                signal.level, signal.facts, signal.last_seen_date = one.level, _clean(one.facts), day
                renewed.append(signal)
    over += _let_go({signal.id for signal in over})
    passed = [signal for signal in over if signal.state == SignalState.OPEN]
    for signal in over:
        signal.state = SignalState.CLEARED
    models.Signal.objects.bulk_update(over, ["state"], batch_size=1000)
    models.Signal.objects.bulk_create(fresh, batch_size=1000)
    models.Signal.objects.bulk_update(renewed, ["level", "facts", "last_seen_date"], batch_size=1000)
    _open_tasks([*fresh, *renewed], at, day)
    _close_tasks(passed, actor, at)
    deeds = [_deed("signal.raised", signal) for signal in fresh] + [_deed("signal.cleared", one) for one in passed]
    record_all(deeds=deeds, actor=actor, at=at)
    return ScanReport(scanned=len(found), raised=len(fresh), seen_again=len(renewed), cleared=len(passed))


def _standing(enterprise_ids: Sequence[UUID]) -> dict[tuple[UUID, str, str], models.Signal]:
    """By firm, code and state what is open, and what a person dismissed and has been true ever since."""
    rows = models.Signal.objects.select_for_update().filter(
        enterprise_id__in=enterprise_ids, state__in=[SignalState.OPEN, SignalState.DISMISSED]
    )
    return {(row.enterprise_id, row.code, row.state): row for row in rows.order_by("id")}


def _passed(
    standing: Iterable[models.Signal], found: Mapping[UUID, list[Detected]], views: Mapping[UUID, View]
) -> list[models.Signal]:
    """What stood and is not found any more, as far as the records are there that say so."""
    still = {(enterprise_id, one.code) for enterprise_id, detected in found.items() for one in detected}
    gone = [signal for signal in standing if (signal.enterprise_id, signal.code) not in still]
    unknown = {one.id: one.enterprise_id for one in gone if not can_pass(one.code, views[one.enterprise_id])}
    return [
        signal
        for signal in gone
        if signal.id not in unknown
        and not (signal.code == "several_signals" and signal.enterprise_id in unknown.values())
    ]


def _let_go(but: Collection[UUID]) -> list[models.Signal]:
    """Open signals of firms that owe nothing any more and can draw nothing: nobody watches them."""
    rows = models.Signal.objects.select_for_update().filter(state=SignalState.OPEN).exclude(id__in=but)
    return list(rows.exclude(enterprise_id__in=servicing.borrowers()).order_by("id"))


def _signal(enterprise_id: UUID, found: Detected, day: date, at: datetime) -> models.Signal:
    return models.Signal(
        enterprise_id=enterprise_id,
        code=found.code,
        level=found.level,
        facts=_clean(found.facts),
        first_seen_date=day,
        last_seen_date=day,
        recorded_at=at,
    )


def _open_tasks(signals: list[models.Signal], at: datetime, day: date) -> None:
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


def _close_tasks(signals: Sequence[models.Signal], actor: Actor, at: datetime) -> None:
    """What the records no longer show is nobody's task any more."""
    models.Task.objects.filter(signal__in=signals, state=TaskState.OPEN).update(
        state=TaskState.DONE,
        disposition=Disposition.MITIGATED,
        note=_NO_LONGER,
        done_by=actor.name,
        done_at=at,
        **actor.columns(),
    )


def _clean(facts: Mapping[str, float | int | str | None]) -> dict[str, float | int | str | None]:
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in facts.items()}


def _deed(name: str, signal: models.Signal) -> Deed:
    return Deed(
        name=name,
        subject=encode_id("sig", signal.id),
        enterprise_id=signal.enterprise_id,
        facts={"code": signal.code, "level": str(signal.level), **signal.facts},
    )
