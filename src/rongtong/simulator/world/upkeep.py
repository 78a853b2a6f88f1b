"""What a firm uses while it works: people with social insurance, and electricity by the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rongtong.simulator.world.calendar import Month
from rongtong.simulator.world.firms import Floats, Ints
from rongtong.simulator.world.health import Stress
from rongtong.simulator.world.scene import Scene
from rongtong.simulator.world.taxes import UNPAID


@dataclass(slots=True)
class Insurance:
    """One row per firm and month; amounts in fen."""

    firm: Ints
    period: Ints
    insured: Ints
    due: Ints
    due_day: Ints
    paid_day: Ints


@dataclass(slots=True)
class Readings:
    """One row per firm and day; energies in watt-hours, arrears in fen."""

    firm: Ints
    day: Ints
    energy: Ints
    peak: Ints
    valley: Ints
    arrears: Ints


class Payroll:
    """Headcount follows activity slowly; contributions fall behind when cash does."""

    def __init__(self, rng: np.random.Generator, scene: Scene) -> None:
        self._rng, self._scene = rng, scene
        n = scene.inside
        self._staff = scene.parties.staff[:n].astype(float)
        self._smooth = np.where(scene.founded > 0, 0.2, 1.0)
        self._insured_share = np.clip(rng.normal(0.82, 0.12, n), 0.35, 1.0)
        self._base = np.rint(rng.normal(5_600, 700, n)) * 100
        self.wage = np.rint(np.clip(rng.normal(6_800, 1_300, n), 4_200, 14_000)) * 100
        """Fen a head and month."""
        self.heads = np.zeros(n, dtype=np.int64)

    def play(self, month: Month) -> Insurance:
        """Headcount and contributions of a month."""
        rng, scene = self._rng, self._scene
        activity = scene.activity[month.index]
        self._smooth = 0.65 * self._smooth + 0.35 * activity
        level = 0.25 + 0.75 * np.minimum(self._smooth, 2.5)
        heads = np.maximum(np.rint(self._staff * level), 1)
        self.heads = np.where(scene.open_at(month.index), heads, 0).astype(np.int64)
        insured = np.maximum(np.rint(self.heads * self._insured_share), 1).astype(np.int64)
        firm = np.flatnonzero(scene.open_at(month.index))
        due = np.rint(insured * self._base * 0.335).astype(np.int64)[firm]
        stress = scene.health.stress_at(month.index)[firm]
        due_day = np.full(len(firm), int(month.days[24]))
        behind = rng.random(len(firm)) < np.where(stress > 0.3, 0.85 * stress, 0.004)
        never = behind & (stress > 0.6) & (rng.random(len(firm)) < 0.7)
        paid = due_day - rng.integers(0, 16, len(firm))
        paid = np.where(behind, due_day + rng.integers(8, 130, len(firm)), paid)
        period = np.full(len(firm), int(month.days[0]))
        return Insurance(firm, period, insured[firm], due, due_day, np.where(never, UNPAID, paid))


class Power:
    """Electricity leads sales by about a month: what is sold then is made now."""

    def __init__(self, rng: np.random.Generator, scene: Scene) -> None:
        self._rng, self._scene = rng, scene
        n = scene.inside
        intensity = scene.industry_figure("kwh_per_wan") * rng.lognormal(0, 0.3, n)
        self._daily = scene.parties.revenue[:n] / 10_000 * intensity / 365 * 1000
        """Watt-hours a day at the start."""
        self._peak = rng.uniform(0.28, 0.42, n)
        self._valley = rng.uniform(0.18, 0.38, n)
        self._idle = rng.uniform(0.02, 0.06, n)
        self._halt = rng.uniform(0.55, 0.95, n)
        """Stress from which a plant stands still for days on end."""
        self._owed = np.zeros(n, dtype=np.int64)
        self.bill = np.zeros(n, dtype=np.int64)
        """Fen paid this month for the month before."""
        self._next_bill = np.zeros(n, dtype=np.int64)

    def play(self, month: Month) -> Readings:
        """Readings of each day of a month, firm by firm within the day."""
        rng, scene = self._rng, self._scene
        n, days = scene.inside, month.day_count
        ahead = min(month.index + 1, scene.months - 1)
        of_year = (scene.first_month + month.index) % 12
        season = 0.5 * (scene.season[scene.industry, of_year] + scene.season[scene.industry, (of_year + 1) % 12])
        pace = 0.45 * scene.activity[month.index] + 0.55 * scene.activity[ahead]
        present = scene.open_at(month.index)
        stress = scene.health.stress_at(month.index)
        work = month.working[:, None] * np.where(self._stands_still(month, stress), 0.0, 1.0)
        load = self._idle[None, :] + (1 - self._idle[None, :]) * work * (pace * season)[None, :]
        energy = self._daily[None, :] * load * rng.lognormal(0, 0.08, (days, n)) * present[None, :]
        energy = np.where((stress > self._halt)[None, :] & (work == 0), 0.0, energy)
        energy = np.where(month.days[:, None] >= scene.parties.established[None, :n], energy, 0.0)
        whole = np.rint(energy).astype(np.int64)
        peak = np.rint(energy * self._peak[None, :] * rng.uniform(0.9, 1.1, (days, n))).astype(np.int64)
        valley = np.rint(energy * self._valley[None, :] * rng.uniform(0.9, 1.1, (days, n))).astype(np.int64)
        arrears = self._settle(month, whole.sum(axis=0), stress)
        shown = np.broadcast_to(present[None, :], (days, n)).ravel()
        day = np.repeat(month.days.astype(np.int64), n)[shown]
        firm = np.tile(np.arange(n), days)[shown]
        return Readings(firm, day, *(table.ravel()[shown] for table in (whole, peak, valley, arrears)))

    def _stands_still(self, month: Month, stress: Stress) -> Floats:
        """Days on which a plant in deep trouble is shut: a run that grows with its stress."""
        length = np.clip((stress - self._halt) / 0.25, 0, 1) * month.day_count
        start = self._rng.random(len(stress)) * (month.day_count - length)
        day = np.arange(month.day_count)[:, None]
        return np.asarray((day >= start[None, :]) & (day < (start + length)[None, :]))

    def _settle(self, month: Month, used: Ints, stress: Stress) -> Ints:
        """Last month's bill falls due on the twentieth; what is not paid stands as arrears from then on."""
        before = self._owed
        pays = self._rng.random(len(stress)) > np.where(stress > 0.35, 0.8 * stress, 0.003)
        owed = self._owed + self._next_bill
        self.bill = np.where(pays, owed, 0)
        self._owed = np.where(pays, 0, owed)
        self._next_bill = np.rint(used / 1000 * 70).astype(np.int64)
        day = np.arange(1, month.day_count + 1)[:, None]
        return np.where(day >= 20, self._owed[None, :], before[None, :])
