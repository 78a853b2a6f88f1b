"""Court stages, registration changes and news: rare, and crowding around distress with leads and lags."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from rongtong.simulator.world.calendar import day_number, first_day
from rongtong.simulator.world.firms import Flags, Floats, Ints
from rongtong.simulator.world.scene import Scene

STAGES = ("filed", "hearing", "judgment", "enforcement", "dishonest", "consumption_limit", "terminated", "closed")
CAUSES = (
    "买卖合同纠纷",
    "金融借款合同纠纷",
    "民间借贷纠纷",
    "劳动争议",
    "承揽合同纠纷",
    "租赁合同纠纷",
    "运输合同纠纷",
    "追偿权纠纷",
)
_CAUSE_WEIGHTS_SOUND = (0.42, 0.02, 0.04, 0.22, 0.14, 0.06, 0.09, 0.01)
_CAUSE_WEIGHTS_TROUBLED = (0.34, 0.18, 0.14, 0.12, 0.10, 0.06, 0.03, 0.03)
CHANGES = (
    "established", "capital", "legal_rep", "address", "shareholders", "abnormal_listed", "abnormal_removed", "revoked",
    "equity_pledge",
)  # fmt: skip
GOOD, PLAIN, BAD, WORST = 0, 1, 2, 3
"""Moods of news."""
_MONTH = 30.44


@dataclass(slots=True)
class Courts:
    """One row per stage a case reaches; the firm's role is 0 defendant, 1 plaintiff."""

    firm: Ints
    day: Ints
    case: Ints
    stage: Ints
    role: Ints
    cause: Ints
    amount: Ints
    """Fen."""
    other: Ints
    """The other party, as an index."""
    opened: Ints
    """Day on which the numbered case was opened: the suit, or from enforcement on its enforcement."""


@dataclass(slots=True)
class Registrations:
    """One row per change."""

    firm: Ints
    day: Ints
    change: Ints
    detail: Ints
    """A number from which the texts are drawn; for capital, the new registered capital in fen."""


@dataclass(slots=True)
class News:
    """One row per item."""

    firm: Ints
    day: Ints
    mood: Ints
    detail: Ints


Table = TypeVar("Table", Courts, Registrations, News)


def court_events(rng: np.random.Generator, scene: Scene) -> Courts:
    """Cases of everyday business, and those that creditors bring from a month after distress begins."""
    n, health = scene.inside, scene.health
    size = np.log(np.maximum(scene.parties.revenue[:n], 4e5) / 1e7)
    everyday = rng.poisson(np.exp(-1.9 + 0.5 * size) * scene.months / 12)
    sued = (health.onset < scene.months) & (scene.founded < scene.months)
    severe = np.where(health.recovered, 1.2, 4.5)
    creditors = np.where(sued, rng.poisson(severe * np.exp(0.25 * size)), 0)
    quiet = np.repeat(np.arange(n), everyday)
    troubled = np.repeat(np.arange(n), creditors)
    quiet_day = _day(scene, rng.uniform(0, scene.months, len(quiet)))
    trouble_day = _day(scene, health.onset[troubled] + 0.7 + rng.gamma(2.0, 1.6, len(troubled)))
    firm = np.concatenate([quiet, troubled])
    day = np.concatenate([quiet_day, trouble_day])
    in_trouble = np.arange(len(firm)) >= len(quiet)
    role = np.where(~in_trouble & (rng.random(len(firm)) < 0.5), 1, 0)
    cause = np.where(
        in_trouble,
        rng.choice(len(CAUSES), len(firm), p=_CAUSE_WEIGHTS_TROUBLED),
        rng.choice(len(CAUSES), len(firm), p=_CAUSE_WEIGHTS_SOUND),
    )
    scale = np.where(in_trouble, 0.035, 0.008) * np.where(cause == 3, 0.12, 1.0)
    amount = np.rint(scene.parties.revenue[firm] * scale * rng.lognormal(0, 0.8, len(firm))) * 100
    base = Courts(
        firm=firm,
        day=day,
        case=np.arange(len(firm)),
        stage=np.zeros(len(firm), dtype=np.int64),
        role=role,
        cause=cause,
        amount=amount.astype(np.int64),
        other=rng.integers(n, scene.parties.count, len(firm)),
        opened=day,
    )
    return _through_stages(rng, scene, base, in_trouble & ~health.recovered[firm])


def _through_stages(rng: np.random.Generator, scene: Scene, filed: Courts, hopeless: Flags) -> Courts:
    """Each case takes its course: settled early, judged, or enforced down to the blacklist."""
    rows, day, opened = [filed], filed.day, filed.day
    going = np.ones(len(filed.firm), dtype=np.bool_)
    for stage, lag, chance, chance_hopeless in (
        (1, 38, 0.75, 0.95), (2, 55, 0.7, 0.92), (3, 60, 0.12, 0.85), (4, 35, 0.0, 0.55), (5, 12, 0.05, 0.7), (6, 70, 0.0, 0.5),
    ):  # fmt: skip
        going = going & (rng.random(len(day)) < np.where(hopeless, chance_hopeless, chance))
        day = day + 3 + rng.gamma(3.0, lag / 3.0, len(day)).astype(np.int64)
        opened = np.where(stage == 3, day, opened)
        further = _pick(filed, going)
        further.day[:], further.stage[:], further.opened[:] = day[going], stage, opened[going]
        rows.append(further)
    ended = ~going & ~hopeless
    closed = _pick(filed, ended)
    closed.day[:], closed.stage[:] = (day + rng.integers(5, 60, len(day)))[ended], 7
    return _within(scene, _stack([*rows, closed]))


