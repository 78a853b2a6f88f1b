"""From subjects and their records to values: runs the queries and lays the results out by subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from rongtong.features.adapters import engine
from rongtong.features.definitions import catalogue, series
from rongtong.features.rules.knowledge import EVENTS

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Subject:
    """An enterprise as of a date, and what is known of it from outside its records."""

    enterprise_id: str
    as_of: date
    own_name: str | None = None
    own_code: str | None = None
    covered: frozenset[str] = frozenset()
    """Items whose source was read for the firm: no event of them means none, not unknown."""
    low_balance_share: float = 0.01
    night_from: str = "22:00"
    night_to: str = "06:00"


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of an item stands behind a subject."""

    row_count: int = 0
    last_date: date | None = None
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Values by subject and feature (NaN for none), usage by item and subject, and monthly series by name and subject."""

    values: Floats
    usage: Mapping[str, tuple[Usage, ...]]
    monthly: tuple[Mapping[str, tuple[int | None, ...]], ...] = field(default=())


def subject_table(subjects: Sequence[Subject]) -> pa.Table:
    """The subjects as the definitions read them, numbered in order."""
    columns: dict[str, list[Any]] = {
        "ordinal": list(range(len(subjects))),
        "enterprise_id": [one.enterprise_id for one in subjects],
        "as_of": [one.as_of for one in subjects],
        "own_name": [one.own_name for one in subjects],
        "own_code": [one.own_code for one in subjects],
        "courts_covered": ["courts" in one.covered for one in subjects],
        "news_covered": ["news" in one.covered for one in subjects],
        "registration_covered": ["registration" in one.covered for one in subjects],
        "low_balance_share": [one.low_balance_share for one in subjects],
        "night_from": [one.night_from for one in subjects],
        "night_to": [one.night_to for one in subjects],
    }
    return pa.table(columns, schema=engine.schema("subjects"))


def evaluate(subjects: Sequence[Subject], items: Mapping[str, pa.Table], *, with_series: bool = False) -> Evaluated:
    """All features of all subjects in one run; `items` holds a table for each item that may be read."""
    values = np.full((len(subjects), len(catalogue.names())), np.nan)
    used = {item for item, table in items.items() if table.num_rows}
    covered = frozenset().union(*(one.covered for one in subjects))
    monthly: list[dict[str, tuple[int | None, ...]]] = [{} for _ in subjects]
    with engine.Session(subject_table(subjects), items) as session:
        for group, needs in catalogue.NEEDS.items():
            if any(used >= one for one in needs) or group in covered & EVENTS:
                _lay_out(values, session.run("features", group))
        usage = _usage(session.run("usage", "all"), items, len(subjects))
        if with_series:
            for item in series.SERIES:
                if item in used:
                    _lay_out_series(monthly, session.run("series", item))
    return Evaluated(values=values, usage=usage, monthly=tuple(monthly) if with_series else ())


def evidence(subject: Subject, items: Mapping[str, pa.Table], feature: str) -> dict[str, tuple[str, ...]]:
    """By item, the row ids that a feature of one subject is made of."""
    with engine.Session(subject_table([subject]), items) as session:
        return {
            item: tuple(session.run("evidence", f"{feature}/{item}")["row_id"].tolist())
            for item in catalogue.EVIDENCE[feature]
            if item in items
        }


def month_labels(as_of: date) -> tuple[str, ...]:
    """The calendar months of a chart, oldest first: "2018-04" … "2020-03"."""
    last = as_of.year * 12 + as_of.month - 1
    return tuple(f"{m // 12:04d}-{m % 12 + 1:02d}" for m in range(last - series.MONTHS + 1, last + 1))


def _lay_out(values: Floats, columns: engine.Columns) -> None:
    places = {name: index for index, name in enumerate(catalogue.names())}
    rows = np.asarray(columns["ordinal"])
    for name, column in columns.items():
        if name != "ordinal":
            values[rows, places[name]] = np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan)


def _usage(columns: engine.Columns, items: Iterable[str], size: int) -> dict[str, tuple[Usage, ...]]:
    result = {item: [Usage()] * size for item in items}
    for row, item, count, last, generated in zip(
        columns["ordinal"].tolist(),
        columns["item"].tolist(),
        columns["row_count"].tolist(),
        columns["last_date"].astype("datetime64[D]").tolist(),
        columns["generated"].tolist(),
        strict=True,
    ):
        result[item][row] = Usage(row_count=count, last_date=last, generated=bool(generated))
    return {item: tuple(rows) for item, rows in result.items()}


def _lay_out_series(monthly: list[dict[str, tuple[int | None, ...]]], columns: engine.Columns) -> None:
    """Long form to one tuple per subject and series; months after the first one seen are zero in a flow without records."""
    names = [name for name in columns if name not in {"ordinal", "back"}]
    rows: dict[int, dict[int, int]] = {}
    for index, (row, back) in enumerate(zip(columns["ordinal"].tolist(), columns["back"].tolist(), strict=True)):
        rows.setdefault(row, {})[back] = index
    lists = {name: np.ma.asarray(columns[name]).tolist() for name in names}
    for row, months in rows.items():
        first = max(months)
        for name in names:
            none = 0 if name in series.FLOWS else None
            monthly[row][name] = tuple(
                _whole(lists[name][months[back]], none) if back in months else (none if back <= first else None)
                for back in range(series.MONTHS - 1, -1, -1)
            )


def _whole(value: Any, none: int | None) -> int | None:
    return none if value is None else int(value)
