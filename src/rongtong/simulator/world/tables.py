"""The region's files: columns of each table, Parquet writing a row group at a time, the summary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rongtong.simulator.contracts import RegionSummary
from rongtong.simulator.reference.industries import INDUSTRIES
from rongtong.simulator.world.banking import Flows
from rongtong.simulator.world.calendar import Month, day_number, first_day
from rongtong.simulator.world.firms import Ints
from rongtong.simulator.world.health import NEVER, SHOCKS
from rongtong.simulator.world.invoicing import Invoices
from rongtong.simulator.world.scene import Scene

SUMMARY = "region.json"
TABLES = (
    "invoices", "tax", "ratings", "social_insurance", "electricity", "bank_flows", "balances", "courts", "registration",
    "news", "parties", "truth", "truth_months",
)  # fmt: skip
FILES = tuple(f"{name}.parquet" for name in TABLES)
_SMALL = {
    "link", "second", "rate", "item", "seller", "buyer", "firm", "kind", "grade", "year", "insured", "counterparty",
    "purpose", "case", "stage", "role", "cause", "other", "change", "mood",
}  # fmt: skip
_DAYS = {"day", "blue_day", "period", "due_day", "filed_day", "paid_day", "month", "opened"}


class Writer:
    """Writes tables into a folder, a row group per call; a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, pq.ParquetWriter] = {}
        self.rows: dict[str, int] = {}

    def write(self, name: str, table: Any) -> None:
        """Append columns given as a dataclass of arrays or a mapping."""
        columns: Mapping[str, Any] = _columns(table) if is_dataclass(table) else table
        arrow = pa.table({key: _arrow(key, values) for key, values in columns.items()})
        if name not in self._files:
            self._files[name] = pq.ParquetWriter(
                self._folder / f"{name}.parquet", arrow.schema, compression="zstd", compression_level=3
            )
        elif not arrow.num_rows:
            return
        self._files[name].write_table(arrow, row_group_size=max(1, arrow.num_rows))
        self.rows[name] = self.rows.get(name, 0) + arrow.num_rows

    def write_parties(self, scene: Scene, sales: Ints) -> None:
        """Who is there, for the server and the registration of firms on the platform."""
        parties, n = scene.parties, scene.inside
        revenue = np.rint(parties.revenue * 100).astype(np.int64)
        revenue[:n] = sales
        industry = np.array([one.code for one in INDUSTRIES])[parties.industry]
        self.write(
            "parties",
            {
                "name": parties.name,
                "uscc": parties.uscc,
                "region_code": parties.region_code,
                "city": parties.city,
                "address": parties.address,
                "legal_rep": parties.legal_rep,
                "second_holder": parties.second_holder,
                "industry_code": industry,
                "established_day": parties.established,
                "staff": parties.staff,
                "revenue_fen": revenue,
                "assets_fen": (revenue * 7) // 10,
                "small_scale": parties.small_scale,
                "registered_capital_fen": parties.registered_capital,
                "paid_in_fen": np.rint(parties.registered_capital * parties.paid_in_share).astype(np.int64),
                "holder_share": parties.holder_share.astype(np.int64),
                "account": parties.account,
                "meter": parties.meter,
                "phone": parties.phone,
                "inside": np.arange(parties.count) < n,
            },
        )

    def write_truth(self, scene: Scene) -> None:
        """The hidden course of each firm, apart from what is served."""
        health, n = scene.health, scene.inside
        self.write(
            "truth",
            {
                "uscc": scene.parties.uscc[:n],
                "quality": scene.parties.quality[:n],
                "shock": np.array(SHOCKS)[np.where(health.onset < scene.months, health.shock, 0)],
                "recovered": health.recovered & (health.onset < scene.months),
                "distress_day": _month_days(scene, health.onset),
                "default_day": _month_days(scene, health.default),
                "closed_day": _month_days(scene, health.closed),
            },
        )
        months = np.array([day_number(first_day(scene.first_month + index)) for index in range(scene.months)])
        self.write(
            "truth_months",
            {
                "firm": np.tile(np.arange(n), scene.months),
                "month": np.repeat(months, n),
                "health": health.level.ravel(),
                "stress": health.stress.ravel(),
            },
        )

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()


def invoice_columns(scene: Scene, invoices: Invoices, rate: Ints) -> dict[str, Any]:
    """What an invoice says, with its parties as indices."""
    links = scene.links
    return {
        "seller": links.seller[invoices.link],
        "buyer": links.buyer[invoices.link],
        "day": invoices.day,
        "second": invoices.second,
        "net": invoices.net,
        "tax": invoices.tax,
        "rate": rate[invoices.link],
        "item": links.item[invoices.link],
        "special": links.special[invoices.link],
        "seq": invoices.seq,
        "blue_seq": invoices.blue_seq,
        "blue_day": invoices.blue_day,
    }


def flow_columns(flows: Flows, balances: Ints) -> dict[str, Any]:
    """Entries with the balance after each."""
    return {**_columns(flows), "balance": balances}


def balance_columns(month: Month, opening: Ints) -> dict[str, Any]:
    """The balance of each account before the first entry of a month."""
    return {
        "day": np.full(len(opening), int(month.days[0])),
        "firm": np.arange(len(opening)),
        "opening": opening,
    }


def sales_of(scene: Scene, invoices: Invoices) -> tuple[Ints, Ints]:
    """Seller and net amount of each invoice a firm of the region issued."""
    sold = scene.links.sold_inside[invoices.link]
    return scene.links.seller[invoices.link][sold], invoices.net[sold]


def write_summary(folder: Path, summary: RegionSummary) -> None:
    """As JSON with sorted keys; the folder itself is left out, so that a region can be moved."""
    content = {key: value for key, value in asdict(summary).items() if key != "folder"}
    text = json.dumps(content, default=str, ensure_ascii=False, sort_keys=True, indent=1)
    (folder / SUMMARY).write_text(text + "\n", encoding="utf-8")


def read_summary(folder: Path) -> RegionSummary | None:
    """The summary of the region in a folder, None where there is none that is whole."""
    try:
        content = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        for key in ("start_date", "end_date", "last_date"):
            content[key] = date.fromisoformat(content[key])
        return RegionSummary(folder=folder, **content)
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        return None


def _columns(table: Any) -> dict[str, Any]:
    return {one.name: getattr(table, one.name) for one in fields(table)}


def _month_days(scene: Scene, index: Ints) -> Ints:
    """First day of the month of an index; -1 where it lies beyond the last month."""
    days = np.array([day_number(first_day(scene.first_month + month)) for month in range(scene.months)])
    return np.where(index < min(scene.months, NEVER), days[np.minimum(index, scene.months - 1)], -1)


def _arrow(name: str, values: Any) -> pa.Array:
    if values.dtype.kind == "U":
        return pa.array(values.tolist(), pa.string())
    if name in _SMALL or name in _DAYS:
        return pa.array(values.astype(np.int32))
    return pa.array(values)
