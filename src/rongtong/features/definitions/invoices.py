"""Features of invoices: sales by month, their quality, and purchases (发票).

A void invoice (作废) counts nowhere but in the void rates. A red invoice (红字) takes its amount off the month of the blue invoice
that it cancels, where it names one, else off its own. An invoice of the fully digital kind (数电, 20 digits) cannot be void,
so the void rate is taken over the others and has no value once a firm issues digital ones only; `inv_void_red_rate` goes on.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from rongtong.features.definitions import counterparties
from rongtong.features.definitions.timeline import (
    age,
    calendar_age,
    count,
    dated,
    days_before,
    per_subject,
    ratio,
    total,
)


def lines(subjects: ir.Table, invoices: ir.Table) -> ir.Table:
    """Each subject's invoices as of its date: `age` is the rolling month of issue, `month` and
    `calendar_month` the months back that its amount belongs to."""
    reds = invoices.filter(invoices.blue_invoice_key.notnull())
    wanted = reds.select("enterprise_id", "direction", invoice_key=reds.blue_invoice_key).distinct()
    blues = invoices.semi_join(wanted, ["enterprise_id", "direction", "invoice_key"])
    blue_dates = blues.group_by("enterprise_id", "direction", blue_invoice_key=blues.invoice_key).agg(
        blue_date=blues.occurred_date.min()
    )
    linked = invoices.left_join(blue_dates, ["enterprise_id", "direction", "blue_invoice_key"], rname="{name}_of_blue")
    rows = dated(subjects, linked.drop("enterprise_id_of_blue", "direction_of_blue", "blue_invoice_key_of_blue"))
    belongs = ibis.least(rows.occurred_date, rows.blue_date.coalesce(rows.occurred_date))
    void = rows.status == "void"
    red = (rows.status == "red") | ((rows.status == "valid") & (rows.net_fen < 0))
    return rows.mutate(
        age=age(rows, rows.occurred_date),
        month=age(rows, belongs),
        calendar_month=calendar_age(rows, belongs),
        sale=rows.direction == "sale",
        void=void,
        red=red,
        counted=~void,
        blue=~void & ~red,
        digital=rows.invoice_no.length() == 20,
    )


def traced(subjects: ir.Table, invoices: ir.Table) -> ir.Table:
    """The lines with what `EVIDENCE` asks for beside: how long a firm is seen, and its last sale."""
    rows, subject = lines(subjects, invoices), ibis.window(group_by="ordinal")
    return rows.mutate(
        observed=(rows.age.max() + 1).over(subject),
        last_sale=rows.occurred_date.max(where=rows.sale & rows.blue).over(subject),
    )


def features(subjects: ir.Table, tables: dict[str, ir.Table]) -> ir.Table:
    """One row per subject with all features of invoices."""
    rows = lines(subjects, tables["invoices"])
    months = _by_month(rows)
    return _shape(per_subject(subjects, _quality(rows), _windows(months), _gaps(months), counterparties.shares(rows)))


def _quality(rows: ir.Table) -> ir.Table:
    """What is counted by the month of issue."""
    sale, year = rows.sale, rows.sale & (rows.age < 12)
    return rows.group_by("ordinal").agg(
        observed=(rows.age.max() + 1).cast("int64"),
        last_sale=rows.occurred_date.max(where=sale & rows.blue),
        blue_fen=total(rows.net_fen, year & rows.blue),
        blue_count=count(year & rows.blue),
        red_fen=total(-rows.net_fen, year & rows.red),
        red_count=count(year & rows.red),
        void_count=count(year & rows.void),
        all_count=count(year),
        voidable_count=count(year & ~rows.digital),
        voided_count=count(year & ~rows.digital & rows.void),
    )


def _by_month(rows: ir.Table) -> ir.Table:
    """Net sales and purchases of each month."""
    return rows.group_by("ordinal", "month").agg(
        sold=total(rows.net_fen, rows.sale & rows.counted), bought=total(rows.net_fen, ~rows.sale & rows.counted)
    )


def _windows(months: ir.Table) -> ir.Table:
    month, year = months.month, months.month < 12
    # as decimals, squares and their sums are exact, whatever the order of months
    sold = months.sold.cast("decimal(19,0)")
    return months.group_by("ordinal").agg(
        current=total(months.sold, year),
        prior=total(months.sold, (month >= 12) & (month < 24)),
        quarter=total(months.sold, month < 3),
        quarter_before=total(months.sold, (month >= 3) & (month < 6)),
        quarter_last_year=total(months.sold, (month >= 12) & (month < 15)),
        squares=(sold * sold).sum(where=year).coalesce(0),
        with_sales=count(year & (months.sold > 0)),
        purchases=total(months.bought, year),
        purchases_24m=total(months.bought, month < 24),
    )


def _gaps(months: ir.Table) -> ir.Table:
    """The longest gap before a month with sales, counted from the as-of date, and the earliest such month."""
    selling = months.filter((months.month < 12) & (months.sold > 0))
    by_subject = ibis.window(group_by="ordinal", order_by="month")
    gaps = selling.mutate(gap=selling.month - selling.month.lag().over(by_subject).coalesce(-1) - 1)
    return gaps.group_by("ordinal").agg(longest_gap=gaps.gap.max(), earliest=gaps.month.max())


def _shape(row: ir.Table) -> ir.Table:
    quarters = ("quarter", "quarter_before", "quarter_last_year")
    amounts = ("current", "prior", *quarters, "with_sales", "purchases", "purchases_24m")
    known = row.observed.notnull()
    row = row.mutate(
        **{name: ibis.ifelse(known, row[name].coalesce(0), ibis.null("int64")) for name in amounts},
        seen=ibis.ifelse(known, ibis.least(row.observed, 12), ibis.null("int64")),
    )
    nothing = ibis.null("float64")
    exact = row.current.cast("decimal(19,0)")
    # n² times the variance is n Σx² − (Σx)²; months since the first invoice without sales count with zero
    spread = (row.squares * row.seen.cast("decimal(19,0)") - exact * exact).cast("float64")
    return row.select(
        "ordinal",
        *counterparties.NAMES,
        inv_sales_12m_fen=row.current,
        inv_sales_growth_12m=ibis.ifelse(row.observed >= 24, ratio(row.current, row.prior) - 1, nothing),
        inv_sales_cv_12m=ibis.ifelse(
            (row.observed >= 6) & (row.current > 0), ratio(spread.sqrt(), row.current), nothing
        ),
        inv_zero_months_12m=row.seen - row.with_sales,
        inv_max_zero_run_12m=ibis.ifelse(
            known, ibis.greatest(row.longest_gap.coalesce(0), row.seen - 1 - row.earliest.coalesce(-1)), nothing
        ),
        inv_last3_over_prior3=ibis.ifelse(row.observed >= 6, ratio(row.quarter, row.quarter_before) - 1, nothing),
        inv_last3_yoy=ibis.ifelse(row.observed >= 15, ratio(row.quarter, row.quarter_last_year) - 1, nothing),
        inv_months_observed=row.observed,
        inv_void_rate=ratio(row.voided_count, row.voidable_count),
        inv_red_rate=ratio(row.red_fen, row.blue_fen),
        inv_void_red_rate=ratio(row.void_count + row.red_count, row.all_count),
        inv_avg_ticket_fen=ratio(row.blue_fen, row.blue_count),
        inv_days_since_last_sale=days_before(row, row.last_sale),
        inv_purchases_12m_fen=row.purchases,
        inv_input_output_ratio=ratio(row.purchases, row.current),
        inv_margin_proxy=1 - ratio(row.purchases_24m, row.current + row.prior),
    )


EVIDENCE = {
    "inv_sales_12m_fen": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_sales_growth_12m": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 24)},
    "inv_sales_cv_12m": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_zero_months_12m": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_max_zero_run_12m": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_last3_over_prior3": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 6)},
    "inv_last3_yoy": {
        "invoices": lambda rows: (
            rows.sale & rows.counted & ((rows.month < 3) | ((rows.month >= 12) & (rows.month < 15)))
        )
    },
    "inv_months_observed": {"invoices": lambda rows: rows.age + 1 == rows.observed},
    "inv_void_rate": {"invoices": lambda rows: rows.sale & ~rows.digital & (rows.age < 12)},
    "inv_red_rate": {"invoices": lambda rows: rows.sale & rows.counted & (rows.age < 12)},
    "inv_void_red_rate": {"invoices": lambda rows: rows.sale & (rows.age < 12)},
    "inv_avg_ticket_fen": {"invoices": lambda rows: rows.sale & rows.blue & (rows.age < 12)},
    "inv_days_since_last_sale": {
        "invoices": lambda rows: rows.sale & rows.blue & (rows.occurred_date == rows.last_sale)
    },
    "inv_purchases_12m_fen": {"invoices": lambda rows: ~rows.sale & rows.counted & (rows.month < 12)},
    "inv_input_output_ratio": {"invoices": lambda rows: rows.counted & (rows.month < 12)},
    "inv_margin_proxy": {"invoices": lambda rows: rows.counted & (rows.month < 24)},
    **counterparties.EVIDENCE,
}
