"""Loans: rows in, contracts out; schedules, payments, figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import NotFound
from rongtong.core.ids import encode_id
from rongtong.servicing import models
from rongtong.servicing.contracts import (
    ClassChange,
    Component,
    FacilityId,
    InstructionId,
    InstructionKind,
    InstructionRecord,
    InstructionState,
    Loan,
    LoanClass,
    LoanId,
    LoanPage,
    LoanState,
    RepaymentRecord,
    ScheduledInstalment,
)
from rongtong.servicing.queries.histories import histories
from rongtong.servicing.rules.accrual import overdue_days, row_penalty
from rongtong.servicing.rules.history import History, Row


class LoanUnknown(NotFound):
    """No loan has this id, or not for this viewer."""

    code = "loan_unknown"
    message = _("There is no loan %(loan)s.")


def loan(*, loan_id: UUID) -> Loan:
    """One loan. Raises LoanUnknown."""
    row = loan_row(loan_id)
    return loan_contract(row, row.facility)


def loan_row(loan_id: UUID) -> models.Loan:
    """The row of a loan. Raises LoanUnknown."""
    row = models.Loan.objects.select_related("facility").filter(pk=loan_id).first()
    if row is None:
        raise LoanUnknown(loan=encode_id("loan", loan_id))
    return row


def first_paid_at(agreement_id: UUID) -> datetime | None:
    """When the first money of an agreement was paid; None where none was yet."""
    paid = models.Loan.objects.filter(facility__agreement_id=agreement_id, activated_at__isnull=False)
    return paid.order_by("activated_at").values_list("activated_at", flat=True).first()


def loans(*, loan_ids: Iterable[UUID]) -> dict[LoanId, Loan]:
    """Loans by id, in one query."""
    rows = models.Loan.objects.select_related("facility").filter(pk__in=list(loan_ids))
    return {LoanId(row.id): loan_contract(row, row.facility) for row in rows}


def loan_of_number(*, number: str, lender_id: UUID) -> Loan:
    """A lender's loan by its number. Raises LoanUnknown."""
    row = models.Loan.objects.select_related("facility").filter(number=number.strip(), lender_id=lender_id).first()
    if row is None:
        raise LoanUnknown(loan=number.strip()[:48])
    return loan_contract(row, row.facility)


def loans_of(
    *,
    enterprise_id: UUID | None = None,
    lender_id: UUID | None = None,
    states: Iterable[LoanState] = (),
    overdue_only: bool = False,
    page: int = 1,
    page_size: int = 20,
) -> LoanPage:
    """The loans of a firm or of a lender (or of all, for the platform), newest first; overdue ones worst first."""
    rows: QuerySet[models.Loan] = models.Loan.objects.select_related("facility").order_by("-id")
    if enterprise_id is not None:
        rows = rows.filter(enterprise_id=enterprise_id)
    if lender_id is not None:
        rows = rows.filter(lender_id=lender_id)
    if wanted := [state.value for state in states]:
        rows = rows.filter(state__in=wanted)
    if overdue_only:
        rows = rows.filter(state=LoanState.ACTIVE, overdue_days__gt=0).order_by("-overdue_days", "-id")
    size, number = min(max(page_size, 1), 200), max(page, 1)
    found = rows[(number - 1) * size : number * size]
    items = tuple(loan_contract(row, row.facility) for row in found)
    return LoanPage(items=items, total=rows.count(), page=number, page_size=size)


def schedule(*, loan_id: UUID, on: date | None = None) -> tuple[ScheduledInstalment, ...]:
    """The schedule in force with what was paid on it, and penalties to a day (the loan's own where none is given)."""
    row = loan_row(loan_id)
    history, day = histories([row])[row.id], on or row.state_date
    balance, found = row.principal_minor, []
    for one in history.rows:
        balance -= one.principal
        found.append(_instalment(history, one, day, balance))
    return tuple(found)


