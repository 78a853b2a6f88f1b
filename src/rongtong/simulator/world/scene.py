"""The scene on which months are played: who is there, and how busy each firm is in each month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from rongtong.simulator.reference.industries import INDUSTRIES, seasons
from rongtong.simulator.world.calendar import date_of, day_number, first_day, month_of
from rongtong.simulator.world.firms import Floats, Ints, Parties, make_parties
from rongtong.simulator.world.health import NEVER, Health, simulate_health
from rongtong.simulator.world.trade import Links, Ties, make_links, make_ties

_DEPTH = np.array([0.6, 0.85, 0.6, 0.5, 0.6, 0.75, 0.75, 0.6])
"""How much of its activity a firm in default has lost, by what tipped it (order of SHOCKS)."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is settled before the months are played."""

    parties: Parties
    links: Links
    ties: Ties
    health: Health
    activity: Floats
    """Months x firms: one where business goes as at the start; without the season."""
    season: Floats
    """Industries x 12."""
    first_month: int
    months: int
    end_index: int
    last_day: int
    founded: Ints
    """Month index in which a firm begins, zero for those that were there."""

    @property
    def inside(self) -> int:
        return self.parties.inside

    @property
    def industry(self) -> Ints:
        """Of the region's firms."""
        return self.parties.industry[: self.inside]

    def industry_figure(self, name: str) -> Floats:
        """A figure of the industry of each firm of the region."""
        return np.array([float(getattr(one, name)) for one in INDUSTRIES])[self.industry]

    def open_at(self, index: int) -> NDArray[np.bool_]:
        """Which firms do business in a month."""
        return (self.founded <= index) & (self.health.closed > index)


def set_scene(rng: np.random.Generator, *, enterprises: int, months: int, horizon: int, end_date: date) -> Scene:
    """Whole months from `months` before `end_date` to `horizon` after it."""
    whole = (end_date + timedelta(days=1)).day == 1
    first_month = month_of(end_date) - months + (1 if whole else 0)
    end_index = month_of(end_date) - first_month
    total = end_index + horizon + 1
    start, last = first_day(first_month), first_day(first_month + total) - timedelta(days=1)
    parties = make_parties(rng, inside=enterprises, start=start, end=end_date)
    links = make_links(rng, parties, months=total)
    ties = make_ties(rng, parties)
    founded = np.array([max(0, month_of(date_of(int(day))) - first_month) for day in parties.established[:enterprises]])
    cyclical = 0.6 * np.array([one.cyclical for one in INDUSTRIES])[parties.industry[:enterprises]]
    health = simulate_health(
        rng,
        quality=parties.quality[:enterprises],
        cyclical=cyclical,
        links=links,
        ties=ties,
        months=total,
        end_index=end_index,
        founded=founded,
    )
    _lose_main_buyers(links, health)
    return Scene(
        parties=parties,
        links=links,
        ties=ties,
        health=health,
        activity=_activity(rng, parties, health, founded),
        season=seasons(),
        first_month=first_month,
        months=total,
        end_index=end_index,
        last_day=day_number(last),
        founded=founded,
    )


def _activity(rng: np.random.Generator, parties: Parties, health: Health, founded: Ints) -> Floats:
    months, n = health.level.shape
    spread = rng.uniform(0.85, 1.1, n)
    index = np.arange(months)[:, None]
    sound = health.level + 2.5 * health.stress
    trend = np.exp(parties.growth[None, :n] * index / 12 + 0.06 * sound + rng.normal(0, 0.05, (months, n)))
    remaining = 1 - health.stress * (_DEPTH[health.shock] * spread)[None, :]
    after = np.where(index >= health.default[None, :], 0.85, 1.0)
    young = np.clip((index - founded[None, :] + 1) / 8, 0, 1) ** np.where(founded > 0, 1.0, 0.0)[None, :]
    present = (index >= founded[None, :]) & (index < health.closed[None, :])
    return np.asarray(trend * np.clip(remaining, 0.05, None) * after * young * present)


def _lose_main_buyers(links: Links, health: Health) -> None:
    """Where demand tipped a firm, its largest buyer outside stops buying as distress begins."""
    hit = np.flatnonzero((health.shock == 1) & (health.onset < NEVER))
    if not len(hit):
        return
    outward = np.flatnonzero(links.sold_inside & ~links.bought_inside & np.isin(links.seller, hit))
    order = outward[np.lexsort((-links.yearly[outward], links.seller[outward]))]
    firms, first = np.unique(links.seller[order], return_index=True)
    largest = order[first]
    links.begins[largest] = 0
    links.ends[largest] = health.onset[firms]