def registration_changes(rng: np.random.Generator, scene: Scene) -> Registrations:
    """Foundation, the changes of ordinary life, and those of firms in trouble: new faces, pledges, listings, revocation."""
    n, health = scene.inside, scene.health
    parts = [
        Registrations(
            np.arange(n), scene.parties.established[:n].astype(np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
        )
    ]
    for change, yearly in ((1, 0.04), (2, 0.04), (3, 0.06), (4, 0.05), (5, 0.012), (8, 0.012)):
        firm = np.repeat(np.arange(n), rng.poisson(yearly * scene.months / 12, n))
        parts.append(_changes(rng, scene, firm, change, rng.uniform(0, scene.months, len(firm))))
    listed = parts[5]
    removed = Registrations(
        listed.firm, listed.day + rng.integers(25, 120, len(listed.firm)), np.full(len(listed.firm), 6), listed.detail
    )
    parts.append(removed)
    fallen = np.flatnonzero(health.onset < scene.months)
    failing = fallen[~health.recovered[fallen]]
    for firms, change, chance, begin, spread in (
        (fallen, 8, 0.3, -1.5, 3.0), (failing, 2, 0.4, 0.5, 2.5), (failing, 3, 0.3, 0.8, 2.5), (failing, 4, 0.35, 0.5, 2.5),
        (failing, 5, 0.35, 3.0, 4.0),
    ):  # fmt: skip
        firm = firms[rng.random(len(firms)) < chance]
        parts.append(_changes(rng, scene, firm, change, health.onset[firm] + begin + spread * rng.random(len(firm))))
    gone = np.flatnonzero(health.closed < scene.months)
    parts.append(_changes(rng, scene, gone, 7, health.closed[gone] + rng.uniform(0.5, 3, len(gone))))
    every = _stack(parts)
    kept = (every.change == 0) | (every.day > scene.parties.established[every.firm])
    return _within(scene, _pick(every, kept), always=every.change[kept] == 0)


def news_items(rng: np.random.Generator, scene: Scene) -> News:
    """Good and plain news of larger firms; rumours from the onset of distress, plain trouble after it."""
    n, health = scene.inside, scene.health
    size = np.clip(np.log(np.maximum(scene.parties.revenue[:n], 4e5) / 1e7), -1.5, 3)
    parts = []
    for mood, yearly in ((GOOD, 0.7), (PLAIN, 0.5), (BAD, 0.035)):
        firm = np.repeat(np.arange(n), rng.poisson(yearly * np.exp(0.5 * size) * scene.months / 12))
        day = _day(scene, rng.uniform(0, scene.months, len(firm)))
        calm = (mood == BAD) | (health.stress[np.clip(_index(scene, day), 0, scene.months - 1), firm] < 0.3)
        parts.append(News(firm[calm], day[calm], np.full(int(calm.sum()), mood), _detail(rng, int(calm.sum()))))
    fallen = np.flatnonzero(health.onset < scene.months)
    rumours = np.repeat(fallen, rng.poisson(1.8 * np.exp(0.25 * size[fallen])))
    parts.append(_reported(rng, scene, rumours, BAD, health.onset[rumours] + rng.gamma(2.0, 0.8, len(rumours)) - 0.3))
    broken = np.flatnonzero(health.default < scene.months)
    reports = np.repeat(broken, rng.poisson(1.6 * np.exp(0.25 * size[broken])))
    parts.append(
        _reported(rng, scene, reports, WORST, health.default[reports] + rng.gamma(2.0, 0.7, len(reports)) - 0.5)
    )
    return _within(scene, _stack(parts))


def _reported(rng: np.random.Generator, scene: Scene, firm: Ints, mood: int, at: Floats) -> News:
    return News(firm, _day(scene, at), np.full(len(firm), mood), _detail(rng, len(firm)))


def _changes(rng: np.random.Generator, scene: Scene, firm: Ints, change: int, at: Floats) -> Registrations:
    detail = _detail(rng, len(firm))
    if change == 1:
        factor = rng.choice((0.5, 1.5, 2.0, 3.0), len(firm), p=(0.12, 0.38, 0.35, 0.15))
        detail = np.rint(scene.parties.registered_capital[firm] / 1e7 * factor).astype(np.int64) * 10_000_000
        detail = np.maximum(detail, 10_000_000)
    return Registrations(firm, _day(scene, at), np.full(len(firm), change), detail)


def _day(scene: Scene, at: Floats) -> Ints:
    """The day number of a moment given in months since the first one."""
    start = _first_day(scene)
    whole = np.clip(np.floor(at), -24, scene.months + 60).astype(np.int64)
    return np.asarray(start + np.floor(whole * _MONTH + (at - whole) * 28).astype(np.int64))


def _index(scene: Scene, day: Ints) -> Ints:
    return ((day - _first_day(scene)) / _MONTH).astype(np.int64)


def _first_day(scene: Scene) -> int:
    return day_number(first_day(scene.first_month))


def _detail(rng: np.random.Generator, count: int) -> Ints:
    return rng.integers(0, 2**31, count)


def _stack(parts: list[Table]) -> Table:
    return type(parts[0])(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(parts[0])))


def _pick(table: Table, rows: Flags | Ints) -> Table:
    return type(table)(*(getattr(table, one.name)[rows] for one in fields(table)))


def _within(scene: Scene, table: Table, always: Flags | None = None) -> Table:
    """What happens in the months we watch, by day; events of a firm that is not there yet fall away."""
    present = (table.day >= _first_day(scene)) & (table.day > scene.parties.established[table.firm])
    if always is not None:
        present |= always
    present &= table.day <= scene.last_day
    kept = _pick(table, present)
    return _pick(kept, np.lexsort((kept.firm, kept.day)))
