"""Bank flows and balances: customers pay what they owe, the firm pays suppliers, wages, taxes, power, rent, and its owner helps out.

A payment between two firms of the region is one movement with two entries, equal to the fen and on one day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rongtong.simulator.reference import words
from rongtong.simulator.reference.industries import INDUSTRIES
from rongtong.simulator.world.calendar import Month
from rongtong.simulator.world.firms import Flags, Ints
from rongtong.simulator.world.invoicing import Invoices, office_seconds
from rongtong.simulator.world.scene import Scene
from rongtong.simulator.world.taxes import UNPAID, Returns, total
from rongtong.simulator.world.upkeep import Insurance, Payroll, Power

_OFFICE = {name: -1 - position for position, name in enumerate(words.OFFICES)}
_PURPOSE = {name: position for position, name in enumerate(words.PURPOSES)}


@dataclass(slots=True)
class Flows:
    """One row per entry of an account; amounts in fen, in positive and out negative."""

    firm: Ints
    day: Ints
    second: Ints
    amount: Ints
    counterparty: Ints
    """Index of a party, or -1 minus the index of an office."""
    purpose: Ints
    seq: Ints


class Banking:
    """Plays the months in order; keeps what each link owes, each account's balance, and payments set for later days."""

    def __init__(self, rng: np.random.Generator, scene: Scene) -> None:
        self._rng, self._scene = rng, scene
        n, links = scene.inside, scene.links
        self._owed = links.yearly / 12 * 0.6 * (links.begins == 0) * 100
        self.balance = np.rint(scene.parties.revenue[:n] * rng.uniform(0.03, 0.12, n) * 100).astype(np.int64)
        self.balance[scene.founded > 0] = 0
        self._savings = np.zeros(n, dtype=np.int64)
        self._borrowed = np.zeros(n, dtype=np.int64)
        self._debt = scene.parties.revenue[:n] * rng.uniform(0, 0.25, n) * (rng.random(n) < 0.55)
        self._next = int(rng.integers(10**8, 9 * 10**8))
        section = np.array([one.code[0] for one in INDUSTRIES])[scene.parties.industry[links.seller]]
        named = {"C": "货款", "F": "货款", "E": "工程款", "G": "运费", "I": "服务费", "L": "服务费", "M": "服务费"}
        self._link_purpose = np.array([_PURPOSE[named[letter]] for letter in section])
        self._later: list[Flows] = []

    def play(
        self,
        month: Month,
        *,
        invoices: Invoices,
        returns: Returns,
        insurance: Insurance,
        payroll: Payroll,
        power: Power,
    ) -> tuple[Flows, Ints, Ints]:
        """The entries of a month in booking order, the balance after each, and the balances before the first."""
        scene, opening = self._scene, self.balance.copy()
        self._set_dues(returns, insurance)
        parts = [*self._trade(month, invoices), self._running_costs(month, payroll, power), *self._take_due(month)]
        flows = together(parts)
        keep = (flows.amount != 0) & scene.open_at(month.index)[flows.firm]
        keep &= flows.day > scene.parties.established[flows.firm]
        flows = _ordered(_where(flows, keep))
        flows = self._financed(month, flows)
        flows.seq[:] = self._next + np.arange(len(flows.seq))
        self._next += len(flows.seq)
        after, self.balance = _running(flows, opening)
        in_time = np.lexsort((flows.firm, flows.seq, flows.second, flows.day))
        return _where(flows, in_time), after[in_time], opening

    def _trade(self, month: Month, invoices: Invoices) -> list[Flows]:
        """One payment per link that owes: a share of it, less when the payer is in trouble."""
        rng, scene, links = self._rng, self._scene, self._scene.links
        n, index = scene.inside, month.index
        self._owed += np.bincount(invoices.link, invoices.net + invoices.tax, links.count)
        stress = np.append(scene.health.stress_at(index), 0.0)
        payer = np.where(links.bought_inside, links.buyer, n)
        payee = np.where(links.sold_inside, links.seller, n)
        slow_customers = np.append(np.where(scene.health.shock == 2, 0.6, 0.15) * stress[:n], 0.0)
        share = (
            links.pays * (1 - 0.9 * stress[payer]) * (1 - slow_customers[payee]) * rng.uniform(0.75, 1.25, links.count)
        )
        alive = np.append(scene.open_at(index), True)
        share = np.where(alive[payer] & alive[payee], np.clip(share, 0, 1), 0)
        owed = np.maximum(self._owed, 0)
        paid = np.where(owed < 300_000, np.where(share > 0.2, owed, 0), owed * share)
        paid = np.where(paid < 10_000, 0, np.rint(paid))
        self._owed -= paid
        link = np.flatnonzero(paid)
        day = month.days[np.searchsorted(month.paying, rng.random(len(link)))].astype(np.int64)
        born = scene.parties.established
        day = np.maximum(day, np.maximum(born[links.seller[link]], born[links.buyer[link]]) + 1)
        second, amount = office_seconds(rng, len(link), 0), paid[link].astype(np.int64)
        purpose = self._link_purpose[link]
        parts = []
        for side, firm, other, sign in (
            (links.sold_inside[link], links.seller[link], links.buyer[link], 1),
            (links.bought_inside[link], links.buyer[link], links.seller[link], -1),
        ):
            parts.append(_flows(firm[side], day[side], second[side], sign * amount[side], (other[side], purpose[side])))
        return parts

    def _running_costs(self, month: Month, payroll: Payroll, power: Power) -> Flows:
        """Wages on the tenth, rent on the fifth, power and interest on the twentieth, petty cash when it suits."""
        rng, scene = self._rng, self._scene
        n, every = scene.inside, np.arange(scene.inside)
        stress = scene.health.stress_at(month.index)
        wages = payroll.heads * payroll.wage * np.where(stress > 0.7, rng.random(n) < 0.3, 1)
        rent = np.rint(scene.parties.revenue[:n] / 12 * 1.1).astype(np.int64) * (rng.random(n) > 0.8 * stress)
        interest = np.rint(self._debt * 100 * 0.045 / 12).astype(np.int64) * (rng.random(n) > stress)
        petty = np.rint(rng.lognormal(8.6, 0.8, n) * 100 * (1 + 3 * stress)).astype(np.int64) // 10_000 * 10_000
        earned = np.maximum(self.balance, 0) * 35 // 120_000
        parts = []
        for amount, position, office, purpose in (
            (-wages, 9, "代发工资过渡户", "代发工资"),
            (-rent, 4, "产业园物业服务中心", "房租及物业费"),
            (-power.bill, 19, "供电服务中心", "电费"),
            (-interest, 20, "贷款利息户", "归还贷款利息"),
            (earned if (scene.first_month + month.index) % 3 == 2 else earned * 0, 20, "本行利息支出户", "存款利息"),
        ):
            day = np.full(n, int(month.days[position]))
            parts.append(
                _flows(every, day, office_seconds(rng, n, 0), amount.astype(np.int64), _named(office, purpose, n))
            )
        day = month.days[rng.integers(1, month.day_count, n)].astype(np.int64)
        seconds = np.where(
            rng.random(n) < 0.05 + 0.5 * stress, rng.integers(79_200, 108_000, n) % 86_400, office_seconds(rng, n, 0)
        )
        parts.append(_flows(every, day, seconds, -petty, _named("法定代表人", "备用金", n)))
        return together(parts)

    def _set_dues(self, returns: Returns, insurance: Insurance) -> None:
        """Taxes and contributions leave the account on the day they are paid, which may be months ahead."""
        rng = self._rng
        tax = returns.paid_day != UNPAID
        count = int(tax.sum())
        amount = -(returns.due + returns.late_fee)[tax]
        self._later.append(
            _flows(returns.firm[tax], returns.paid_day[tax], office_seconds(rng, count, 0), amount,
                   _named("国家金库", "缴纳税款", count))
        )  # fmt: skip
        paid = insurance.paid_day != UNPAID
        count = int(paid.sum())
        self._later.append(
            _flows(insurance.firm[paid], insurance.paid_day[paid], office_seconds(rng, count, 0), -insurance.due[paid],
                   _named("社会保险基金管理中心", "社保费扣缴", count))
        )  # fmt: skip

    def _take_due(self, month: Month) -> list[Flows]:
        waiting = together(self._later)
        due = waiting.day <= month.days[-1]
        self._later = [_where(waiting, ~due)]
        return [_where(waiting, due & (waiting.day >= month.days[0]))]

    def _financed(self, month: Month, flows: Flows) -> Flows:
        """No account goes below zero: savings first, then the owner, or short loans where a firm is in trouble."""
        rng, scene = self._rng, self._scene
        n, every = scene.inside, np.arange(scene.inside)
        after, closing = _running(flows, self.balance)
        lowest = self.balance.copy()
        np.minimum.at(lowest, flows.firm, after)
        revenue = scene.parties.revenue[:n] * 100
        stress = scene.health.stress_at(month.index)
        cushion = np.rint(revenue * 0.004 * (1 - stress) * rng.uniform(0.2, 1.0, n)).astype(np.int64)
        short = np.where(lowest < 0, cushion - lowest, 0)
        short = (short + 99_999) // 100_000 * 100_000
        redeemed = np.minimum(self._savings, short)
        lent = short - redeemed
        self._savings -= redeemed
        troubled = stress > 0.15
        spare = np.where(
            scene.open_at(month.index) & (short == 0), closing - np.rint(revenue * 0.12).astype(np.int64), 0
        )
        repaid = np.clip(np.minimum(spare, self._borrowed), 0, None) // 100_000 * 100_000
        self._borrowed += lent - repaid
        swept = (
            np.where(spare - repaid > revenue * 0.05, (spare - repaid) * 0.8, 0).astype(np.int64)
            // 1_000_000
            * 1_000_000
        )
        self._savings += swept
        first, last = np.full(n, int(month.days[0])), np.full(n, int(month.days[-1]))
        early, late = np.full(n, 7 * 3600 + 1800), np.full(n, 19 * 3600)
        first = np.maximum(first, scene.parties.established[:n])
        extra = together(
            [
                _flows(every, first, early, redeemed, _named("理财资金户", "赎回理财", n)),
                _flows(every, first, early + 1, np.where(troubled, 0, lent), _named("法定代表人", "股东往来款", n)),
                _flows(every, first, early + 1, np.where(troubled, lent, 0), _named("短期拆借", "短期周转借款", n)),
                _flows(every, last, late + 30, -repaid, _named("法定代表人", "归还借款", n)),
                _flows(every, last, late + 60, -swept, _named("理财资金户", "购买理财", n)),
            ]
        )
        return _ordered(together([_where(extra, extra.amount != 0), flows]))


