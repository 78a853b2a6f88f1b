"""Features that hold one source against another: declared against invoiced sales, money received against invoices."""

from __future__ import annotations

import ibis.expr.types as ir

from rongtong.features.definitions import bank_flows, invoices, tax
from rongtong.features.definitions.timeline import per_subject, ratio, total


def features(subjects: ir.Table, tables: dict[str, ir.Table]) -> ir.Table:
    """One row per subject; nothing where either source is missing."""
    sales = invoices.lines(subjects, tables["invoices"])
    sales = sales.filter(sales.sale & sales.counted)
    declared = tax.lines(subjects, tables["tax"])
    declared = declared.filter(declared.filed_in_year)
    months = declared.group_by("ordinal", "period").agg(declared=declared.declared_sales_fen.sum().cast("int64"))
    by_month = sales.group_by("ordinal", period=sales.calendar_month).agg(invoiced=sales.net_fen.sum().cast("int64"))
    matched = months.left_join(by_month, ["ordinal", "period"], rname="{name}_of_invoices")
    filed = matched.group_by("ordinal").agg(
        declared=matched.declared.sum().cast("int64"), invoiced=matched.invoiced.coalesce(0).sum().cast("int64")
    )
    billed = sales.group_by("ordinal").agg(billed=total(sales.gross_fen, sales.month < 12))
    entries = bank_flows.lines(subjects, tables["bank_flows"])
    received = entries.group_by("ordinal").agg(received=total(entries.amount_fen, entries.income))
    row = per_subject(subjects, filed, billed, received)
    return row.select(
        "ordinal",
        tax_sales_gap=ratio((row.declared - row.invoiced).abs(), row.invoiced),
        bnk_in_invoice_ratio=ratio(row.received, row.billed),
    )


EVIDENCE = {
    "tax_sales_gap": {
        "tax": lambda rows: rows.filed_in_year,
        "invoices": lambda rows: rows.sale & rows.counted & (rows.calendar_month <= 12),
    },
    "bnk_in_invoice_ratio": {
        "bank_flows": lambda rows: rows.income,
        "invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12),
    },
}
