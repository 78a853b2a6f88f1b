"""Calendar months of a portrait's charts, and how much of each source stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir

from rongtong.features.definitions import bank_flows, electricity, invoices, social_insurance, tax
from rongtong.features.definitions.timeline import calendar_age, count, dated, total

MONTHS = 24
"""How many calendar months a chart shows, that of the as-of date included."""

FLOWS = ("sales_fen", "purchases_fen", "void_count", "red_count", "inflow_fen", "outflow_fen")
"""Series that are zero in a month without records, from the first month seen on."""
LEVELS = ("declared_sales_fen", "headcount", "energy_kwh", "balance_fen")
"""Series that are unknown in a month without records."""


def usage(subjects: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    """One row per subject and item with records: how many, the last date, whether any is generated."""
    return ibis.union(*(_usage(subjects, item, rows) for item, rows in tables.items()))


def _usage(subjects: ir.Table, item: str, rows: ir.Table) -> ir.Table:
    used = dated(subjects, rows.select("enterprise_id", "occurred_date", "generated"))
    return used.group_by("ordinal").agg(
        item=ibis.literal(item),
        row_count=used.count().cast("int64"),
        last_date=used.occurred_date.max(),
        generated=used.generated.any(),
    )


def _invoices(subjects: ir.Table, table: ir.Table) -> ir.Table:
    rows = invoices.lines(subjects, table)
    rows = rows.mutate(back=calendar_age(rows, rows.occurred_date))
    amounts = rows.group_by("ordinal", back=rows.calendar_month).agg(
        sales_fen=total(rows.net_fen, rows.sale & rows.counted),
        purchases_fen=total(rows.net_fen, ~rows.sale & rows.counted),
    )
    counts = rows.group_by("ordinal", "back").agg(
        void_count=count(rows.sale & rows.void), red_count=count(rows.sale & rows.red)
    )
    joined = amounts.outer_join(counts, ["ordinal", "back"], rname="{name}_of_counts")
    return joined.select(
        ordinal=joined.ordinal.coalesce(joined.ordinal_of_counts),
        back=joined.back.coalesce(joined.back_of_counts),
        sales_fen=joined.sales_fen,
        purchases_fen=joined.purchases_fen,
        void_count=joined.void_count,
        red_count=joined.red_count,
    )


def _tax(subjects: ir.Table, table: ir.Table) -> ir.Table:
    rows = tax.lines(subjects, table)
    rows = rows.filter(rows.vat & rows.filed)
    return rows.group_by("ordinal", back=rows.period).agg(
        declared_sales_fen=rows.declared_sales_fen.sum().cast("int64")
    )


def _social_insurance(subjects: ir.Table, table: ir.Table) -> ir.Table:
    rows = social_insurance.lines(subjects, table)
    return rows.group_by("ordinal", back=calendar_age(rows, rows.period_month)).agg(
        headcount=rows.insured_headcount.max()
    )


def _electricity(subjects: ir.Table, table: ir.Table) -> ir.Table:
    rows = electricity.lines(subjects, table)
    back = calendar_age(rows, rows.occurred_date)
    return rows.group_by("ordinal", back=back).agg(
        energy_kwh=(rows.energy_wh.sum().cast("int64") // 1000).cast("int64")
    )


def _bank_flows(subjects: ir.Table, table: ir.Table) -> ir.Table:
    rows = bank_flows.lines(subjects, table)
    rows = rows.mutate(month=calendar_age(rows, rows.occurred_date))
    return rows.group_by("ordinal", back=rows.month).agg(
        inflow_fen=total(rows.amount_fen, (rows.amount_fen > 0) & ~rows.own),
        outflow_fen=total(-rows.amount_fen, (rows.amount_fen < 0) & ~rows.own),
        balance_fen=rows.balance_fen.argmax(rows.occurred_date.cast("string") + " " + rows.order),
    )


SERIES: Mapping[str, Callable[[ir.Table, ir.Table], ir.Table]] = {
    "invoices": _invoices,
    "tax": _tax,
    "social_insurance": _social_insurance,
    "electricity": _electricity,
    "bank_flows": _bank_flows,
}
"""Item -> its series in long form: ordinal, months back, one column per series."""
