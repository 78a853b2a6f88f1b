"""What crosses the door of the ledger: accounts, transfers, entries, balances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

AccountId = NewType("AccountId", UUID)
TransferId = NewType("TransferId", UUID)


class AccountKind(StrEnum):
    """The chart of accounts, all of them a lender's. The ones of the debit side never fall below zero, the others never rise above it."""

    COMMITMENT = "commitment"
    """Debit: the limit that a firm may still draw."""
    COMMITMENT_CONTRA = "commitment_contra"
    """Credit: the other side of the commitment."""
    PRINCIPAL_RECEIVABLE = "principal_receivable"
    """Debit: principal that the firm owes."""
    INTEREST_RECEIVABLE = "interest_receivable"
    """Debit: interest accrued and not paid."""
    PENALTY_RECEIVABLE = "penalty_receivable"
    """Debit: penalty and compound interest accrued and not paid."""
    COLLECTIONS = "collections"
    """Debit: what the lender's bank collected from the firm."""
    WRITTEN_OFF = "written_off"
    """Debit: principal given up."""
    FUNDING = "funding"
    """Credit: what the lender's bank paid out to the firm."""
    INTEREST_INCOME = "interest_income"
    """Credit: interest earned."""
    PENALTY_INCOME = "penalty_income"
    """Credit: penalty and compound interest earned."""


DEBIT_KINDS = frozenset(
    {
        AccountKind.COMMITMENT,
        AccountKind.PRINCIPAL_RECEIVABLE,
        AccountKind.INTEREST_RECEIVABLE,
        AccountKind.PENALTY_RECEIVABLE,
        AccountKind.COLLECTIONS,
        AccountKind.WRITTEN_OFF,
    }
)


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """An account to be opened: one per kind and reference, such as a loan's id."""

    kind: AccountKind
    lender_id: UUID
    """The owner: a licensed institution."""
    enterprise_id: UUID
    """The firm that it concerns."""
    reference: UUID


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """An amount in fen to be moved: `debit` gets it, `credit` gives it; both of one lender and firm."""

    debit: AccountId
    credit: AccountId
    minor: int
    code: str
    """Why, such as `drawdown`."""
    reference: str
    """Unique: a transfer comes once per reference."""
    business_date: date
    occurred_at: datetime | None = None
    """When it happened in the world; the moment of posting where it is not given."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a transfer on an account: `minor` is positive for a debit, negative for a credit."""

    transfer_id: TransferId
    account_id: AccountId
    kind: AccountKind
    account_reference: UUID
    minor: int
    previous_balance: int
    current_balance: int
    account_version: int
    code: str
    reference: str
    business_date: date
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """The sums of one kind of account, in fen."""

    kind: AccountKind
    accounts: int
    debits: int
    credits: int

    @property
    def balance(self) -> int:
        return self.debits - self.credits


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All kinds, and whether the sides agree."""

    debits: int
    credits: int
    rows: tuple[TrialBalanceRow, ...]

    @property
    def balanced(self) -> bool:
        return self.debits == self.credits
