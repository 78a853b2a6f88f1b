"""Features of bank flows: money in, balances, hours (银行流水). Transfers between a firm's own accounts are no income."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from rongtong.features.definitions.timeline import age, dated, days_before, per_subject, ratio, total

_YEAR, _QUARTER = 365, 90


def lines(subjects: ir.Table, bank_flows: ir.Table) -> ir.Table:
    """Each subject's entries; `closing` marks the last of a day, `held` the days of the last year that its balance stood."""
    rows = dated(subjects, bank_flows)
    own = (rows.counterparty_name == rows.own_name).fill_null(False) | (
        rows.counterparty_id == rows.own_code
    ).fill_null(False)
    by_day = ibis.window(
        group_by=["ordinal", "occurred_date"],
        order_by=[ibis.desc(rows.booked_time.coalesce("")), ibis.desc("entry_ref")],
    )
    rows = rows.mutate(
        age=age(rows, rows.occurred_date),
        back=days_before(rows, rows.occurred_date),
        own=own,
        timed=rows.booked_time.notnull(),
        night=((rows.booked_time >= rows.night_from) | (rows.booked_time < rows.night_to)).fill_null(False),
        rank=ibis.row_number().over(by_day),
    )
    # a day's closing balance stands until the day before the next entry, or until the as-of date
    by_subject = ibis.window(group_by=["ordinal", "closing"], order_by=[ibis.desc("back")])
    rows = rows.mutate(closing=rows["rank"] == 0)
    until = rows.back.lead().over(by_subject).coalesce(-1)
    return rows.mutate(
        held=ibis.ifelse(rows.closing, _days(rows.back, until, _YEAR), 0),
        held_quarter=ibis.ifelse(rows.closing, _days(rows.back, until, _QUARTER), 0),
        income=(rows.amount_fen > 0) & ~rows.own & (rows.age < 12),
    )


def _days(back: ir.Value, until: ir.Value, window: int) -> ir.IntegerValue:
    return ibis.greatest(ibis.least(back, window - 1) - until, 0).cast("int64")


def features(subjects: ir.Table, tables: dict[str, ir.Table]) -> ir.Table:
    """One row per subject with all features of bank flows but `bnk_in_invoice_ratio`, which needs invoices too."""
    rows = lines(subjects, tables["bank_flows"])
    timed = rows.timed & (rows.age < 12)
    income = ibis.ifelse(rows.income, rows.amount_fen, 0).sum().over(ibis.window(group_by="ordinal"))
    rows = rows.mutate(low=rows.balance_fen.cast("float64") < rows.low_balance_share * income.cast("float64"))
    sums = rows.group_by("ordinal").agg(
        inflow=total(rows.amount_fen, rows.income),
        held_fen=(rows.balance_fen * rows.held).sum().cast("int64"),
        held_days=rows.held.sum().cast("int64"),
        low_days=total(rows.held_quarter, rows.low),
        night=total(rows.amount_fen.abs(), timed & rows.night),
        timed=total(rows.amount_fen.abs(), timed),
    )
    row = per_subject(subjects, sums)
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
