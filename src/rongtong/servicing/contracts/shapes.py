"""The shapes and states of servicing: facilities, loans, instalments, instructions, reports, portfolio figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from rongtong.credit.contracts import Instalment

FacilityId = NewType("FacilityId", UUID)
LoanId = NewType("LoanId", UUID)
InstructionId = NewType("InstructionId", UUID)


class FacilityState(StrEnum):
    """A credit line under a signed agreement; closed once its term has run out, or it is drawn in full and paid back."""

    OPEN = "open"  # -> closed
    CLOSED = "closed"


class LoanState(StrEnum):
    """`instructed -> active -> repaid | written_off`; `instructed -> rejected`."""

    INSTRUCTED = "instructed"  # -> active, rejected
    ACTIVE = "active"  # -> repaid, written_off
    REPAID = "repaid"
    WRITTEN_OFF = "written_off"
    REJECTED = "rejected"


class InstructionKind(StrEnum):
    """What the lender's bank is asked to do."""

    DRAWDOWN = "drawdown"
    """Pay the firm (pain.001)."""
    COLLECTION = "collection"
    """Collect what is due from the firm (代扣, pain.008)."""
    PREPAYMENT = "prepayment"
    """Collect what the firm wishes to repay early (pain.008)."""


class InstructionState(StrEnum):
    """The outbox: `prepared -> sent -> accepted | rejected`."""

    PREPARED = "prepared"  # -> sent
    SENT = "sent"  # -> accepted, rejected
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Component(StrEnum):
    """What a payment is put towards, by the names of the rulebook's `loan.allocation_order`."""

    COSTS = "costs"
    PENALTY = "penalty"
    """Penalty interest on overdue principal (罚息)."""
    COMPOUND = "compound"
    """Compound interest on overdue interest (复利)."""
    INTEREST = "interest"
    PRINCIPAL = "principal"


class PrepaymentMode(StrEnum):
    """What an early repayment shortens."""

    KEEP_TERM = "keep_term"
    """Smaller instalments over the same months."""
    KEEP_INSTALMENT = "keep_instalment"
    """The same instalments over fewer months."""


class LoanClass(StrEnum):
    """The five grades of 商业银行金融资产风险分类办法 (令〔2023〕1号), best first; the last three are non-performing."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return list(LoanClass).index(self)

    @property
    def non_performing(self) -> bool:
        return self.rank >= LoanClass.SUBSTANDARD.rank


@dataclass(frozen=True, slots=True)
class Facility:
    """A credit line; amounts in fen."""

    id: FacilityId
    agreement_id: UUID
    agreement_number: str
    enterprise_id: UUID
    lender_id: UUID
    limit_minor: int
    used_minor: int
    """Principal owed and instructed."""
    annual_rate: Decimal
    penalty_rate: Decimal
    repayment_method: str
    term_months: int
    revolving: bool
    first_drawdown_minor: int
    """What is drawn when the agreement is signed: all of a term loan, a part of a revolving line."""
    state: FacilityState
    frozen: bool
    frozen_reason: str
    start_date: date
    end_date: date
    """The end of the term: nothing is drawn after it, and what is drawn before is due by it."""

    @property
    def available_minor(self) -> int:
        """What may still be drawn; nothing while the limit is frozen."""
        return 0 if self.frozen or self.state is not FacilityState.OPEN else self.limit_minor - self.used_minor


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan as it stood at the close of `state_date`; amounts in fen, rates per year as fractions."""

    id: LoanId
    facility_id: FacilityId
    agreement_id: UUID
    number: str
    enterprise_id: UUID
    lender_id: UUID
    state: LoanState
    rejection_reason: str
    principal_minor: int
    annual_rate: Decimal
    penalty_rate: Decimal
    repayment_method: str
    term_months: int
    start_date: date
    maturity_date: date | None
    state_date: date
    outstanding_minor: int
    """Principal owed."""
    interest_paid_minor: int
    penalty_paid_minor: int
    overdue_minor: int
    """Principal and interest past their due date."""
    overdue_days: int
    loan_class: LoanClass
    stage: int
    """Of expected credit loss: 1, 2 or 3 (企业会计准则第22号)."""
    next_due_date: date | None
    next_due_minor: int
    activated_at: datetime | None
    closed_date: date | None


