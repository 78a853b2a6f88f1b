"""Whether an entry of a bank statement is booked by itself, or waits for a person: what is not known for sure waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from rongtong.servicing.contracts import ExceptionReason, InstructionKind, InstructionState

CURRENCY = "CNY"
BOOKED = "BOOK"

_BY_HAND = frozenset(
    {
        ExceptionReason.UNMATCHED,
        ExceptionReason.EXCESS,
        ExceptionReason.DATE_UNLIKELY,
        ExceptionReason.STATUS_UNKNOWN,
        ExceptionReason.ORDER_EXCEEDED,
        ExceptionReason.NOT_PAID_OUT,
        ExceptionReason.LOAN_CLOSED,
        ExceptionReason.FAULT,
    }
)
"""What a person who looked into it may find to be a firm's payment after all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry says; amounts in fen."""

    credit: bool
    amount_minor: int
    currency: str
    booked_date: date
    status: str = BOOKED
    reversal: bool = False
    bundled: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """The order that an entry names, and what was booked of it before; amounts in fen."""

    kind: InstructionKind
    state: InstructionState
    amount_minor: int
    business_date: date
    moved_minor: int = 0

    @property
    def credit(self) -> bool:
        """Whether it brings the lender money."""
        return self.kind is not InstructionKind.DRAWDOWN


@dataclass(frozen=True, slots=True)
class Days:
    """The days on which an entry may have been booked, as a statement comes in on a day."""

    last: date
    before_order: timedelta

    def hold(self, booked: date, ordered: date) -> bool:
        """Whether an entry of a day may answer an order of a day."""
        return ordered - self.before_order <= booked <= self.last


def why_it_waits(entry: Entry, order: Order | None, days: Days) -> ExceptionReason | None:
    """The reason why a person has to look at an entry; None where it may be booked on its order."""
    if entry.bundled:
        return ExceptionReason.BUNDLED
    if entry.status != BOOKED:
        return ExceptionReason.STATUS_UNKNOWN
    if order is not None and order.credit != entry.credit:
        return ExceptionReason.RETURNED
    if entry.reversal:
        return ExceptionReason.REVERSAL
    if entry.currency != CURRENCY:
        return ExceptionReason.WRONG_CURRENCY
    if order is None:
        return ExceptionReason.UNMATCHED
    return _why_it_does_not_fit(entry, order, days)


def may_be_booked(reason: ExceptionReason, *, credit: bool, reversal: bool, currency: str) -> bool:
    """Whether a person may book an entry that waits on a loan, as money that a firm paid."""
    return credit and not reversal and currency == CURRENCY and reason in _BY_HAND


def _why_it_does_not_fit(entry: Entry, order: Order, days: Days) -> ExceptionReason | None:
    if not order.credit and entry.amount_minor != order.amount_minor:
        return ExceptionReason.AMOUNT_DIFFERS
    if not order.credit and order.state is InstructionState.REJECTED:
        return ExceptionReason.ORDER_REJECTED
    if order.moved_minor and order.moved_minor + entry.amount_minor > order.amount_minor:
        return ExceptionReason.ORDER_EXCEEDED
    if not days.hold(entry.booked_date, order.business_date):
        return ExceptionReason.DATE_UNLIKELY
    return None
