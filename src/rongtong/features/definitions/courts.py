"""Features of courts: cases as defendant, enforcement, the list of dishonest debtors (司法). No case is zero where the source was read."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from rongtong.features.definitions.timeline import age, count, dated, events, per_subject

_ENFORCED = ("enforcement", "terminated", "dishonest", "consumption_limit")
"""Stages of a debt under enforcement; 终本 (terminated) ends the procedure, not the debt."""


def lines(subjects: ir.Table, courts: ir.Table) -> ir.Table:
    """Each subject's court events as defendant; `open` ones are not followed by the closing of their case."""
    rows = dated(subjects, courts.filter(courts.role == "defendant"))
    case = ibis.window(group_by=["ordinal", "case_no"])
    closed = rows.occurred_date.max(where=rows.stage == "closed").over(case)
    rows = rows.mutate(age=age(rows, rows.occurred_date), closed=closed)
    return rows.mutate(open=rows.closed.isnull() | (rows.occurred_date > rows.closed))


def features(subjects: ir.Table, tables: dict[str, ir.Table]) -> ir.Table:
    """One row per subject with all features of courts; nothing where the source was not read for the firm."""
    rows = lines(subjects, tables["courts"])
    cases = rows.group_by("ordinal", "case_no").agg(
        recent=count(rows.age < 24),
        enforced=rows.amount_fen.max(where=rows.open & rows.stage.isin(_ENFORCED)).coalesce(0),
        dishonest=count(rows.open & (rows.stage == "dishonest")),
    )
    sums = cases.group_by("ordinal").agg(
        cases=count(cases.recent > 0),
        enforced_fen=cases.enforced.sum().cast("int64"),
        listed=count(cases.dishonest > 0),
    )
    row = per_subject(subjects, sums)

    def known(value: ir.Value) -> ir.Value:
        return events(value, row.courts_covered)

    return row.select(
        "ordinal",
        crt_defendant_count_24m=known(row.cases),
        crt_enforced_amount_fen=known(row.enforced_fen),
        crt_dishonest=known((row.listed > 0).cast("int64")),
    )


EVIDENCE = {
    "crt_defendant_count_24m": {"courts": lambda rows: rows.age < 24},
    "crt_enforced_amount_fen": {"courts": lambda rows: rows.open & rows.stage.isin(_ENFORCED)},
    "crt_dishonest": {"courts": lambda rows: rows.open & (rows.stage == "dishonest")},
}
