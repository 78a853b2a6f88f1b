"""An entry of a lender's bank statement as it was read, and the checks that each form of a statement shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from rongtong.core.clock import china_date
from rongtong.servicing.adapters.xml import MessageMalformed

MAX_ENTRIES = 100_000
BOOKED = "BOOK"
"""The status of an entry that is in the account's books."""
NOT_BOOKED = frozenset({"PDNG", "INFO", "FUTR"})
"""Statuses by which an entry is in no books: pending, for information only, announced."""
_CREDIT = {"crdt", "credit", "贷", "收", "in"}
_DEBIT = {"dbit", "debit", "借", "付", "out"}


@dataclass(frozen=True, slots=True)
class BankEntry:
    """An entry of a statement, or one transaction of an entry that bundles several."""

    account: str
    """The lender's account that it is booked on; empty where the statement does not say."""
    entry_ref: str
    """The bank's reference. Banks use one again: on another day, and for a payment and its fee."""
    part: int
    """The number of the transaction within an entry that bundles several; 0 for a whole entry."""
    credit: bool
    """Whether the lender's account received money."""
    amount_minor: int
    currency: str
    booked_date: date
    end_to_end_id: str
    text: str
    status: str = BOOKED
    """The bank's word; whatever is not `BOOKED` is not known to be booked."""
    reversal: bool = False
    """It undoes or returns an earlier entry, or it is not clear that it does not."""
    bundled: bool = False
    """It bundles transactions that cannot be told apart, or do not add up to it."""

    def fact(self) -> tuple[object, ...]:
        """What makes it this entry and no other, but for the account: the reference and the content."""
        return (
            self.entry_ref, self.part, self.credit, self.amount_minor, self.currency, self.booked_date,
            self.end_to_end_id, self.text, self.status, self.reversal,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BankStatement:
    """A statement as it was read."""

    entries: list[BankEntry]
    pending: int = 0
    """How many more it names that are in no books: pending, for information only, announced."""


def check_length(found: list[BankEntry]) -> None:
    """Raises MessageMalformed where there are too many."""
    if len(found) > MAX_ENTRIES:
        raise MessageMalformed(why=_("it has more than %(limit)s entries") % {"limit": MAX_ENTRIES})


def reference_of(text: str) -> str:
    """A bank's reference of 1 to 64 printable characters. Raises MessageMalformed."""
    if not text or len(text) > 64 or not text.isprintable():
        raise MessageMalformed(why=_("an entry has no reference of 1 to 64 characters"))
    return text


def is_credit(text: str) -> bool:
    """Whether money came in. Raises MessageMalformed."""
    if text.lower() in _CREDIT:
        return True
    if text.lower() in _DEBIT:
        return False
    raise MessageMalformed(why=_("“%(text)s” says neither credit nor debit") % {"text": text[:20]})


def positive(minor: int) -> int:
    """An amount above zero. Raises MessageMalformed."""
    if minor <= 0:
        raise MessageMalformed(why=_("an entry has no positive amount"))
    return minor


def day_of(text: str) -> date:
    """A day as it is written, or the day in China of a moment with an offset. Raises MessageMalformed."""
    try:
        if "T" not in text:
            return date.fromisoformat(text.replace("/", "-"))
        moment = datetime.fromisoformat(text)
        return moment.date() if moment.tzinfo is None else china_date(moment)
    except (ValueError, OverflowError):
        raise MessageMalformed(why=_("“%(text)s” is no date") % {"text": text[:20]}) from None
