"""A generated region is the same for the same arguments, holds together, and is as troubled as regions are."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from rongtong.simulator.contracts import RegionSummary
from rongtong.simulator.facade import enterprise_drafts, generate_region, truth
from rongtong.simulator.world.scene import Scene, set_scene
from rongtong.simulator.world.tables import FILES
from rongtong.simulator.world.uscc import check_character

END = date(2026, 6, 30)


def columns(region: RegionSummary, name: str) -> dict[str, np.ndarray]:
    table = pq.ParquetFile(region.folder / f"{name}.parquet").read()
    return {key: table.column(key).to_numpy(zero_copy_only=False) for key in table.column_names}


def digests(folder: Path) -> dict[str, str]:
    names = (*FILES, "region.json")
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def month_numbers(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def scene(seed: int, enterprises: int) -> Scene:
    return set_scene(np.random.default_rng(seed), enterprises=enterprises, months=24, horizon=6, end_date=END)


class TestGenerateRegion:
    def test_gives_equal_bytes_for_equal_arguments(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            generate_region(enterprises=12, months=8, seed=3, end_date=date(2026, 5, 17), folder=tmp_path / name)
        assert digests(tmp_path / "one") == digests(tmp_path / "two")

    def test_gives_another_region_for_another_seed(self, tmp_path: Path) -> None:
        for seed in (1, 2):
            generate_region(enterprises=12, months=4, seed=seed, end_date=END, folder=tmp_path / str(seed))
        first, second = digests(tmp_path / "1"), digests(tmp_path / "2")
        assert all(first[name] != second[name] for name in ("parties.parquet", "invoices.parquet"))

    def test_leaves_a_known_region_alone_and_replaces_another(self, empty_folder: Path) -> None:
        first = generate_region(enterprises=5, months=2, seed=1, end_date=END, folder=empty_folder)
        (empty_folder / "bank.sqlite3").write_bytes(b"books")
        written = (empty_folder / "invoices.parquet").stat().st_mtime_ns
        assert generate_region(enterprises=5, months=2, seed=1, end_date=END, folder=empty_folder) == first
        assert (empty_folder / "invoices.parquet").stat().st_mtime_ns == written
        other = generate_region(enterprises=6, months=2, seed=1, end_date=END, folder=empty_folder)
        assert other.enterprises == 6
        assert (empty_folder / "bank.sqlite3").read_bytes() == b"books"
        assert not list(empty_folder.glob(".making-*"))

    def test_a_region_that_was_cut_off_is_no_region(self, empty_folder: Path) -> None:
        made = generate_region(enterprises=5, months=2, seed=1, end_date=END, folder=empty_folder)
        (empty_folder / "region.json").unlink()
        again = generate_region(enterprises=5, months=2, seed=1, end_date=END, folder=empty_folder)
        assert replace(again, rows={}) == replace(made, rows={})

    @pytest.mark.parametrize(("enterprises", "months"), [(0, 12), (10, 0), (2_000_000, 1)])
    def test_refuses_sizes_out_of_range(self, empty_folder: Path, enterprises: int, months: int) -> None:
        with pytest.raises(ValueError):
            generate_region(enterprises=enterprises, months=months, seed=1, end_date=END, folder=empty_folder)

    @pytest.mark.parametrize("enterprises", [1, 2, 7])
    def test_makes_regions_of_hardly_any_firms(self, empty_folder: Path, enterprises: int) -> None:
        made = generate_region(enterprises=enterprises, months=3, seed=4, end_date=END, folder=empty_folder)
        assert made.rows["invoices"] > 0
        assert len(enterprise_drafts(empty_folder)) == enterprises

    def test_covers_whole_months_before_and_after_the_end_date(self, empty_folder: Path) -> None:
        made = generate_region(
            enterprises=5, months=3, seed=1, end_date=date(2026, 5, 17), folder=empty_folder, horizon=2
        )
        assert (made.start_date, made.last_date) == (date(2026, 2, 1), date(2026, 7, 31))
        days = columns(made, "electricity")["day"].astype("datetime64[D]")
        assert (days.min(), days.max()) == (np.datetime64("2026-02-01"), np.datetime64("2026-07-31"))

    def test_firms_are_named_coded_and_sized(self, region: RegionSummary) -> None:
        firms = enterprise_drafts(region.folder)
        assert len({one.uscc for one in firms}) == len({one.name for one in firms}) == 60
        for one in firms:
            assert one.uscc[17] == check_character(one.uscc)
            assert one.region_code.startswith("33")
            assert one.uscc[2:8] == one.region_code
            assert one.name.endswith(("有限公司", "有限责任公司"))
            assert one.staff >= 1
            assert one.established_date <= region.last_date
            assert 2 <= len(one.legal_rep_name) <= 3


class TestCoherence:
    def test_sales_between_firms_of_the_region_are_purchases_of_the_other(self, region: RegionSummary) -> None:
        invoices = columns(region, "invoices")
        inner = (invoices["seller"] < 60) & (invoices["buyer"] < 60)
        assert inner.sum() > 500
        assert len(np.unique(invoices["seq"])) == len(invoices["seq"])

    def test_red_invoices_name_an_earlier_blue_one_and_do_not_exceed_it(self, region: RegionSummary) -> None:
        invoices = columns(region, "invoices")
        where = {int(seq): row for row, seq in enumerate(invoices["seq"])}
        red = np.flatnonzero(invoices["blue_seq"] >= 0)
        assert len(red) > 50
        for row in red:
            blue = where[int(invoices["blue_seq"][row])]
            assert invoices["blue_day"][row] == invoices["day"][blue] < invoices["day"][row]
            assert invoices["seller"][row] == invoices["seller"][blue]
            assert -invoices["net"][blue] <= invoices["net"][row] < 0
        assert (invoices["net"][invoices["blue_seq"] < 0] > 0).all()

    def test_tax_is_net_times_rate_to_the_fen(self, region: RegionSummary) -> None:
        invoices = columns(region, "invoices")
        exact = np.abs(invoices["net"]) * invoices["rate"].astype(np.int64) / 10_000
        assert np.abs(np.abs(invoices["tax"]) - exact).max() <= 0.5

    def test_declared_sales_are_the_invoices_of_the_period_and_little_more(self, region: RegionSummary) -> None:
        invoices, returns = columns(region, "invoices"), columns(region, "tax")
        small = columns(region, "parties")["small_scale"]
        monthly = (returns["kind"] == 0) & ~small[returns["firm"]]
        invoice_month = month_numbers(invoices["day"])
        checked = 0
        for firm, period, sales in zip(*(returns[key][monthly] for key in ("firm", "period", "sales")), strict=True):
            in_month = (invoices["seller"] == firm) & (invoice_month == month_numbers(np.array([period]))[0])
            invoiced = int(invoices["net"][in_month].sum())
            assert max(invoiced, 0) <= sales <= max(invoiced, 0) * 1.13 + 1
            checked += 1
        assert checked > 1_000

    def test_payments_between_firms_appear_on_both_accounts(self, region: RegionSummary) -> None:
        flows = columns(region, "bank_flows")
        inner = (flows["counterparty"] >= 0) & (flows["counterparty"] < 60)
        rows = zip(*(flows[key][inner] for key in ("firm", "counterparty", "day", "second", "amount")), strict=True)
        seen = sorted((int(a), int(b), int(day), int(second), int(amount)) for a, b, day, second, amount in rows)
        mirrored = sorted((b, a, day, second, -amount) for a, b, day, second, amount in seen)
        assert seen == mirrored
        assert len(seen) > 500

    def test_balances_run_through_the_months_and_never_fall_below_zero(self, region: RegionSummary) -> None:
        flows, opening = columns(region, "bank_flows"), columns(region, "balances")
        assert flows["balance"].min() >= 0
        for firm in range(60):
            rows = flows["firm"] == firm
            first = opening["opening"][opening["firm"] == firm][0]
            assert (first + np.cumsum(flows["amount"][rows]) == flows["balance"][rows]).all()

    def test_taxes_leave_the_account_on_the_day_they_are_paid(self, region: RegionSummary) -> None:
        flows, returns = columns(region, "bank_flows"), columns(region, "tax")
        paid = (returns["paid_day"] >= 0) & (returns["due"] > 0)
        paid &= returns["paid_day"] <= columns(region, "electricity")["day"].max()
        closed = np.array([one.closed_month is not None for one in truth(region.folder)])
        paid &= ~closed[returns["firm"]]
        expected = sorted(
            zip(
                returns["firm"][paid],
                returns["paid_day"][paid],
                (returns["due"] + returns["late_fee"])[paid],
                strict=True,
            )
        )
        tax = (flows["purpose"] == 5) & ~closed[flows["firm"]]
        assert expected == sorted(zip(flows["firm"][tax], flows["day"][tax], -flows["amount"][tax], strict=True))

    def test_electricity_follows_sales(self, region: RegionSummary) -> None:
        power, invoices = columns(region, "electricity"), columns(region, "invoices")
        sold = invoices["seller"] < 60
        months = region.months + region.horizon
        first = month_numbers(power["day"]).min()
        energy, sales = np.zeros((months, 60)), np.zeros((months, 60))
        np.add.at(energy, (month_numbers(power["day"]) - first, power["firm"]), power["energy"])
        np.add.at(
            sales, (month_numbers(invoices["day"][sold]) - first, invoices["seller"][sold]), invoices["net"][sold]
        )
        ratios = [np.corrcoef(energy[:, firm], sales[:, firm])[0, 1] for firm in range(60)]
        assert np.nanmedian(ratios) > 0.3

    def test_nothing_happens_to_a_firm_before_it_is_founded_or_after_it_closed(self, region: RegionSummary) -> None:
        parties = columns(region, "parties")
        for name, party in (("invoices", "seller"), ("bank_flows", "firm"), ("courts", "firm"), ("news", "firm")):
            rows = columns(region, name)
            inside = rows[party] < 60
            assert (rows["day"][inside] >= parties["established_day"][rows[party][inside]]).all()
        for firm, one in enumerate(truth(region.folder)):
            if one.closed_month:
                flows = columns(region, "bank_flows")
                assert (
                    flows["day"][flows["firm"] == firm].astype("datetime64[D]") < np.datetime64(one.closed_month)
                ).all()


class TestHiddenHealth:
    def test_distress_comes_at_its_base_rate(self) -> None:
        rates = []
        for seed in range(6):
            health = scene(seed, 1_000).health
            rates.append(float((health.onset < 30).sum()) / 1_000 / 2.5)
        assert all(0.05 <= rate <= 0.08 for rate in rates), rates

    def test_a_region_for_demonstration_has_a_few_firms_in_trouble(self) -> None:
        found = []
        for seed in range(20):
            one = scene(seed, 50)
            ahead = one.health.stress[one.end_index :] * (one.health.closed > one.end_index)
            found.append(int((ahead.max(axis=0) > 0.35).sum()))
        assert 2 <= np.median(found) <= 5
        assert min(found) >= 1
        assert max(found) <= 10

    def test_a_sound_firm_turns_right_after_the_end_date(self) -> None:
        for seed in range(10):
            one = scene(seed, 40)
            quality = one.parties.quality[:40]
            turned = (one.health.onset == one.end_index + 1) & (quality > np.median(quality))
            assert turned.any()
            assert one.health.default[turned].min() <= one.end_index + 4

    def test_trouble_travels_along_links(self) -> None:
        one = scene(2, 3_000)
        assert 10 < int((one.health.shock[one.health.onset < one.months] == 6).sum()) < 120

    def test_sales_power_and_staff_fall_and_creditors_sue_in_distress(self, tmp_path: Path) -> None:
        made = generate_region(enterprises=300, months=24, seed=5, end_date=END, folder=tmp_path)
        parties = truth(tmp_path)
        ill = [index for index, one in enumerate(parties) if one.default_month and not one.recovered]
        invoices, courts, news = (columns(made, name) for name in ("invoices", "courts", "news"))
        kept = []
        for firm in ill:
            start = np.datetime64(parties[firm].default_month, "D").astype(int)
            day, net = (invoices[key][invoices["seller"] == firm] for key in ("day", "net"))
            before, after = (
                net[(day < start - 180) & (day >= start - 360)].sum(),
                net[(day >= start) & (day < start + 90)].sum(),
            )
            if before > 0 and start + 90 < invoices["day"].max():
                kept.append(2 * after / before)
        assert np.median(kept) < 0.5
        sued = {int(firm) for firm in courts["firm"][(courts["role"] == 0) & (courts["stage"] == 3)]}
        well = [index for index, one in enumerate(parties) if one.distress_month is None]
        assert np.mean([firm in sued for firm in ill]) > 0.4
        assert np.mean([firm in sued for firm in well]) < 0.03
        bad = {int(firm) for firm in news["firm"][news["mood"] >= 2]}
        assert np.mean([firm in bad for firm in ill]) > 3 * np.mean([firm in bad for firm in well])


class TestSeasons:
    def test_february_is_low_and_december_high(self, region: RegionSummary) -> None:
        invoices = columns(region, "invoices")
        sold = invoices["seller"] < 60
        month = month_numbers(invoices["day"])[sold] % 12
        net = np.bincount(month, invoices["net"][sold], 12) / np.array([2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3])
        assert net[1] < 0.8 * net.mean()
        assert net[11] > 1.05 * net.mean()

    def test_few_invoices_fall_on_weekends_and_hardly_any_on_holidays(self, region: RegionSummary) -> None:
        days = columns(region, "invoices")["day"]
        weekend = ((days + 3) % 7 >= 5).mean()
        assert 0.03 < weekend < 0.15
        national_day = np.datetime64("2025-10-01").astype(int)
        assert (days == national_day).sum() < 0.3 * len(days) / len(np.unique(days))
