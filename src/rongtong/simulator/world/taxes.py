"""Tax returns and ratings, from the month's invoices: VAT, income tax prepaid by the quarter, the yearly grade."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rongtong.simulator.world.calendar import Month, day_number, first_day
from rongtong.simulator.world.firms import Ints
from rongtong.simulator.world.invoicing import Invoices
from rongtong.simulator.world.scene import Scene

VAT, INCOME_TAX = 0, 1
GRADES = ("A", "B", "M", "C", "D")
UNPAID = -1
"""Instead of a day number: it never happened."""


@dataclass(slots=True)
class Returns:
    """One row per return due in a month; amounts in fen, days as day numbers (-1: never)."""

    firm: Ints
    kind: Ints
    period: Ints
    """First day of the month, or of the quarter's last month."""
    sales: Ints
    due: Ints
    late_fee: Ints
    due_day: Ints
    filed_day: Ints
    paid_day: Ints


@dataclass(slots=True)
class Ratings:
    """The yearly taxpayer grade: index into GRADES, of the year before it is published."""

    firm: Ints
    year: Ints
    grade: Ints
    day: Ints


class Taxes:
    """Keeps what returns add up: sales and taxes of the open period, input tax carried forward, late filings."""

    def __init__(self, rng: np.random.Generator, scene: Scene) -> None:
        self._rng, self._scene = rng, scene
        n = scene.inside
        retail = scene.industry_figure("layer") == 3
        self._uninvoiced = np.where(retail, rng.uniform(0.0, 0.12, n), rng.uniform(0.0, 0.015, n))
        self._net = np.zeros((3, n), dtype=np.int64)
        """Net sales of the last three months, the latest last."""
        self._output = np.zeros((3, n), dtype=np.int64)
        self._input = np.zeros(n, dtype=np.int64)
        self._credit = np.zeros(n, dtype=np.int64)
        self._late = np.zeros(n)
        self._keen = rng.normal(0, 1, n)
        self.profit_rate = np.clip(rng.normal(0.045, 0.02, n) + 0.01 * scene.parties.quality[:n], 0.002, 0.15)

    def book(self, invoices: Invoices, rate: Ints) -> None:
        """Take in the invoices of a month that has ended."""
        links, n = self._scene.links, self._scene.inside
        sold, bought = links.sold_inside[invoices.link], links.bought_inside[invoices.link]
        deducted = bought & links.special[invoices.link]
        seller, buyer = links.seller[invoices.link], links.buyer[invoices.link]
        net = total(seller[sold], invoices.net[sold], n)
        tax = total(seller[sold], invoices.tax[sold], n)
        extra = np.rint(np.maximum(net, 0) * self._uninvoiced).astype(np.int64)
        own_rate = np.where(self._scene.parties.small_scale[:n], 100, np.rint(self._scene.industry_figure("vat") * 1e4))
        self._net = np.vstack([self._net[1:], net + extra])
        self._output = np.vstack([self._output[1:], tax + extra * own_rate.astype(np.int64) // 10_000])
        self._input = total(buyer[deducted], invoices.tax[deducted], n)

    def file(self, month: Month) -> Returns:
        """The returns due in a month, for the month (or quarter) before it."""
        scene, n = self._scene, self._scene.inside
        quarter = (scene.first_month + month.index) % 3 == 0
        small = scene.parties.small_scale[:n]
        there = (scene.founded < month.index) & (scene.health.closed >= month.index) & (month.index > 0)
        monthly = np.flatnonzero(there & ~small)
        payable = self._output[-1] - self._input - self._credit
        self._credit = np.where(small, 0, np.maximum(-payable, 0))
        parts = [(monthly, np.full(len(monthly), VAT), self._net[-1][monthly], np.maximum(payable, 0)[monthly])]
        if quarter and month.index >= 3:
            sales, tax = self._net.sum(axis=0), np.maximum(self._output.sum(axis=0), 0)
            quarterly = np.flatnonzero(there & small)
            parts.append((quarterly, np.full(len(quarterly), VAT), sales[quarterly], tax[quarterly]))
            everyone = np.flatnonzero(there)
            rate = np.maximum(self.profit_rate + 0.01 * scene.health.level[month.index - 1], 0)
            income = np.maximum(np.rint(sales * rate * 0.05), 0).astype(np.int64)
            parts.append((everyone, np.full(len(everyone), INCOME_TAX), sales[everyone], income[everyone]))
        firm, kind, sales, due = (np.concatenate(column) for column in zip(*parts, strict=True))
        return self._handed_in(month, firm, kind, np.maximum(sales, 0), due)

    def _handed_in(self, month: Month, firm: Ints, kind: Ints, sales: Ints, due: Ints) -> Returns:
        rng, scene = self._rng, self._scene
        stress = scene.health.stress_at(month.index)[firm]
        due_day = np.full(len(firm), _deadline(month))
        careless = rng.random(len(firm)) < 0.006 * np.exp(-0.8 * self._keen[firm])
        troubled = rng.random(len(firm)) < np.where(stress > 0.25, 0.75 * stress, 0)
        delay = np.where(troubled, rng.integers(6, 95, len(firm)), rng.integers(2, 20, len(firm)))
        never = troubled & (rng.random(len(firm)) < np.where(stress > 0.7, 0.6, 0.1))
        only_unpaid = troubled & (rng.random(len(firm)) < 0.55)
        early = due_day - rng.integers(0, 9, len(firm))
        filed = np.where(careless | (troubled & ~only_unpaid), due_day + delay, early)
        filed = np.where(never & ~only_unpaid, UNPAID, filed)
        paid = np.where(troubled, np.maximum(due_day + delay, filed), np.where(careless, filed, early))
        paid = np.where(never | (filed == UNPAID), UNPAID, paid)
        gone = scene.health.closed[firm] == month.index
        filed, paid = np.where(gone, UNPAID, filed), np.where(gone, UNPAID, paid)
        days_late = np.where(paid == UNPAID, 0, np.maximum(paid - due_day, 0))
        fee = (due * days_late * 5 + 5_000) // 10_000
        self._late += np.bincount(
            firm, ((filed > due_day) | (filed == UNPAID) | (paid == UNPAID)) & (kind == VAT), self._scene.inside
        )
        first = day_number(first_day(scene.first_month + month.index - 1))
        return Returns(firm, kind, np.full(len(firm), first), sales, due, fee, due_day, filed, paid)

    def rate_year(self, month: Month) -> Ratings:
        """The grades of last year, published at the end of April; none in other months."""
        if (self._scene.first_month + month.index) % 12 != 3:
            return Ratings(*(np.empty(0, dtype=np.int64) for _ in range(4)))
        scene, n = self._scene, self._scene.inside
        points = (
            87
            + 4.5 * self._keen
            + 2 * scene.parties.quality[:n]
            - 9 * self._late
            - 12 * scene.health.stress_at(month.index)
        )
        young = scene.parties.established[:n] > int(month.days[0]) - 480
        grade = np.where(points >= 90, 0, np.where(points >= 70, 1, np.where(points >= 40, 3, 4)))
        grade = np.where(young & (grade <= 1), 2, grade)
        self._late = np.zeros(n)
        firms = np.flatnonzero((scene.founded <= month.index) & (scene.health.closed > month.index))
        day = np.full(len(firms), int(month.days[24]))
        return Ratings(firms, np.full(len(firms), month.start.year - 1), grade[firms], day)


def total(index: Ints, amounts: Ints, n: int) -> Ints:
    """Exact sums of fen per firm."""
    sums = np.zeros(n, dtype=np.int64)
    np.add.at(sums, index, amounts)
    return sums


def _deadline(month: Month) -> int:
    """The fifteenth, or the next working day."""
    for position in range(14, month.day_count):
        if month.working[position] >= 1.0:
            return int(month.days[position])
    return int(month.days[-1])