def _instalment(history: History, row: Row, day: date, balance: int) -> ScheduledInstalment:
    settled = history.settled_date(row)
    until = min(settled, day) if settled else day
    penalties = (Component.PENALTY, Component.COMPOUND)
    return ScheduledInstalment(
        number=row.number,
        due_date=row.due_date,
        principal_minor=row.principal,
        interest_minor=row.interest,
        principal_paid_minor=history.paid(row.number, Component.PRINCIPAL),
        interest_paid_minor=history.paid(row.number, Component.INTEREST),
        penalty_minor=sum(row_penalty(history, row, component, day) for component in penalties),
        penalty_paid_minor=sum(history.paid(row.number, component) for component in penalties),
        settled_date=settled
        if history.parts(row.number, Component.PRINCIPAL) or history.parts(row.number, Component.INTEREST)
        else None,
        overdue_days=overdue_days(row, until, history.terms.grace_days),
        prepayment=row.prepayment,
        balance_minor=balance,
    )


def repayments(*, loan_id: UUID) -> tuple[RepaymentRecord, ...]:
    """What was booked on a loan, oldest first."""
    parts: dict[UUID, dict[Component, int]] = defaultdict(lambda: defaultdict(int))
    for part in models.Allocation.objects.filter(loan_id=loan_id):
        parts[part.repayment_id][Component(part.component)] += part.minor
    rows = models.Repayment.objects.filter(loan_id=loan_id).order_by("business_date", "id")
    return tuple(
        RepaymentRecord(
            id=row.id,
            amount_minor=row.amount_minor,
            business_date=row.business_date,
            entry_ref=row.entry_ref,
            parts=dict(parts[row.id]),
            occurred_at=row.occurred_at,
        )
        for row in rows
    )


def class_changes(*, loan_id: UUID) -> tuple[ClassChange, ...]:
    """How a loan's class changed, oldest first."""
    rows = models.Classification.objects.filter(loan_id=loan_id).order_by("business_date", "id")
    return tuple(
        ClassChange(row.business_date, LoanClass(row.from_class), LoanClass(row.to_class), row.overdue_days)
        for row in rows
    )


def instructions(*, loan_id: UUID) -> tuple[InstructionRecord, ...]:
    """The instructions about a loan, oldest first."""
    rows = models.Instruction.objects.filter(loan_id=loan_id).select_related("message").order_by("id")
    return tuple(
        InstructionRecord(
            id=InstructionId(row.id),
            kind=InstructionKind(row.kind),
            loan_id=LoanId(row.loan_id),
            message_id=row.message.message_id,
            end_to_end_id=row.end_to_end_id,
            amount_minor=row.amount_minor,
            business_date=row.business_date,
            state=InstructionState(row.state),
            reason=row.reason,
            sent_at=row.message.sent_at,
            answered_at=row.answered_at,
        )
        for row in rows
    )


def drawdown_message(*, loan_id: UUID) -> str:
    """The pain.001 of a loan as it was sent. Raises LoanUnknown."""
    row = models.Instruction.objects.filter(loan_id=loan_id, kind=InstructionKind.DRAWDOWN).select_related("message")
    found = row.first()
    if found is None:
        raise LoanUnknown(loan=encode_id("loan", loan_id))
    return found.message.xml


def loan_contract(row: models.Loan, facility: models.Facility) -> Loan:
    """A row as other domains see it."""
    return Loan(
        id=LoanId(row.id),
        facility_id=FacilityId(row.facility_id),
        agreement_id=facility.agreement_id,
        number=row.number,
        enterprise_id=row.enterprise_id,
        lender_id=row.lender_id,
        state=LoanState(row.state),
        rejection_reason=row.rejection_reason,
        principal_minor=row.principal_minor,
        annual_rate=row.annual_rate,
        penalty_rate=row.penalty_rate,
        repayment_method=row.repayment_method,
        term_months=row.term_months,
        start_date=row.start_date,
        maturity_date=row.maturity_date,
        state_date=row.state_date,
        outstanding_minor=row.outstanding_minor,
        interest_paid_minor=row.interest_paid_minor,
        penalty_paid_minor=row.penalty_paid_minor,
        overdue_minor=row.overdue_minor,
        overdue_days=row.overdue_days,
        loan_class=LoanClass(row.loan_class),
        stage=row.stage,
        next_due_date=row.next_due_date,
        next_due_minor=row.next_due_minor,
        activated_at=row.activated_at,
        closed_date=row.closed_date,
    )
