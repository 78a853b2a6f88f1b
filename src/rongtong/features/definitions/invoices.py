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
    return _shape(per_subject(subjects, _sums(rows), counterparties.shares(rows)))


def _sums(rows: ir.Table) -> ir.Table:
    sale, year = rows.sale, rows.age < 12
    sold, bought = rows.sale & rows.counted, ~rows.sale & rows.counted
    months = {f"m{k}": total(rows.net_fen, sold & (rows.month == k)) for k in range(24)}
    return rows.group_by("ordinal").agg(
        **months,
        observed=(rows.age.max() + 1).cast("int64"),
        purchases=total(rows.net_fen, bought & (rows.month < 12)),
        purchases_24m=total(rows.net_fen, bought & (rows.month < 24)),
        blue_fen=total(rows.net_fen, sale & rows.blue & year),
        blue_count=count(sale & rows.blue & year),
        red_fen=total(-rows.net_fen, sale & rows.red & year),
        red_count=count(sale & rows.red & year),
        void_count=count(sale & rows.void & year),
        all_count=count(sale & year),
        voidable_count=count(sale & ~rows.digital & year),
        voided_count=count(sale & ~rows.digital & rows.void & year),
        last_sale=rows.occurred_date.max(where=sale & rows.blue),
    )


def _shape(row: ir.Table) -> ir.Table:
    row = _with_totals(row)
    nothing = ibis.null("float64")
    return row.select(
        "ordinal",
        *counterparties.NAMES,
        inv_sales_12m_fen=row.current,
        inv_sales_growth_12m=ibis.ifelse(row.observed >= 24, ratio(row.current, row.prior) - 1, nothing),
        inv_sales_cv_12m=ibis.ifelse((row.observed >= 6) & (row.mean > 0), row.deviation / row.mean, nothing),
        inv_zero_months_12m=row.zeros.replace("0", "").length(),
        inv_max_zero_run_12m=_longest_run(row.zeros),
        inv_last3_over_prior3=ibis.ifelse(row.observed >= 6, ratio(row.quarter, row.quarter_before) - 1, nothing),
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


def _with_totals(row: ir.Table) -> ir.Table:
    """Sums over windows, and the months without sales as a word of twelve letters: 1 for none, latest month first."""
    months = [row[f"m{k}"] for k in range(24)]
    word = _plus([ibis.ifelse((m <= 0) & (row.observed > k), "1", "0") for k, m in enumerate(months[:12])])
    row = row.mutate(
        current=_plus(months[:12]),
        prior=_plus(months[12:]),
        quarter=_plus(months[:3]),
        quarter_before=_plus(months[3:6]),
        zeros=ibis.ifelse(row.observed.notnull(), word, ibis.null("string")),
    )
    seen = ibis.least(row.observed, 12).cast("float64")
    row = row.mutate(seen=seen, mean=row.current.cast("float64") / seen)
    squares = _plus([(row[f"m{k}"].cast("float64") - row.mean).pow(2) for k in range(12)])
    # months before the first invoice hold nothing, and are not part of the spread
    spread = squares - (12 - row.seen) * row.mean.pow(2)
    return row.mutate(deviation=(ibis.greatest(spread, 0.0) / row.seen).sqrt())


def _plus(values: list[ir.Value]) -> ir.Value:
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result


def _longest_run(word: ir.StringValue) -> ir.IntegerValue:
    """The longest run of ones: a word with a run of five also holds runs of one to four, so counting lengths suffices."""
    return _plus([word.contains("1" * length).cast("int64") for length in range(1, 13)])


EVIDENCE = {
    "inv_sales_12m_fen": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_sales_growth_12m": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 24)},
    "inv_sales_cv_12m": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_zero_months_12m": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_max_zero_run_12m": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_last3_over_prior3": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 6)},
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
