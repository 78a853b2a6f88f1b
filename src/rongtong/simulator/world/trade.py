"""Who sells to whom: links inside the region and to partners outside, and light ties of ownership and guarantee."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rongtong.simulator.reference.industries import INDUSTRIES, affinity
from rongtong.simulator.world.firms import Flags, Floats, Ints, Parties


@dataclass(frozen=True, slots=True)
class Links:
    """Trade links; a link inside the region is at once a sale of its seller and a purchase of its buyer."""

    seller: Ints
    buyer: Ints
    yearly: Floats
    """Yuan net a year at the start, where both go on as planned."""
    sold_inside: Flags
    """The seller is a firm of the region."""
    bought_inside: Flags
    begins: Ints
    """First month index."""
    ends: Ints
    """First month index without trade."""
    ticket: Floats
    """Usual invoice, yuan net."""
    pays: Floats
    """Share of what is owed that a sound buyer pays in a month."""
    item: Ints
    special: Flags
    """Whether special invoices are issued, so that the buyer deducts the input tax."""

    @property
    def count(self) -> int:
        return len(self.seller)


@dataclass(frozen=True, slots=True)
class Ties:
    """Guarantees (guarantor answers for debtor) and holdings between firms of the region."""

    source: Ints
    """Debtor or subsidiary: where trouble starts."""
    target: Ints
    """Guarantor or holder: whom it reaches."""
    guarantee: Flags


def make_links(rng: np.random.Generator, parties: Parties, *, months: int) -> Links:
    """Links whose yearly values add up to each firm's sales, and to what its margin leaves for purchases."""
    n = parties.inside
    margin = np.array([one.margin for one in INDUSTRIES])[parties.industry]
    need = parties.revenue * (1 - margin) * 0.96
    seller, buyer, value = _inside_links(rng, parties, need)
    sold = np.bincount(seller, value, n)
    bought = np.bincount(buyer, value, n)
    out_seller, out_buyer, out_value = _outward(rng, parties, np.maximum(parties.revenue[:n] - sold, 0.05 * sold))
    in_buyer, in_seller, in_value = _outward(rng, parties, np.maximum(need[:n] - bought, 0.03 * need[:n]), buying=True)
    sellers = np.concatenate([seller, out_seller, in_seller])
    buyers = np.concatenate([buyer, out_buyer, in_buyer])
    values = np.concatenate([value, out_value, in_value])
    count = len(sellers)
    churn = rng.random(count) < 0.45
    anchors = np.zeros(count, dtype=np.bool_)
    anchors[: len(seller)] = True
    begins = np.where(churn & ~anchors & (rng.random(count) < 0.5), rng.integers(0, months, count), 0)
    ends = np.where(churn & ~anchors, begins + rng.geometric(0.03, count) + 5, months + 1)
    tickets = np.array([one.ticket for one in INDUSTRIES])[parties.industry[sellers]]
    size = np.clip((parties.revenue[sellers] / 1.2e7) ** 0.45, 0.25, 6)
    options = np.array([len(one.items) for one in INDUSTRIES])[parties.industry[sellers]]
    return Links(
        seller=sellers,
        buyer=buyers,
        yearly=values,
        sold_inside=sellers < n,
        bought_inside=buyers < n,
        begins=begins,
        ends=ends,
        ticket=np.maximum(2.0 * tickets * size * rng.lognormal(0, 0.45, count), values / 12 / 24),
        pays=np.clip(rng.normal(0.62, 0.15, count), 0.25, 0.95),
        item=(options * rng.random(count)).astype(np.int64),
        special=(rng.random(count) < 0.93) & ~parties.small_scale[buyers],
    )


def make_ties(rng: np.random.Generator, parties: Parties) -> Ties:
    """A guarantee for about every fourth firm, mostly within a city and often mutual; a holding for every tenth."""
    n = parties.inside
    asked = np.flatnonzero(rng.random(n) < 0.22)
    by_city = np.argsort(parties.city[:n], kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[by_city] = np.arange(n)
    near = by_city[(place[asked] + rng.integers(1, 6, len(asked))) % n]
    mutual = rng.random(len(asked)) < 0.35
    held = np.flatnonzero(rng.random(n) < 0.10)
    holder = rng.integers(0, n, len(held))
    source = np.concatenate([asked, near[mutual], held])
    target = np.concatenate([near, asked[mutual], holder])
    guarantee = np.arange(len(source)) < len(asked) + mutual.sum()
    kept = source != target
    return Ties(source[kept], target[kept], guarantee[kept])


def _inside_links(rng: np.random.Generator, parties: Parties, need: Floats) -> tuple[Ints, Ints, Floats]:
    """Sellers pick buyers down the chain, larger ones more often; neither side depends on the other beyond its size."""
    n = parties.inside
    industry = parties.industry[:n]
    wanted = rng.poisson(min(3.2, n / 12), n)
    seller = np.repeat(np.arange(n), wanted)
    table = affinity() * np.bincount(industry, need[:n] ** 0.5, len(INDUSTRIES))[None, :]
    table /= np.maximum(table.sum(axis=1, keepdims=True), 1e-12)
    chosen = (np.cumsum(table, axis=1)[industry[seller]] < rng.random((len(seller), 1))).sum(axis=1)
    chosen = np.minimum(chosen, len(INDUSTRIES) - 1)
    buyer = np.empty(len(seller), dtype=np.int64)
    for code in np.unique(chosen):
        members = np.flatnonzero(industry == code)
        rows = np.flatnonzero(chosen == code)
        if not len(members):
            members = np.arange(n)
        weight = need[members] ** 0.5
        buyer[rows] = rng.choice(members, len(rows), p=weight / weight.sum())
    pairs = np.unique(seller * n + buyer)
    seller, buyer = pairs // n, pairs % n
    kept = seller != buyer
    seller, buyer = seller[kept], buyer[kept]
    weight = rng.lognormal(0, 0.9, len(seller))
    given = (
        rng.uniform(0.15, 0.6, n)[seller] * parties.revenue[seller] * weight / np.bincount(seller, weight, n)[seller]
    )
    asked = 0.7 * need[buyer] * weight / np.bincount(buyer, weight, n)[buyer]
    return seller, buyer, np.minimum(given, asked)


def _outward(
    rng: np.random.Generator, parties: Parties, rest: Floats, *, buying: bool = False
) -> tuple[Ints, Ints, Floats]:
    """Spread what is left of each firm's sales (or purchases) over partners outside, some of them large for it."""
    n = parties.inside
    outside = parties.count - n
    size = np.clip((parties.revenue[:n] / 1.2e7) ** 0.3, 0.4, 2.5)
    partners = 2 + rng.poisson((5.0 if buying else 7.0) * size, n)
    firm = np.repeat(np.arange(n), partners)
    popularity = rng.lognormal(0, 1.0, outside)
    partner = n + rng.choice(outside, len(firm), p=popularity / popularity.sum())
    pairs = np.unique(firm * parties.count + partner)
    firm, partner = pairs // parties.count, pairs % parties.count
    weight = rng.lognormal(0, 1.1, len(firm))
    value = rest[firm] * weight / np.bincount(firm, weight, n)[firm]
    return firm, partner, value