def together(parts: list[Flows]) -> Flows:
    """All of them."""
    return Flows(
        *(np.concatenate([getattr(part, name) for part in parts]).astype(np.int64) for name in Flows.__slots__)
    )


def _flows(firm: Ints, day: Ints, second: Ints, amount: Ints, what: tuple[Ints, Ints]) -> Flows:
    """Entries not numbered yet; `what` is counterparty and purpose."""
    return Flows(firm, day, second, amount, *what, np.zeros(len(firm), dtype=np.int64))


def _named(office: str, purpose: str, count: int) -> tuple[Ints, Ints]:
    return np.full(count, _OFFICE[office]), np.full(count, _PURPOSE[purpose])


def _where(flows: Flows, rows: Flags | Ints) -> Flows:
    return Flows(*(getattr(flows, name)[rows] for name in Flows.__slots__))


def _ordered(flows: Flows) -> Flows:
    """By firm, then by moment; money in before money out of the same second."""
    return _where(flows, np.lexsort((-flows.amount, flows.second, flows.day, flows.firm)))


def _running(flows: Flows, opening: Ints) -> tuple[Ints, Ints]:
    """Balances after each entry (entries ordered by firm and moment), and each firm's closing balance."""
    sums = np.cumsum(flows.amount)
    closing = opening + total(flows.firm, flows.amount, len(opening))
    starts = np.searchsorted(flows.firm, np.arange(len(opening)))
    before = np.concatenate([[0], sums])[starts]
    return opening[flows.firm] + sums - before[flows.firm], closing
