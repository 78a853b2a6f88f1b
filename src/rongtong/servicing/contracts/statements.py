"""What came of a bank statement, and the entries of it that wait for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from rongtong.servicing.contracts.shapes import LoanId


class ExceptionReason(StrEnum):
    """Why an entry of a bank statement could not be booked in full."""

    UNMATCHED = "unmatched"
    """It names no instruction of ours."""
    EXCESS = "excess"
    """It is more than what was due; the rest waits for the lender's decision."""
    LOAN_CLOSED = "loan_closed"
    NOT_PAID_OUT = "not_paid_out"
    """A payment on a loan whose payout is not confirmed yet."""
    WRONG_CURRENCY = "wrong_currency"
    AMOUNT_DIFFERS = "amount_differs"
    """A payout of another amount than instructed."""
    DATE_UNLIKELY = "date_unlikely"
    """Booked on a day still to come, or long before its order was written."""
    STATUS_UNKNOWN = "status_unknown"
    """The bank does not say, in words known here, that it is booked."""
    REVERSAL = "reversal"
    """It undoes an earlier entry: a credit of this kind is no payment."""
    RETURNED = "returned"
    """The money of an order of ours went the other way: a payout came back, or a collection was given back."""
    ORDER_REJECTED = "order_rejected"
    """The bank paid out what it had refused: the loan was closed and its limit given back."""
    ORDER_EXCEEDED = "order_exceeded"
    """With what came before, it is more than its order asked: the same payment, perhaps, under another reference."""
    BUNDLED = "bundled"
    """Several transactions in one entry that cannot be told apart, or do not add up to it."""
    FAULT = "fault"
    """The loan that it names cannot be booked on: its own rows contradict each other."""


@dataclass(frozen=True, slots=True)
class StatementReport:
    """What importing a statement came to; `entries = repayments + payouts + duplicates + exceptions` but for excesses.

    An entry that bundles transactions which can be told apart counts as these.
    """

    entries: int = 0
    repayments: int = 0
    repaid_minor: int = 0
    payouts: int = 0
    duplicates: int = 0
    exceptions: int = 0
    pending: int = 0
    """Named besides, and in no books yet: left for the statement that has them booked."""


@dataclass(frozen=True, slots=True)
class StatementException:
    """An entry, or the rest of one, that waits for a decision of the lender."""

    id: UUID
    lender_id: UUID
    entry_ref: str
    end_to_end_id: str
    reason: ExceptionReason
    amount_minor: int
    currency: str
    credit: bool
    booked_date: date
    text: str
    recorded_at: datetime
    resolved_at: datetime | None
    resolution: str
    bookable: bool
    """Whether a person may book it on a loan; else it is settled by a note only."""
    loan_id: LoanId | None = None
    """The loan of the order that it names."""
    loan_number: str = ""
    enterprise_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of entries that could not be booked."""

    items: tuple[StatementException, ...]
    total: int
    page: int
    page_size: int
