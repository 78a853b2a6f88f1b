"""Features of bank flows: money in, balances, hours (银行流水). Transfers between a firm's own accounts are no income.

The last entry of a day, by time and then by reference, leaves its closing balance; it stands until the day before the
next entry, or until the as-of date.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from rongtong.features.definitions.timeline import age, dated, days_before, per_subject, ratio, total

_YEAR, _QUARTER = 365, 90


def lines(subjects: ir.Table, bank_flows: ir.Table) -> ir.Table:
    """Each subject's entries with their rolling month, and `back`, the days before the as-of date."""
    rows = dated(subjects, bank_flows)
    own = (rows.counterparty_name == rows.own_name).fill_null(False) | (
        rows.counterparty_id == rows.own_code
    ).fill_null(False)
    rows = rows.mutate(
        age=age(rows, rows.occurred_date),
        back=days_before(rows, rows.occurred_date),
        own=own,
        timed=rows.booked_time.notnull(),
        night=((rows.booked_time >= rows.night_from) | (rows.booked_time < rows.night_to)).fill_null(False),
        order=rows.booked_time.coalesce("") + " " + rows.entry_ref,
    )
    return rows.mutate(income=(rows.amount_fen > 0) & ~rows.own & (rows.age < 12))


def closing_days(rows: ir.Table) -> ir.Table:
    """One row per day with entries: its closing balance, and for how many days of the last year and quarter it stood."""
    days = rows.group_by("ordinal", "back").agg(balance_fen=rows.balance_fen.argmax(rows.order))
    return _held(days, ibis.window(group_by="ordinal", order_by=ibis.desc("back")))


def traced(subjects: ir.Table, bank_flows: ir.Table) -> ir.Table:
    """The lines with what `EVIDENCE` asks for beside: which entry closes its day, and for how long its balance stood."""
    rows = lines(subjects, bank_flows)
    by_day = ibis.window(group_by=["ordinal", "back"], order_by=ibis.desc("order"))
    rows = rows.mutate(closing=ibis.row_number().over(by_day) == 0)
    rows = _held(rows, ibis.window(group_by=["ordinal", "closing"], order_by=ibis.desc("back")))
    return rows.mutate(
        held=ibis.ifelse(rows.closing, rows.held, 0), held_quarter=ibis.ifelse(rows.closing, rows.held_quarter, 0)
    )


def _held(days: ir.Table, in_order: object) -> ir.Table:
    until = days.back.lead().over(in_order).coalesce(-1)
    return days.mutate(
        held=ibis.greatest(ibis.least(days.back, _YEAR - 1) - until, 0).cast("int64"),
        held_quarter=ibis.greatest(ibis.least(days.back, _QUARTER - 1) - until, 0).cast("int64"),
    )


def features(subjects: ir.Table, tables: dict[str, ir.Table]) -> ir.Table:
    """One row per subject with all features of bank flows but `bnk_in_invoice_ratio`, which needs invoices too."""
    rows = lines(subjects, tables["bank_flows"])
    timed = rows.timed & (rows.age < 12)
    sums = rows.group_by("ordinal").agg(
        inflow=total(rows.amount_fen, rows.income),
        line=rows.low_balance_share.max(),
        night=total(rows.amount_fen.abs(), timed & rows.night),
        timed=total(rows.amount_fen.abs(), timed),
    )
    days = closing_days(rows).left_join(sums, "ordinal", rname="{name}_of_sums")
    balances = days.group_by("ordinal").agg(
        held_fen=(days.balance_fen * days.held).sum().cast("int64"),
        held_days=days.held.sum().cast("int64"),
        low_days=total(days.held_quarter, days.balance_fen.cast("float64") < days.line * days.inflow.cast("float64")),
    )
    row = per_subject(subjects, sums, balances)
    return row.select(
        "ordinal",
        bnk_inflow_12m_fen=row.inflow,
        bnk_avg_balance_fen=ratio(row.held_fen, row.held_days),
        bnk_low_balance_days=row.low_days,
        bnk_night_share=ratio(row.night, row.timed),
    )


EVIDENCE = {
    "bnk_inflow_12m_fen": {"bank_flows": lambda rows: rows.income},
    "bnk_avg_balance_fen": {"bank_flows": lambda rows: rows.held > 0},
    "bnk_low_balance_days": {"bank_flows": lambda rows: rows.income | (rows.held_quarter > 0)},
    "bnk_night_share": {"bank_flows": lambda rows: rows.timed & (rows.age < 12)},
}
