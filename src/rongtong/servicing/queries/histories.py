"""Loans' histories for the rules, read for many loans at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from rongtong.rulebook import facade as rulebook
from rongtong.servicing import models
from rongtong.servicing.contracts import Component
from rongtong.servicing.rules.classification import Thresholds
from rongtong.servicing.rules.history import History, Part, Row, Terms


def histories(loans: Iterable[models.Loan]) -> dict[UUID, History]:
    """Schedule in force and payments of each loan, in two queries."""
    known = {loan.id: loan for loan in loans}
    rows: dict[UUID, list[Row]] = defaultdict(list)
    columns = (
        "loan_id",
        "number",
        "due_date",
        "period_start",
        "period_end",
        "principal_minor",
        "interest_minor",
        "prepayment",
    )
    for loan_id, *row in models.Instalment.objects.filter(loan_id__in=known, ended_version=None).values_list(*columns):
        rows[loan_id].append(Row(*row))
    parts: dict[UUID, list[Part]] = defaultdict(list)
    paid = models.Allocation.objects.filter(loan_id__in=known).order_by("id")
    for loan_id, number, component, minor, day in paid.values_list(
        "loan_id", "instalment_number", "component", "minor", "repayment__business_date"
    ):
        parts[loan_id].append(Part(number, Component(component), minor, day))
    return {key: History(rows[key], parts[key], terms_of(loan)) for key, loan in known.items()}


def terms_of(loan: models.Loan) -> Terms:
    """What the rules of a loan depend on: its penalty rate, and base of days and grace as in force when it was drawn."""
    return Terms(
        penalty_rate=loan.penalty_rate,
        day_count_base=day_count_base(loan.start_date),
        grace_days=int(rulebook.value("loan.grace_days", on=loan.start_date)),
    )


def day_count_base(on: date) -> int:
    """Days of a year for daily rates."""
    return int(rulebook.value("loan.day_count_base", on=on))


def thresholds(on: date) -> Thresholds:
    """From how many days past due each class and stage begins, by the rulebook of a day."""

    def days(rule_id: str) -> int:
        return int(rulebook.value(rule_id, on=on))

    return Thresholds(
        special_mention=days("loan.classification_special_mention_from_days"),
        substandard=days("loan.classification_substandard_from_days"),
        doubtful=days("loan.classification_doubtful_from_days"),
        loss=days("loan.classification_loss_from_days"),
        upgrade_months=days("loan.classification_upgrade_months"),
        significant_increase=days("ecl.significant_increase_days"),
        default=days("ecl.default_days"),
    )


def allocation_order(on: date) -> tuple[Component, ...]:
    """The order in which a payment meets what is owed."""
    return tuple(Component(name) for name in rulebook.table("loan.allocation_order", on=on))


def principal_first_after(on: date) -> int:
    """Days past due after which principal comes first."""
    return int(rulebook.value("loan.principal_first_after_days", on=on))