@dataclass(frozen=True, slots=True)
class ScheduledInstalment:
    """An instalment with what was paid on it; amounts in fen."""

    number: int
    due_date: date
    principal_minor: int
    interest_minor: int
    principal_paid_minor: int
    interest_paid_minor: int
    penalty_minor: int
    """Penalty and compound interest accrued to the day asked for."""
    penalty_paid_minor: int
    settled_date: date | None
    overdue_days: int
    prepayment: bool
    balance_minor: int
    """Principal owed after it."""

    @property
    def total_minor(self) -> int:
        return self.principal_minor + self.interest_minor


@dataclass(frozen=True, slots=True)
class DrawdownQuote:
    """What a drawdown of a day would be; amounts in fen."""

    facility_id: FacilityId
    business_date: date
    amount_minor: int
    term_months: int
    """The whole months left of a revolving line, the line's own term otherwise."""
    interest_minor: int
    left_minor: int
    schedule: tuple[Instalment, ...]


@dataclass(frozen=True, slots=True)
class Debts:
    """What a firm owes on all its running loans as at the last close; amounts in fen."""

    loans: int
    owed_minor: int
    overdue_minor: int
    next_due_date: date | None
    next_due_minor: int
    """All that is due on that day, on whatever loan."""


@dataclass(frozen=True, slots=True)
class PrepaymentQuote:
    """What an early repayment costs and leaves; amounts in fen."""

    loan_id: LoanId
    business_date: date
    mode: PrepaymentMode
    principal_minor: int
    interest_minor: int
    """Interest of the running period to the actual day."""
    total_minor: int
    saved_minor: int
    """Interest that is not charged any more."""
    remaining_minor: int
    last_due_date: date | None
    """None where nothing is left to pay."""
    next_instalment_minor: int


@dataclass(frozen=True, slots=True)
class RepaymentRecord:
    """A payment of the firm as the lender's bank reported it, and what it was put towards."""

    id: UUID
    amount_minor: int
    business_date: date
    entry_ref: str
    parts: dict[Component, int]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ClassChange:
    """A change of a loan's five-grade class."""

    business_date: date
    from_class: LoanClass
    to_class: LoanClass
    overdue_days: int


@dataclass(frozen=True, slots=True)
class InstructionRecord:
    """An instruction to a lender's bank and how far it has come."""

    id: InstructionId
    kind: InstructionKind
    loan_id: LoanId
    message_id: str
    end_to_end_id: str
    amount_minor: int
    business_date: date
    state: InstructionState
    reason: str
    sent_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class SendReport:
    """What sending came to: messages sent, transactions accepted and rejected, messages that got no answer (and wait)."""

    sent: int = 0
    accepted: int = 0
    rejected: int = 0
    failed: int = 0
    errors: tuple[str, ...] = ()
    set_aside: tuple[tuple[str, str, str], ...] = ()
    unwritten: tuple[tuple[str, str, str], ...] = ()
    """Loans whose bank's answer could not be booked, and for which no collection could be written: id, code, words."""


@dataclass(frozen=True, slots=True)
class DayReport:
    """What a close of business came to; amounts in fen."""

    business_date: date
    loans: int
    interest_minor: int
    penalty_minor: int
    overdue_loans: int
    reclassified: int
    ledger_balanced: bool
    set_aside: tuple[tuple[str, str, str], ...] = ()
    """Loans and lines that could not be closed: id, code of the error, its words."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A lender's book at the close of a day; amounts in fen, ratios as fractions of principal outstanding."""

    lender_id: UUID | None
    business_date: date
    loans: int
    borrowers: int
    disbursed_minor: int
    outstanding_minor: int
    limit_minor: int
    unused_minor: int
    frozen_facilities: int
    overdue_loans: int
    overdue_minor: int
    overdue_30_minor: int
    overdue_90_minor: int
    """Principal of loans more than 30 and more than 90 days past due."""
    non_performing_minor: int
    interest_received_minor: int
    by_class: dict[LoanClass, tuple[int, int]] = field(default_factory=dict)
    """Loans and principal by five-grade class."""

    @property
    def non_performing_ratio(self) -> Decimal:
        return Decimal(self.non_performing_minor) / self.outstanding_minor if self.outstanding_minor else Decimal(0)


@dataclass(frozen=True, slots=True)
class LoanPage:
    """One page of loans."""

    items: tuple[Loan, ...]
    total: int
    page: int
    page_size: int
