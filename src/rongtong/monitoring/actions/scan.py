"""Scan enterprises for signs of trouble."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from rongtong.consent.contracts import Purpose
from rongtong.core.actors import Actor
from rongtong.core.apart import do_apart
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.features import facade as features
from rongtong.monitoring import models
from rongtong.monitoring.actions.keep_tasks import close_tasks, open_tasks
from rongtong.monitoring.contracts import Detected, ScanReport, SignalState
from rongtong.monitoring.rules import View, can_pass, detect, is_news
from rongtong.parties import facade as parties
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import facade as servicing

_LOOK_BACK = timedelta(days=90)


def scan(*, enterprise_ids: Sequence[UUID], business_date: date, actor: Actor, at: datetime) -> ScanReport:
    """Look at the enterprises' fresh records: raise what is new, renew what is still so, clear what has passed.

    What the risk desk found false stays so until it has passed, or until it grows. Signals of firms that are no borrowers
    any more are cleared. Enterprises without a live consent for post-loan management are not looked at. One that cannot
    be looked at is named in the report and stops no other. Safe to run twice for a day.
    """
    limits = _thresholds(business_date) if enterprise_ids else {}

    def look(firms: Sequence[UUID]) -> ScanReport:
        views = _views(firms, business_date, actor, at)
        found = {enterprise_id: detect(view, limits) for enterprise_id, view in views.items()}
        with transaction.atomic():
            return _write(found, views, business_date, actor, at)

    reports, bad = do_apart(enterprise_ids, look)
    if not enterprise_ids:  # nobody is watched any more: what stands of firms that were is let go
        with transaction.atomic():
            reports = [_write({}, {}, business_date, actor, at)]
    return ScanReport(
        scanned=sum(one.scanned for one in reports),
        raised=sum(one.raised for one in reports),
        seen_again=sum(one.seen_again for one in reports),
        cleared=sum(one.cleared for one in reports),
        set_aside=tuple(one.told(encode_id("ent", one.item)) for one in bad),
    )


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
    open_tasks([*fresh, *renewed], at, day)
    close_tasks(passed, actor, at)
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


def _clean(facts: Mapping[str, float | int | str | None]) -> dict[str, float | int | str | None]:
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in facts.items()}


def _deed(name: str, signal: models.Signal) -> Deed:
    return Deed(
        name=name,
        subject=encode_id("sig", signal.id),
        enterprise_id=signal.enterprise_id,
        facts={"code": signal.code, "level": str(signal.level), **signal.facts},
    )
