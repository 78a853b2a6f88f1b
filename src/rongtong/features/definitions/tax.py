"""Features of tax: grade, payments, declarations (纳税).

Seen from the as-of date, a declaration filed later is not filed, and a payment made later is not made.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from rongtong.features.definitions.timeline import age, calendar_age, count, dated, per_subject, ratio, total

_POINTS = {"A": 4, "B": 3, "M": 2, "C": 1, "D": 0}


def lines(subjects: ir.Table, tax: ir.Table) -> ir.Table:
    """Each subject's tax rows as known on its date: `period` counts calendar months back, `due_age` and `paid_age` rolling ones."""
    rows = dated(subjects, tax)
    filed = (rows.filed_date <= rows.as_of).fill_null(False)
    paid = (rows.paid_date <= rows.as_of).fill_null(False)
    overdue = (rows.due_date < rows.as_of) & ~filed
    rows = rows.mutate(
        filed=filed,
        paid=paid,
        late=overdue | (filed & (rows.filed_date > rows.due_date)),
        vat=rows.tax_type == "vat",
        graded=rows.tax_type == "grade",
        period=calendar_age(rows, rows.period_month),
        due_age=age(rows, rows.due_date),
        paid_age=age(rows, rows.paid_date),
    )
    return rows.mutate(
        paid_in_year=rows.paid & (rows.paid_age < 12) & ~rows.graded,
        due_in_year=(rows.due_age >= 0) & (rows.due_age < 12) & ~rows.graded,
        filed_in_year=rows.vat & rows.filed & (rows.period <= 12),
        # the fee of a payment still to come is not known; that of an unpaid tax runs from its due date
        fee_in_year=ibis.ifelse(
            rows.paid_date.notnull(), rows.paid & (rows.paid_age < 12), (rows.due_age >= 0) & (rows.due_age < 12)
        )
        & ~rows.graded,
        grade_rank=ibis.row_number().over(
            ibis.window(
                group_by=["ordinal", "graded"],
                order_by=[ibis.desc("occurred_date"), ibis.desc("period_month"), "row_id"],
            )
        ),
    )


def features(subjects: ir.Table, tables: dict[str, ir.Table]) -> ir.Table:
    """One row per subject with all features of tax but `tax_sales_gap`, which needs invoices too."""
    rows = lines(subjects, tables["tax"])
    points = rows.grade.cases(*_POINTS.items(), else_=None)
    paid = ibis.ifelse(rows.paid, rows.tax_paid_fen, 0)
    sums = rows.group_by("ordinal").agg(
        tax_grade_points=points.max(where=rows.graded & (rows.grade_rank == 0)),
        declared=count(~rows.graded),
        paid_12m=total(rows.tax_paid_fen, rows.paid_in_year),
        vat_paid=total(paid, rows.filed_in_year),
        vat_sales=total(rows.declared_sales_fen, rows.filed_in_year),
        late=count(rows.late & rows.due_in_year),
        fees=total(rows.late_fee_fen, rows.fee_in_year),
        zero=count(rows.filed_in_year & (rows.declared_sales_fen == 0)),
    )
    row = per_subject(subjects, sums)

    def known(value: ir.Value) -> ir.Value:  # a grade alone says nothing of declarations
        return ibis.ifelse(row.declared > 0, value, ibis.null("int64"))

    return row.select(
        "ordinal",
        "tax_grade_points",
        tax_paid_12m_fen=known(row.paid_12m),
        tax_vat_burden=ratio(row.vat_paid, row.vat_sales),
        tax_late_filings_12m=known(row.late),
        tax_late_fee_12m_fen=known(row.fees),
        tax_zero_filings_12m=known(row.zero),
    )


EVIDENCE = {
    "tax_grade_points": {"tax": lambda rows: rows.graded & (rows.grade_rank == 0)},
    "tax_paid_12m_fen": {"tax": lambda rows: rows.paid_in_year},
    "tax_vat_burden": {"tax": lambda rows: rows.filed_in_year},
    "tax_late_filings_12m": {"tax": lambda rows: rows.late & rows.due_in_year},
    "tax_late_fee_12m_fen": {"tax": lambda rows: rows.fee_in_year & (rows.late_fee_fen != 0)},
    "tax_zero_filings_12m": {"tax": lambda rows: rows.filed_in_year & (rows.declared_sales_fen == 0)},
}
