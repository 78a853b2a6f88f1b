"""The hidden health of firms: a monthly process with a business cycle, shocks of their own and shocks along trade links.

A firm's health is its lasting quality, an autoregressive part, its industry's share of the cycle, and what is left of
the shocks it took. The weakest firms of each quarter fall into distress, as many as the base rate asks for; whom they
owe or buy from is shocked in turn, and may follow. From distress a firm recovers, or defaults and goes on small, or closes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rongtong.simulator.world.firms import Flags, Floats, Ints
from rongtong.simulator.world.trade import Links, Ties

NEVER = 10_000
Stress = NDArray[np.float32]
SHOCKS = ("none", "demand", "liquidity", "cost", "governance", "accident", "chain", "erosion")
_OWN = (1, 2, 3, 4, 5)
_OWN_WEIGHTS = (0.34, 0.28, 0.16, 0.13, 0.09)
YEARLY_RATE = 0.054
"""Direct entries into distress a firm and year; contagion adds about one point."""
CONTAGION_LEVEL = -1.6
"""A firm that others have shocked follows them only where its health is below this."""


@dataclass(slots=True)
class Health:
    """The hidden course: arrays of months x firms, and the month indices of events (NEVER where none)."""

    level: NDArray[np.float32]
    stress: Stress
    """0 sound to 1 in default."""
    onset: Ints
    default: Ints
    closed: Ints
    recovered: Flags
    shock: Ints
    """Index into SHOCKS: what tipped it."""
    cycle: Floats

    def stress_at(self, index: int) -> Stress:
        """Stress of each firm in a month; the last one holds beyond the end."""
        return np.asarray(self.stress[min(index, len(self.stress) - 1)])


@dataclass(slots=True)
class _Walk:
    """The moving state while months pass."""

    own: Floats
    drift: Floats
    chain: Floats
    shock: Ints


def simulate_health(
    rng: np.random.Generator,
    *,
    quality: Floats,
    cyclical: Floats,
    links: Links,
    ties: Ties,
    months: int,
    end_index: int,
    founded: Ints,
) -> Health:
    """Walk the months quarter by quarter; a quarter begins right after `end_index`, the month the region is seen from.

    In regions of twelve firms or more at least one sound firm turns in the first quarter after `end_index` (two from
    forty firms up), so that a demonstration has something to warn of.
    """
    n = len(quality)
    cycle = _cycle(rng, months)
    health = Health(
        level=np.zeros((months, n), dtype=np.float32),
        stress=np.zeros((months, n), dtype=np.float32),
        onset=np.full(n, NEVER),
        default=np.full(n, NEVER),
        closed=np.full(n, NEVER),
        recovered=np.zeros(n, dtype=np.bool_),
        shock=np.zeros(n, dtype=np.int64),
        cycle=cycle,
    )
    walk = _Walk(np.zeros(n), rng.normal(0, 0.45, n), np.zeros(n), np.zeros(n, dtype=np.int64))
    spread = _Spread(links, ties, n)
    starts = sorted({0, *range((end_index + 1) % 3, months, 3)})
    carried = rng.random()
    for begin, stop in zip(starts, [*starts[1:], months], strict=True):
        innovations = rng.normal(0, 0.2, (stop - begin, n))
        hits = _own_shocks(rng, stop - begin, n, cycle[begin:stop])
        free = (health.onset == NEVER) & (founded <= begin)
        expected = carried + YEARLY_RATE / 12 * (stop - begin) * np.exp(-0.5 * cycle[begin]) * free.sum()
        wanted = int(expected)
        carried = expected - wanted
        if begin == end_index + 1:
            wanted = max(wanted, 2 if n >= 40 else 1 if n >= 12 else 0)
        planned = _plan(0.45 * quality, cyclical, cycle[begin:stop], walk, (innovations, hits[0]))
        showcase = quality > np.median(quality) if begin == end_index + 1 else None
        threshold, direct = _choose(planned, free, wanted, begin, showcase)
        for offset in range(stop - begin):
            index = begin + offset
            walk.drift = 0.9 * walk.drift + innovations[offset]
            walk.own = 0.9 * walk.own + hits[0][offset]
            walk.shock = np.where(hits[0][offset] > 0, hits[1][offset], walk.shock)
            walk.chain = 0.85 * walk.chain + spread.arriving(health, index)
            level = 0.45 * quality + walk.drift + cyclical * cycle[index] - walk.own - walk.chain
            health.level[index] = level
            falls = free & (health.onset == NEVER) & ((direct == index) | ((level < threshold) & (walk.chain > 0.5)))
            _enter_distress(rng, health, walk, np.flatnonzero(falls), index=index, showcase=showcase)
    _apply_stress(health)
    return health


def _plan(lasting: Floats, cyclical: Floats, cycle: Floats, walk: _Walk, arriving: tuple[Floats, Floats]) -> Floats:
    """Health over the months ahead as it would be without new shocks from others."""
    drift, own, chain, rows = walk.drift, walk.own, walk.chain, []
    for innovation, hit, wave in zip(*arriving, cycle, strict=True):
        drift, own, chain = 0.9 * drift + innovation, 0.9 * own + hit, 0.85 * chain
        rows.append(lasting + drift + cyclical * wave - own - chain)
    return np.array(rows)


def _choose(planned: Floats, free: Flags, wanted: int, begin: int, showcase: Flags | None) -> tuple[float, Ints]:
    """The level of the last firm to fall this quarter, and the month in which each chosen one does (-1: none)."""
    lowest = np.where(free, planned.min(axis=0), np.inf)
    month = np.full(len(lowest), -1)
    chosen = np.argsort(lowest, kind="stable")[: min(wanted, int(free.sum()))]
    threshold = float(lowest[chosen].max()) if len(chosen) else float(lowest.min())
    month[chosen] = begin + (planned[:, chosen] <= threshold + 1e-9).argmax(axis=0)
    if showcase is not None and len(chosen):
        sound = np.flatnonzero(free & showcase)
        picked = sound[np.argsort(lowest[sound], kind="stable")[:1]]
        if not np.isin(chosen, sound).any():
            month[chosen[-1]] = -1
        month[picked] = begin
    return min(threshold, CONTAGION_LEVEL), month


def _cycle(rng: np.random.Generator, months: int) -> Floats:
    """The business cycle: a slow wave of about four years and an autoregressive part."""
    wave = 0.22 * np.sin(2 * np.pi * (np.arange(months) / 46 + rng.random()))
    drift = np.zeros(months)
    for index in range(1, months):
        drift[index] = 0.92 * drift[index - 1] + rng.normal(0, 0.05)
    return np.asarray(wave + drift)


def _own_shocks(rng: np.random.Generator, months: int, n: int, cycle: Floats) -> tuple[Floats, Ints]:
    """Sizes and kinds of the shocks that befall firms by themselves: about one in fourteen firms a year."""
    rate = 0.006 * np.exp(-0.6 * cycle)[:, None]
    struck = rng.random((months, n)) < rate
    size = np.where(struck, rng.uniform(1.4, 3.4, (months, n)), 0.0)
    kind = rng.choice(_OWN, (months, n), p=_OWN_WEIGHTS)
    return size, kind


def _enter_distress(
    rng: np.random.Generator, health: Health, walk: _Walk, firms: Ints, *, index: int, showcase: Flags | None
) -> None:
    """Set what tipped the firms that fall this month, and what becomes of them."""
    if not len(firms):
        return
    health.onset[firms] = index
    by_chain = walk.chain[firms] > np.maximum(0.5, walk.own[firms])
    by_own = ~by_chain & (walk.own[firms] > 0.6)
    health.shock[firms] = np.where(by_chain, 6, np.where(by_own, walk.shock[firms], 7))
    fate = rng.random(len(firms))
    lag = 2 + rng.binomial(5, 0.45, len(firms))
    if showcase is not None:
        shown = np.flatnonzero(showcase[firms])[:1]
        fate[shown], lag[shown] = 0.9, 1
        health.shock[firms[shown]] = np.where(health.shock[firms[shown]] == 7, 1, health.shock[firms[shown]])
    recovers = fate < 0.3
    health.recovered[firms] = recovers
    health.default[firms] = np.where(recovers, NEVER, index + lag)
    closes = fate > 0.5
    health.closed[firms] = np.where(closes, index + lag + 3 + rng.integers(0, 5, len(firms)), NEVER)


def _apply_stress(health: Health) -> None:
    """Stress rises from onset to one at default; of those that go on after it, it ebbs to a quarter within a year.

    Where a firm recovers before default it peaks at about a half and is gone within a year.
    """
    months = np.arange(len(health.stress))[:, None]
    since = months - health.onset[None, :]
    lag = np.maximum(health.default - health.onset, 1)[None, :]
    falling = np.clip((since + 1) / (lag + 1), 0, 1)
    survives = health.closed[None, :] == NEVER
    falling = np.where(survives & (since > lag + 2), np.clip(1 - (since - lag - 2) / 12, 0.25, 1), falling)
    ebbing = np.clip(np.minimum((since + 1) / 4, (11 - since) / 8), 0, 1) * 0.55
    stress = np.where(health.recovered[None, :], ebbing, falling)
    health.stress[:] = np.where(since >= 0, stress, 0)
    health.level -= 2.5 * health.stress


class _Spread:
    """Carries shocks to who depends on a firm in trouble: suppliers first, then customers, guarantors and holders."""

    def __init__(self, links: Links, ties: Ties, n: int) -> None:
        inner = links.sold_inside & links.bought_inside
        seller, buyer, value = links.seller[inner], links.buyer[inner], links.yearly[inner]
        sales = np.bincount(links.seller[links.sold_inside], links.yearly[links.sold_inside], n)
        bought = np.bincount(links.buyer[links.bought_inside], links.yearly[links.bought_inside], n)
        self._source = np.concatenate([buyer, seller, ties.source])
        self._target = np.concatenate([seller, buyer, ties.target])
        self._weight = np.concatenate(
            [
                5.0 * value / np.maximum(sales[seller], 1),
                1.6 * value / np.maximum(bought[buyer], 1),
                np.where(ties.guarantee, 1.1, 0.5),
            ]
        )
        self._n = n

    def arriving(self, health: Health, index: int) -> Floats:
        """New shocks of a month: part a month after a partner's onset, the rest a month after its default."""
        early = health.onset[self._source] == index - 1
        late = health.default[self._source] == index - 1
        weight = self._weight * (0.4 * early + 1.0 * late)
        return np.asarray(np.bincount(self._target, np.minimum(weight, 3.0), self._n), dtype=np.float64)
