"""Scan enterprises for signs of trouble."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from rongtong.consent.contracts import Purpose
from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.features import facade as features
from rongtong.monitoring import models
from rongtong.monitoring.contracts import Detected, Level, ScanReport, SignalState, TaskState
from rongtong.monitoring.rules import View, detect
from rongtong.parties import facade as parties
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import facade as servicing

_LOOK_BACK = timedelta(days=90)


def scan(*, enterprise_ids: Sequence[UUID], business_date: date, actor: Actor, at: datetime) -> ScanReport:
    """Look at the enterprises' fresh records: raise what is new, renew what is still so, clear what has passed.

    Enterprises without a live consent for post-loan management are not looked at. Safe to run twice for a day.
    """
    if not enterprise_ids:
        return ScanReport(scanned=0, raised=0, seen_again=0, cleared=0)
    views = _views(enterprise_ids, business_date, actor, at)
    limits = _thresholds(business_date)
    found = {enterprise_id: detect(view, limits) for enterprise_id, view in views.items()}
    with transaction.atomic():
        return _write(found, business_date, actor, at)


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


def _write(found: Mapping[UUID, list[Detected]], day: date, actor: Actor, at: datetime) -> ScanReport:
    open_signals = {
        (signal.enterprise_id, signal.code): signal
        for signal in models.Signal.objects.select_for_update().filter(
            enterprise_id__in=list(found), state=SignalState.OPEN
        )
    }
    fresh, renewed, still = [], [], set()
    for enterprise_id, detected in found.items():
        for one in detected:
            key = (enterprise_id, one.code)
            still.add(key)
            signal = open_signals.get(key)
            if signal is None:
                fresh.append(_signal(enterprise_id, one, day, at))
            elif signal.last_seen_date <= day:
                signal.level, signal.facts, signal.last_seen_date = one.level, _clean(one.facts), day
                renewed.append(signal)
    passed = [signal for key, signal in open_signals.items() if key not in still]
    for signal in passed:
        signal.state = SignalState.CLEARED
    models.Signal.objects.bulk_create(fresh, batch_size=1000)
    models.Signal.objects.bulk_update(renewed, ["level", "facts", "last_seen_date"], batch_size=1000)
    models.Signal.objects.bulk_update(passed, ["state"], batch_size=1000)
    _open_tasks([*fresh, *renewed], at, day)
    deeds = [_deed("signal.raised", signal) for signal in fresh] + [_deed("signal.cleared", one) for one in passed]
    record_all(deeds=deeds, actor=actor, at=at)
    return ScanReport(scanned=len(found), raised=len(fresh), seen_again=len(renewed), cleared=len(passed))


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


def _clean(facts: Mapping[str, float | int | str | None]) -> dict[str, float | int | str | None]:
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in facts.items()}


def _deed(name: str, signal: models.Signal) -> Deed:
    return Deed(
        name=name,
        subject=encode_id("sig", signal.id),
        enterprise_id=signal.enterprise_id,
        facts={"code": signal.code, "level": str(signal.level), **signal.facts},
    )
