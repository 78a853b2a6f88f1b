"""Features of registration: age, paid-in capital, changes, the abnormal list (工商登记)."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from rongtong.features.definitions.timeline import age, count, dated, per_subject, ratio

_CHANGES = ("legal_rep", "shareholders", "address")
_STATUS = ("abnormal_listed", "abnormal_removed", "revoked")


def lines(subjects: ir.Table, registration: ir.Table) -> ir.Table:
    """Each subject's registration events; `capital_rank` 0 is the latest that states the capital."""
    rows = dated(subjects, registration)
    rows = rows.mutate(
        age=age(rows, rows.occurred_date), states_capital=(rows.registered_capital_fen > 0).fill_null(False)
    )
    latest = ibis.window(group_by=["ordinal", "states_capital"], order_by=[ibis.desc("occurred_date"), "row_id"])
    return rows.mutate(
        capital_rank=ibis.row_number().over(latest),
        changed=rows.change_type.isin(_CHANGES) & (rows.age < 12),
    )


def features(subjects: ir.Table, tables: dict[str, ir.Table]) -> ir.Table:
    """One row per subject with all features of registration."""
    rows = lines(subjects, tables["registration"])
    stated = rows.states_capital & (rows.capital_rank == 0)
    sums = rows.group_by("ordinal").agg(
        months=rows.age.max(where=rows.change_type == "established"),
        registered=rows.registered_capital_fen.max(where=stated),
        paid_in=rows.paid_in_fen.max(where=stated),
        changes=count(rows.changed),
        listed=count(rows.change_type == "abnormal_listed"),
        removed=count(rows.change_type == "abnormal_removed"),
        revoked=count(rows.change_type == "revoked"),
    )
    row = per_subject(subjects, sums)
    abnormal = ((row.listed > row.removed) | (row.revoked > 0)).cast("int64")
    return row.select(
        "ordinal",
        reg_age_months=row.months,
        reg_paid_in_ratio=ratio(row.paid_in, row.registered),
        reg_changes_12m=_told(row.changes, row.registration_covered),
        reg_abnormal=_told(abnormal, row.registration_covered),
    )


def _told(value: ir.Value, covered: ir.BooleanValue) -> ir.Value:
    """None is none only where the register was asked; a firm that it does not know has no value."""
    return ibis.ifelse(covered | (value > 0), value, ibis.null("int64"))


EVIDENCE = {
    "reg_age_months": {"registration": lambda rows: rows.change_type == "established"},
    "reg_paid_in_ratio": {"registration": lambda rows: rows.states_capital & (rows.capital_rank == 0)},
    "reg_changes_12m": {"registration": lambda rows: rows.changed},
    "reg_abnormal": {"registration": lambda rows: rows.change_type.isin(_STATUS)},
}
