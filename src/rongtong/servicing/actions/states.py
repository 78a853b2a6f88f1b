"""The state on a loan's row: assessed from its history, accrued into the ledger, saved for many loans at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from rongtong.ledger.contracts import AccountId, AccountKind, TransferDraft
from rongtong.servicing import models
from rongtong.servicing.contracts import Component, LoanState
from rongtong.servicing.rules.accrual import interest_to, penalty_to
from rongtong.servicing.rules.allocation import arrears, days_past_due
from rongtong.servicing.rules.history import History

Accounts = Mapping[tuple[AccountKind, UUID], AccountId]
_PENALTIES = (Component.PENALTY, Component.COMPOUND)
_SAVED = {
    "state": "text",
    "activated_at": "timestamptz",
    "closed_date": "date",
    "maturity_date": "date",
    "schedule_version": "int",
    "state_date": "date",
    "outstanding_minor": "bigint",
    "interest_accrued_minor": "bigint",
    "penalty_accrued_minor": "bigint",
    "interest_paid_minor": "bigint",
    "penalty_paid_minor": "bigint",
    "accruals": "int",
    "overdue_minor": "bigint",
    "overdue_days": "int",
    "loan_class": "text",
    "stage": "int",
    "next_due_date": "date",
    "next_due_minor": "bigint",
}


def accrue(loan: models.Loan, history: History, day: date, accounts: Accounts) -> list[TransferDraft]:
    """Bring the accrued interest and penalties of a loan to the start of a day; the transfers that book the difference.

    What a late report of an earlier payment makes too much is taken back, but never below what was paid.
    """
    made = []
    targets = (
        ("interest", interest_to(history.rows, day), history.total_paid(Component.INTEREST)),
        ("penalty", penalty_to(history, day), history.total_paid(*_PENALTIES)),
    )
    for name, total, paid in targets:
        column = f"{name}_accrued_minor"
        target = max(total, paid)
        difference = target - getattr(loan, column)
        if difference == 0:
            continue
        loan.accruals += 1
        setattr(loan, column, target)
        receivable = accounts[AccountKind(f"{name}_receivable"), loan.id]
        income = accounts[AccountKind(f"{name}_income"), loan.id]
        made.append(
            TransferDraft(
                debit=receivable if difference > 0 else income,
                credit=income if difference > 0 else receivable,
                minor=abs(difference),
                code=f"{name}.accrued" if difference > 0 else f"{name}.taken_back",
                reference=f"{loan.id}:accrual:{loan.accruals}",
                business_date=day,
            )
        )
    return made


def assess(loan: models.Loan, history: History, day: date) -> None:
    """Set what a loan's row says about its state on a day, all of it from the history."""
    loan.state_date = max(loan.state_date, day)
    loan.outstanding_minor = history.outstanding()
    loan.interest_paid_minor = history.total_paid(Component.INTEREST)
    loan.penalty_paid_minor = history.total_paid(*_PENALTIES)
    loan.overdue_days = days_past_due(history, loan.state_date)
    loan.overdue_minor = arrears(history, loan.state_date) if loan.overdue_days else 0
    row = next((row for row in history.rows if history.settled_date(row) is None), None)
    loan.next_due_date = row.due_date if row else None
    loan.next_due_minor = 0
    if row:
        paid = history.paid(row.number, Component.PRINCIPAL) + history.paid(row.number, Component.INTEREST)
        loan.next_due_minor = row.principal + row.interest - paid
    cleared = row is None and loan.penalty_paid_minor >= loan.penalty_accrued_minor
    if loan.state == LoanState.ACTIVE and loan.outstanding_minor == 0 and cleared:
        loan.state, loan.closed_date = LoanState.REPAID.value, day


def save_loans(loans: Iterable[models.Loan]) -> None:
    """Save the state of many loans in one statement."""
    rows: Sequence[models.Loan] = list(loans)
    if not rows:
        return
    columns = ", ".join(_SAVED)
    arrays = ", ".join(f"%s::{kind}[]" for kind in _SAVED.values())
    assignments = ", ".join(f"{column} = given.{column}" for column in _SAVED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE servicing_loan SET {assignments} "
            f"FROM unnest(%s::uuid[], {arrays}) AS given (key, {columns}) WHERE servicing_loan.id = given.key",
            [[row.id for row in rows], *([getattr(row, column) for row in rows] for column in _SAVED)],
        )
