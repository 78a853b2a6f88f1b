"""Features of social insurance: insured staff and arrears (社保)."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from rongtong.features.definitions.timeline import age, count, dated, month_number, per_subject, ratio


def lines(subjects: ir.Table, social_insurance: ir.Table) -> ir.Table:
    """Each subject's months: `back` counts months from the latest one known; in arrears means late, short or unpaid."""
    rows = dated(subjects, social_insurance)
    latest = month_number(rows.period_month).max().over(ibis.window(group_by="ordinal"))
    in_time = ((rows.paid_date <= rows.due_date) & (rows.paid_date <= rows.as_of)).fill_null(False)
    due_age = age(rows, rows.due_date)
    return rows.mutate(
        back=latest - month_number(rows.period_month),
        in_arrears=(rows.due_date < rows.as_of)
        & (due_age < 12)
        & (rows.due_fen > 0)
        & ~(in_time & (rows.paid_fen >= rows.due_fen)),
    )


def features(subjects: ir.Table, tables: dict[str, ir.Table]) -> ir.Table:
    """One row per subject with all features of social insurance."""
    rows = lines(subjects, tables["social_insurance"])
    sums = rows.group_by("ordinal").agg(
        staff=rows.insured_headcount.max(where=rows.back == 0),
        staff_before=rows.insured_headcount.max(where=rows.back == 3),
        arrears=count(rows.in_arrears),
    )
    row = per_subject(subjects, sums)
    return row.select(
        "ordinal",
        soc_headcount=row.staff,
        soc_headcount_change_3m=ratio(row.staff, row.staff_before) - 1,
        soc_arrears_months_12m=row.arrears,
    )


EVIDENCE = {
    "soc_headcount": {"social_insurance": lambda rows: rows.back == 0},
    "soc_headcount_change_3m": {"social_insurance": lambda rows: (rows.back == 0) | (rows.back == 3)},
    "soc_arrears_months_12m": {"social_insurance": lambda rows: rows.in_arrears},
}
