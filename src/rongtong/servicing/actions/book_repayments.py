"""Book what firms paid: put it towards what is due, post it, move the loans' states. One transaction for many entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id, new_id
from rongtong.core.journal import Deed, record_all
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountKind, TransferDraft
from rongtong.servicing import models
from rongtong.servicing.actions.attest_rows import Written, attest_posting, attest_rows
from rongtong.servicing.actions.prepay import prepay, row_of
from rongtong.servicing.actions.settle_facilities import tell_commitments
from rongtong.servicing.actions.states import Accounts, accrue, assess, save_loans
from rongtong.servicing.contracts import Component, ExceptionReason, FacilityState, LoanState, PrepaymentMode
from rongtong.servicing.queries.histories import allocation_order, histories, principal_first_after
from rongtong.servicing.rules.allocation import Due, allocate, days_past_due, dues
from rongtong.servicing.rules.history import History, Part

_RECEIVABLE = {
    Component.PENALTY: AccountKind.PENALTY_RECEIVABLE,
    Component.COMPOUND: AccountKind.PENALTY_RECEIVABLE,
    Component.INTEREST: AccountKind.INTEREST_RECEIVABLE,
    Component.PRINCIPAL: AccountKind.PRINCIPAL_RECEIVABLE,
}


@dataclass(frozen=True, slots=True)
class Payment:
    """An entry of a bank statement that belongs to a loan."""

    entry: models.StatementEntry
    loan_id: UUID
    mode: PrepaymentMode | None = None
    """Set where the firm asked to repay early."""
    rest_minor: int | None = None
    """Set where only what the entry left over is to be booked."""
    day: date | None = None
    """On which it pays, where that is not the day of the entry."""

    @property
    def minor(self) -> int:
        """How much it pays, in fen."""
        return self.entry.amount_minor if self.rest_minor is None else self.rest_minor


@dataclass(slots=True)
class Booked:
    """What booking came to, gathered before it is written."""

    repayments: list[models.Repayment] = field(default_factory=list)
    allocations: list[models.Allocation] = field(default_factory=list)
    accruals: list[TransferDraft] = field(default_factory=list)
    transfers: list[TransferDraft] = field(default_factory=list)
    unbooked: list[models.UnbookedEntry] = field(default_factory=list)
    schedules: list[list[models.Instalment]] = field(default_factory=list)
    restored: dict[UUID, list[TransferDraft]] = field(default_factory=dict)
    """By revolving facility, the limit given back."""


def book_repayments(*, payments: Sequence[Payment], actor: Actor, at: datetime) -> Booked:
    """Book payments in the order given. What exceeds what is due waits as an unbooked entry, nothing is lost.

    Called in the transaction that wrote the entries.
    """
    booked = Booked()
    loans = {
        loan.id: loan
        for loan in models.Loan.objects.select_for_update(of=("self",))
        .select_related("facility")
        .filter(id__in={payment.loan_id for payment in payments})
        .order_by("id")
    }
    known = histories(loans.values())
    accounts: Accounts = ledger.account_ids(
        references=[*loans, *{loan.facility_id for loan in loans.values() if loan.facility.revolving}]
    )
    for payment in payments:
        loan = loans[payment.loan_id]
        if loan.state != LoanState.ACTIVE:
            waits = loan.state == LoanState.INSTRUCTED
            reason = ExceptionReason.NOT_PAID_OUT if waits else ExceptionReason.LOAN_CLOSED
            _leave(booked, payment.entry, reason, payment.minor)
            continue
        known[loan.id] = _book(payment, loan, known[loan.id], accounts, booked, at=at)
    _write(booked, list(loans.values()), actor, at)
    return booked


def _book(
    payment: Payment,
    loan: models.Loan,
    history: History,
    accounts: Accounts,
    booked: Booked,
    *,
    at: datetime,
) -> History:
    entry, day = payment.entry, max(payment.day or payment.entry.booked_date, loan.start_date)
    booked.accruals += accrue(loan, history, day, accounts)
    first = days_past_due(history, day) > principal_first_after(day)
    parts, left = allocate(dues(history, day), payment.minor, allocation_order(day), principal_first=first)
    version = None
    if left and payment.mode is not None:
        rows, early, left = prepay(loan, history, day, left, payment.mode)
        if rows:
            version = loan.schedule_version
            booked.schedules.append(rows)
            history = _rescheduled(history, rows)
            parts += early
    if left:
        _leave(booked, entry, ExceptionReason.EXCESS, left)
    if not parts:
        return history
    repayment = models.Repayment(
        loan=loan,
        enterprise_id=loan.enterprise_id,
        lender_id=loan.lender_id,
        entry=entry,
        entry_ref=entry.entry_ref,
        amount_minor=payment.minor - left,
        business_date=day,
        made_version=version,
        rest=payment.rest_minor is not None,
        occurred_at=at,
    )
    booked.repayments.append(repayment)
    booked.allocations += [_allocation(repayment, part) for part in parts]
    booked.transfers += _transfers(repayment, parts, loan, accounts, booked)
    history = history.with_parts([Part(part.number, part.component, part.minor, day) for part in parts])
    assess(loan, history, day)
    return history


def _rescheduled(history: History, rows: Sequence[models.Instalment]) -> History:
    kept = [row for row in history.rows if row.number < rows[0].number]
    return history.with_rows([*kept, *(row_of(row) for row in rows)])


def _allocation(repayment: models.Repayment, part: Due) -> models.Allocation:
    return models.Allocation(
        repayment=repayment,
        loan_id=repayment.loan_id,
        enterprise_id=repayment.enterprise_id,
        lender_id=repayment.lender_id,
        instalment_number=part.number,
        component=part.component.value,
        minor=part.minor,
    )


def _transfers(
    repayment: models.Repayment, parts: Sequence[Due], loan: models.Loan, accounts: Accounts, booked: Booked
) -> list[TransferDraft]:
    day: date = repayment.business_date
    sums: dict[Component, int] = {}
    for part in parts:
        sums[part.component] = sums.get(part.component, 0) + part.minor
    made = [
        TransferDraft(
            accounts[AccountKind.COLLECTIONS, loan.id],
            accounts[_RECEIVABLE[component], loan.id],
            minor,
            f"repayment.{component.value}",
            f"{repayment.id}:{component.value}",
            day,
        )
        for component, minor in sums.items()
    ]
    principal = sums.get(Component.PRINCIPAL, 0)
    if principal and loan.facility.revolving:
        booked.restored.setdefault(loan.facility_id, []).append(
            TransferDraft(
                accounts[AccountKind.COMMITMENT, loan.facility_id],
                accounts[AccountKind.COMMITMENT_CONTRA, loan.facility_id],
                principal,
                "commitment.restored",
                f"{repayment.id}:restored",
                day,
            )
        )
    return made


def _leave(booked: Booked, entry: models.StatementEntry, reason: ExceptionReason, minor: int) -> None:
    booked.unbooked.append(
        models.UnbookedEntry(entry=entry, lender_id=entry.lender_id, reason=reason.value, amount_minor=minor)
    )


def _restore(booked: Booked) -> list[TransferDraft]:
    """Lower what revolving facilities have drawn; the transfers of those that are open, and so may be drawn again."""
    facilities = list(models.Facility.objects.select_for_update().filter(id__in=booked.restored).order_by("id"))
    for facility in facilities:
        facility.used_minor -= sum(draft.minor for draft in booked.restored[facility.id])
    models.Facility.objects.bulk_update(facilities, ["used_minor"], batch_size=500)
    still_open = [facility.id for facility in facilities if facility.state == FacilityState.OPEN]
    return [draft for facility_id in still_open for draft in booked.restored[facility_id]]


def _write(booked: Booked, loans: list[models.Loan], actor: Actor, at: datetime) -> None:
    if booked.accruals:
        posting_id = new_id()
        ledger.post(transfers=booked.accruals, actor=actor, at=at, posting_id=posting_id)
        attest_posting(posting_id=posting_id, at=at)
    restored = _restore(booked)
    ledger.post(transfers=[*booked.transfers, *restored], actor=actor, at=at)
    for rows in booked.schedules:
        first = rows[0]
        models.Instalment.objects.filter(loan_id=first.loan_id, ended_version=None, number__gte=first.number).update(
            ended_version=first.version
        )
        models.Instalment.objects.bulk_create(rows)
    models.Repayment.objects.bulk_create(booked.repayments, batch_size=2000)
    models.Allocation.objects.bulk_create(booked.allocations, batch_size=2000)
    models.UnbookedEntry.objects.bulk_create(booked.unbooked, batch_size=2000, ignore_conflicts=True)
    save_loans(loans)
    tell_commitments(facility_ids={loan.facility_id for loan in loans}, actor=actor, at=at)
    written = [
        Written(one.id, encode_id("loan", one.loan_id), one.enterprise_id, one.lender_id) for one in booked.repayments
    ]
    attest_rows(kind="repayment.booked", evidence_kind="repayment", rows=written, at=at)
    deeds = [
        Deed(
            "repayment.booked",
            subject=encode_id("loan", one.loan_id),
            enterprise_id=one.enterprise_id,
            facts={"amount_minor": one.amount_minor, "business_date": one.business_date},
        )
        for one in booked.repayments
    ]
    deeds += [
        Deed("loan.repaid", subject=encode_id("loan", loan.id), enterprise_id=loan.enterprise_id)
        for loan in loans
        if loan.state == LoanState.REPAID and loan.id in {one.loan_id for one in booked.repayments}
    ]
    record_all(deeds=deeds, actor=actor, at=at)
