"""Time in features: rolling months counted back from the as-of date, and the join that lets no later record through.

Month 0 is the month that ends on the as-of date, month 11 the twelfth back. As of 1 March, month 0 runs from 2 February to 1 March;
as of the last day of a month, rolling months are calendar months. So a window is always whole, whatever the day.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def anchored(subjects: ir.Table) -> ir.Table:
    """The subjects with the as-of month as an integer and the day that ends a rolling month (31 on the last day of a month)."""
    last_day = (subjects.as_of + ibis.interval(days=1)).day() == 1
    return subjects.mutate(
        as_of_month=month_number(subjects.as_of),
        anchor_day=ibis.ifelse(last_day, 31, subjects.as_of.day()).cast("int64"),
    )


def month_number(day: ir.Value) -> ir.IntegerValue:
    """Months since year 0, as an integer that windows can range over."""
    return (day.year().cast("int64") * 12 + day.month().cast("int64")).cast("int64")


def dated(subjects: ir.Table, rows: ir.Table) -> ir.Table:
    """Each subject with its rows that occurred on or before the as-of date: the one door of records into features."""
    left = anchored(subjects)
    joined = left.join(
        rows,
        [left.enterprise_id == rows.enterprise_id, rows.occurred_date <= left.as_of],
        rname="{name}_of_row",
    )
    return joined.drop("enterprise_id_of_row")


def age(rows: ir.Table, day: ir.Value) -> ir.IntegerValue:
    """How many whole rolling months `day` lies before the as-of date: 0 for the latest month."""
    started = (day.day().cast("int64") > rows.anchor_day).cast("int64")
    return rows.as_of_month - month_number(day) - started


def calendar_age(rows: ir.Table, day: ir.Value) -> ir.IntegerValue:
    """How many calendar months `day` lies before the as-of date: 0 for its own month."""
    return rows.as_of_month - month_number(day)


def days_before(rows: ir.Table, day: ir.Value) -> ir.IntegerValue:
    """Days from `day` to the as-of date."""
    return rows.as_of.delta(day, unit="day").cast("int64")


def total(value: ir.Value, where: ir.BooleanValue) -> ir.IntegerScalar:
    """The exact integer sum over the rows where a condition holds; 0 if none."""
    return value.sum(where=where).coalesce(0).cast("int64")


def count(where: ir.BooleanValue) -> ir.IntegerScalar:
    """How many rows a condition holds for; 0 if none."""
    return where.cast("int64").sum().coalesce(0).cast("int64")


def ratio(numerator: ir.Value, denominator: ir.Value) -> ir.FloatingValue:
    """A quotient, and nothing where the denominator is not positive."""
    safe = ibis.ifelse(denominator > 0, denominator, ibis.null("int64")).cast("float64")
    return numerator.cast("float64") / safe


def events(value: ir.Value, covered: ir.BooleanValue) -> ir.Value:
    """A figure of events: none is zero only where the source was asked; what it told before it fell silent stays known."""
    return ibis.ifelse(covered, value.coalesce(0), ibis.ifelse(value > 0, value, ibis.null("int64")))


def per_subject(subjects: ir.Table, *parts: ir.Table) -> ir.Table:
    """One row per subject, with the columns of each part (keyed by ordinal); nothing where a part has no row."""
    result = subjects.select("ordinal", "as_of", "courts_covered", "news_covered", "registration_covered")
    for part in parts:
        result = result.left_join(part, "ordinal", rname="{name}_of_part").drop("ordinal_of_part")
    return result
