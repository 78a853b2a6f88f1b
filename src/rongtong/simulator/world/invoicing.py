"""Invoices of a month: each one is the sale of its seller and the purchase of its buyer."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from rongtong.simulator.reference.industries import INDUSTRIES
from rongtong.simulator.world.calendar import Month
from rongtong.simulator.world.firms import Flags, Floats, Ints
from rongtong.simulator.world.scene import Scene


@dataclass(slots=True)
class Invoices:
    """One row per invoice; amounts in fen, negative for red ones."""

    link: Ints
    day: Ints
    second: Ints
    """Of the day."""
    net: Ints
    tax: Ints
    seq: Ints
    """Distinct over the region: the last fifteen digits of the number."""
    blue_seq: Ints
    """Of the invoice that a red one reverses, else -1."""
    blue_day: Ints

    @property
    def count(self) -> int:
        return len(self.link)

    def where(self, rows: Flags | Ints) -> Invoices:
        """Some of them."""
        return Invoices(*(getattr(self, one.name)[rows] for one in fields(self)))

    def together(self, other: Invoices) -> Invoices:
        """These and those."""
        return Invoices(*(np.concatenate([getattr(self, one.name), getattr(other, one.name)]) for one in fields(self)))


def no_invoices() -> Invoices:
    """None at all."""
    return Invoices(*(np.empty(0, dtype=np.int64) for _ in fields(Invoices)))


class Invoicing:
    """Plays the months in order; red invoices of later months wait in `pending`."""

    def __init__(self, rng: np.random.Generator, scene: Scene) -> None:
        self._rng, self._scene = rng, scene
        self._pending = no_invoices()
        self._next = int(rng.integers(10**11, 9 * 10**11))
        links = scene.links
        vat = np.array([round(one.vat * 10_000) for one in INDUSTRIES])[scene.parties.industry]
        self.rate = np.where(scene.parties.small_scale, 100, vat)[links.seller]
        """VAT rate of each link in units of 0.01 per cent."""
        outward, inward = links.sold_inside & ~links.bought_inside, ~links.sold_inside & links.bought_inside
        self._sides = ((outward, links.seller), (inward, links.buyer))

    def play(self, month: Month) -> Invoices:
        """The invoices dated in a month, blue and red, in order of day and time."""
        blue = self._issue(month)
        blue.seq[:] = self._number(blue.count)
        self._pending = self._pending.together(self._reverse(blue, month))
        due = self._pending.day <= month.days[-1]
        red = self._pending.where(due)
        self._pending = self._pending.where(~due)
        red.seq[:] = self._number(red.count)
        both = blue.together(red)
        order = np.lexsort((both.seq, both.second, both.day))
        return both.where(order)

    def _number(self, count: int) -> Ints:
        self._next += count
        return np.arange(self._next - count, self._next)

    def _values(self, month: Month) -> Floats:
        """Yuan net that each link is worth this month."""
        scene, links, index = self._scene, self._scene.links, month.index
        parties = scene.parties
        of_year = (scene.first_month + index) % 12
        activity = np.append(scene.activity[index], 1.0)
        outsider = scene.inside
        sold = activity[np.where(links.sold_inside, links.seller, outsider)]
        bought = activity[np.where(links.bought_inside, links.buyer, outsider)]
        inner = links.sold_inside & links.bought_inside
        pace = np.where(inner, np.sqrt(sold * bought), np.where(links.sold_inside, sold, bought))
        season = scene.season[parties.industry[np.where(links.sold_inside, links.seller, links.buyer)], of_year]
        live = (links.begins <= index) & (index < links.ends)
        value = links.yearly / 12 * pace * season * live
        for side, firm in self._sides:
            value[side] *= self._lift(side, firm[side], live)[firm[side]]
        return np.asarray(value * self._rng.lognormal(-0.02, 0.2, links.count))

    def _lift(self, side: Flags, firm: Ints, live: Flags) -> Floats:
        """What partners that stay take over from those that left or have not come yet."""
        yearly, n = self._scene.links.yearly[side], self._scene.inside
        kept = np.bincount(firm, yearly * live[side], n) / np.maximum(np.bincount(firm, yearly, n), 1)
        return np.asarray(1 / np.clip(kept, 0.6, 1.0))

    def _issue(self, month: Month) -> Invoices:
        rng, links = self._rng, self._scene.links
        value = self._values(month)
        counts = np.floor(value / links.ticket + rng.random(links.count)).astype(np.int64)
        link = np.repeat(np.arange(links.count), counts)
        amount = links.ticket[link] * rng.lognormal(-0.1, 0.45, len(link))
        net = np.maximum(np.rint(amount * 100), 100).astype(np.int64)
        day = month.days[np.searchsorted(month.invoicing, rng.random(len(link)))].astype(np.int64)
        tax = (net * self.rate[link] + 5_000) // 10_000
        none = np.full(len(link), -1, dtype=np.int64)
        born = self._scene.parties.established
        day = np.maximum(day, np.maximum(born[links.seller[link]], born[links.buyer[link]]))
        return Invoices(link, day, office_seconds(rng, len(link)), net, tax, none.copy(), none.copy(), none.copy())

    def _reverse(self, blue: Invoices, month: Month) -> Invoices:
        """Red invoices: some in a hundred, more from a seller in trouble, days to weeks later, mostly in full."""
        rng, scene = self._rng, self._scene
        stress = np.append(scene.health.stress_at(month.index), 0.0)
        seller = np.where(scene.links.sold_inside, scene.links.seller, scene.inside)[blue.link]
        red = blue.where(rng.random(blue.count) < 0.008 + 0.06 * stress[seller])
        share = np.where(rng.random(red.count) < 0.8, 1.0, rng.uniform(0.2, 0.8, red.count))
        red.blue_seq[:], red.blue_day[:] = red.seq, red.day
        red.day += 1 + rng.geometric(0.07, red.count)
        red.second[:] = office_seconds(rng, red.count)
        whole = share == 1.0
        net = np.where(whole, red.net, np.maximum(np.rint(red.net * share), 1).astype(np.int64))
        red.tax = -np.where(whole, red.tax, (net * self.rate[red.link] + 5_000) // 10_000)
        red.net = -net
        return red


def office_seconds(rng: np.random.Generator, count: int, night: float = 0.015) -> Ints:
    """Seconds of the day, in office hours but for a few."""
    late = rng.random(count) < night
    seconds = np.where(late, rng.integers(22 * 3600, 30 * 3600, count) % 86_400, rng.normal(13.6, 2.2, count) * 3600)
    return np.clip(seconds, np.where(late, 0, 8 * 3600), np.where(late, 86_399, 19 * 3600)).astype(np.int64)
