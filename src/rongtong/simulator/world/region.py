"""Plays a region month by month and stores it: Parquet tables with a row group a month, and a summary."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from rongtong.simulator.contracts import RegionSummary
from rongtong.simulator.world import tables
from rongtong.simulator.world.banking import Banking
from rongtong.simulator.world.calendar import Month, date_of, month_at
from rongtong.simulator.world.events import court_events, news_items, registration_changes
from rongtong.simulator.world.invoicing import Invoicing
from rongtong.simulator.world.scene import Scene, set_scene
from rongtong.simulator.world.taxes import Taxes
from rongtong.simulator.world.upkeep import Payroll, Power

VERSION = "3"
"""Changes with every change of what equal arguments generate."""

Progress = Callable[[int, int], None]
"""Called with (months done, months in all)."""


def play_region(
    *, enterprises: int, months: int, seed: int, end_date: date, folder: Path, horizon: int, progress: Progress | None
) -> RegionSummary:
    """Generate into `folder`; a region of the same arguments that is there already is left as it is."""
    known = tables.read_summary(folder)
    asked = (enterprises, months, seed, end_date, horizon, VERSION)
    if (
        known is not None
        and (known.enterprises, known.months, known.seed, known.end_date, known.horizon, known.version) == asked
    ):
        return known
    folder.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    try:
        summary = _play(
            enterprises=enterprises,
            months=months,
            seed=seed,
            end_date=end_date,
            horizon=horizon,
            workshop=workshop,
            folder=folder,
            progress=progress,
        )
        for name in (tables.SUMMARY, *tables.FILES):
            (folder / name).unlink(missing_ok=True)
        for name in (*tables.FILES, tables.SUMMARY):  # the summary last: without it there is no region
            os.replace(workshop / name, folder / name)
        return summary
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _play(
    *,
    enterprises: int,
    months: int,
    seed: int,
    end_date: date,
    horizon: int,
    workshop: Path,
    folder: Path,
    progress: Progress | None,
) -> RegionSummary:
    streams = [np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(7)]
    scene = set_scene(streams[0], enterprises=enterprises, months=months, horizon=horizon, end_date=end_date)
    with tables.Writer(workshop) as writer:
        sales = _play_months(streams, scene, writer, progress)
        writer.write("courts", court_events(streams[6], scene))
        writer.write("registration", registration_changes(streams[6], scene))
        writer.write("news", news_items(streams[6], scene))
        writer.write_parties(scene, sales)
        writer.write_truth(scene)
        rows = writer.rows
    health = scene.health
    ahead = health.stress[scene.end_index :] * (health.closed > scene.end_index)
    summary = RegionSummary(
        folder=folder,
        enterprises=enterprises,
        counterparties=scene.parties.count - enterprises,
        months=months,
        horizon=horizon,
        seed=seed,
        start_date=month_at(0, scene.first_month).start,
        end_date=end_date,
        last_date=date_of(scene.last_day),
        rows=dict(sorted(rows.items())),
        troubled=int((ahead.max(axis=0) > 0.35).sum()),
        defaulted=int((health.default < scene.months).sum()),
        version=VERSION,
    )
    tables.write_summary(workshop, summary)
    return summary


def _play_months(
    streams: list[np.random.Generator], scene: Scene, writer: tables.Writer, progress: Progress | None
) -> np.ndarray:  # type: ignore[type-arg]  # int64 fen per firm
    """Play each month into the tables; returns the net sales of the twelve months up to `end_date`."""
    invoicing, taxes = Invoicing(streams[1], scene), Taxes(streams[2], scene)
    payroll, power, banking = Payroll(streams[3], scene), Power(streams[4], scene), Banking(streams[5], scene)
    sales = np.zeros(scene.inside, dtype=np.int64)
    for index in range(scene.months):
        month: Month = month_at(index, scene.first_month)
        returns = taxes.file(month)
        ratings = taxes.rate_year(month)
        invoices = invoicing.play(month)
        insurance = payroll.play(month)
        readings = power.play(month)
        flows, balances, opening = banking.play(
            month, invoices=invoices, returns=returns, insurance=insurance, payroll=payroll, power=power
        )
        taxes.book(invoices, invoicing.rate)
        writer.write("invoices", tables.invoice_columns(scene, invoices, invoicing.rate))
        writer.write("tax", returns)
        writer.write("ratings", ratings)
        writer.write("social_insurance", insurance)
        writer.write("electricity", readings)
        writer.write("bank_flows", tables.flow_columns(flows, balances))
        writer.write("balances", tables.balance_columns(month, opening))
        if scene.end_index - 12 < index <= scene.end_index:
            np.add.at(sales, *tables.sales_of(scene, invoices))
        if progress is not None:
            progress(index + 1, scene.months)
    return sales
