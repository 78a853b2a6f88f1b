"""Put money towards the rows to come: interest to the day, then principal, and the schedule drawn up anew."""

from __future__ import annotations

from datetime import date

from rongtong.servicing import models
from rongtong.servicing.contracts import Component, PrepaymentMode
from rongtong.servicing.queries.histories import day_count_base
from rongtong.servicing.rules.allocation import Due
from rongtong.servicing.rules.history import History, Row
from rongtong.servicing.rules.prepayment import prepayment_interest, reschedule, split_point


def prepay(
    loan: models.Loan, history: History, day: date, minor: int, mode: PrepaymentMode
) -> tuple[list[models.Instalment], list[Due], int]:
    """The new rows, what of the money goes where, and what is left over.

    Nothing is done where the money does not cover the interest to the day, or where a row to come was paid on already.
    """
    _done, coming = split_point(history.rows, day)
    interest = prepayment_interest(history.rows, day)
    principal = min(minor - interest, sum(row.principal for row in coming))
    touched = any(history.paid(row.number, component) for row in coming for component in Component)
    if principal <= 0 or touched:
        return [], [], minor
    loan.schedule_version += 1
    made = reschedule(
        rows=history.rows,
        day=day,
        principal_minor=principal,
        method=loan.repayment_method,
        annual_rate=loan.annual_rate,
        mode=mode,
        day_count_base=day_count_base(loan.start_date),
    )
    first = made[0]
    parts = [
        Due(first.number, component, amount)
        for component, amount in ((Component.INTEREST, first.interest), (Component.PRINCIPAL, first.principal))
        if amount
    ]
    return [instalment_of(loan, row) for row in made], parts, minor - first.interest - first.principal


def instalment_of(loan: models.Loan, row: Row) -> models.Instalment:
    """A row of the schedule's current version, to be written."""
    return models.Instalment(
        loan=loan,
        enterprise_id=loan.enterprise_id,
        lender_id=loan.lender_id,
        version=loan.schedule_version,
        number=row.number,
        due_date=row.due_date,
        period_start=row.period_start,
        period_end=row.period_end,
        principal_minor=row.principal,
        interest_minor=row.interest,
        prepayment=row.prepayment,
    )


def row_of(row: models.Instalment) -> Row:
    """A row of the schedule as the rules see it."""
    return Row(
        row.number,
        row.due_date,
        row.period_start,
        row.period_end,
        row.principal_minor,
        row.interest_minor,
        row.prepayment,
    )
