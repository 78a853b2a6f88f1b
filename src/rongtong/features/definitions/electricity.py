"""Features of electricity: change on the year, and stops (用电). Months are compared by their daily mean, so a gap in readings is no fall."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from rongtong.features.definitions.timeline import age, count, dated, days_before, per_subject, total

_ENOUGH_OF_QUARTER, _ENOUGH_OF_MONTH = 60, 20
"""Readings (days) without which a window says nothing."""


def lines(subjects: ir.Table, electricity: ir.Table) -> ir.Table:
    """Each subject's daily readings with their rolling month."""
    rows = dated(subjects, electricity)
    last_on = rows.occurred_date.max(where=rows.energy_wh > 0).over(ibis.window(group_by="ordinal"))
    rows = rows.mutate(age=age(rows, rows.occurred_date), last_on=last_on)
    return rows.mutate(off=rows.last_on.isnull() | (rows.occurred_date > rows.last_on))


def features(subjects: ir.Table, tables: dict[str, ir.Table]) -> ir.Table:
    """One row per subject with all features of electricity."""
    rows = lines(subjects, tables["electricity"])
    windows = {
        "quarter": (0, 3),
        "quarter_before": (12, 15),
        "m0": (0, 1),
        "m1": (1, 2),
        "m12": (12, 13),
        "m13": (13, 14),
    }
    sums = {}
    for name, (first, end) in windows.items():
        inside = (rows.age >= first) & (rows.age < end)
        sums[name] = total(rows.energy_wh, inside)
        sums[f"{name}_days"] = count(inside)
    seen = rows.group_by("ordinal").agg(
        **sums,
        last_on=rows.last_on.max(),
        first_read=rows.occurred_date.min(),
        last_read=rows.occurred_date.max(),
    )
    row = per_subject(subjects, seen)
    fall = ibis.least(-_change(row, "m0", "m12", _ENOUGH_OF_MONTH), -_change(row, "m1", "m13", _ENOUGH_OF_MONTH))
    both = _change(row, "m0", "m12", _ENOUGH_OF_MONTH) + _change(row, "m1", "m13", _ENOUGH_OF_MONTH)
    off_from = days_before(row, row.last_on).coalesce(days_before(row, row.first_read) + 1)
    return row.select(
        "ordinal",
        pow_kwh_yoy=_change(row, "quarter", "quarter_before", _ENOUGH_OF_QUARTER),
        pow_drop_2m=ibis.ifelse(both.notnull(), ibis.greatest(fall, 0.0), ibis.null("float64")),
        pow_zero_run_days=off_from - days_before(row, row.last_read),
    )


def _change(row: ir.Table, now: str, before: str, enough: int) -> ir.FloatingValue:
    """The relative change of the daily mean between two windows; nothing where either has too few readings."""
    mean_now = row[now].cast("float64") / row[f"{now}_days"].nullif(0).cast("float64")
    mean_before = row[before].nullif(0).cast("float64") / row[f"{before}_days"].nullif(0).cast("float64")
    fit = (row[f"{now}_days"] >= enough) & (row[f"{before}_days"] >= enough)
    return ibis.ifelse(fit, mean_now / mean_before - 1, ibis.null("float64"))


EVIDENCE = {
    "pow_kwh_yoy": {"electricity": lambda rows: (rows.age < 3) | ((rows.age >= 12) & (rows.age < 15))},
    "pow_drop_2m": {"electricity": lambda rows: (rows.age < 2) | ((rows.age >= 12) & (rows.age < 14))},
    "pow_zero_run_days": {"electricity": lambda rows: rows.off | (rows.occurred_date == rows.last_on)},
}
