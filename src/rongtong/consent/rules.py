"""Pure rules of consent: whether an authorisation covers a read, how it stands at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from rongtong.consent.contracts import ConsentId, ConsentState, Refusal

_NEARNESS = list(Refusal)


@dataclass(frozen=True, slots=True)
class Read:
    """What is asked for: who reads which items for what, at which moment, over which span of data."""

    reader_id: UUID
    items: frozenset[str]
    purpose: str
    at: datetime
    range_from: date | None = None
    range_to: date | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one authorisation that decide about a read."""

    consent_id: ConsentId
    grantee_ids: Sequence[UUID]
    items: Sequence[str]
    purposes: Sequence[str]
    range_from: date
    range_to: date
    signed_at: datetime
    valid_from: datetime
    valid_to: datetime
    revoked_at: datetime | None


def refusal_of(terms: Terms, read: Read) -> Refusal | None:
    """Why one authorisation does not cover a read; None where it does.

    A revocation holds from its own moment on and doesn't undo what was read before (PIPL art. 15).
    """
    checks = (
        (Refusal.NOT_GRANTEE, read.reader_id in terms.grantee_ids),
        (Refusal.NOT_ITEM, read.items <= set(terms.items)),
        (Refusal.NOT_PURPOSE, read.purpose in terms.purposes),
        (Refusal.NOT_RANGE, _within(terms, read)),
        (Refusal.NOT_YET, max(terms.signed_at, terms.valid_from) <= read.at),
        (Refusal.EXPIRED, read.at < terms.valid_to),
        (Refusal.REVOKED, terms.revoked_at is None or read.at < terms.revoked_at),
    )
    return next((refusal for refusal, holds in checks if not holds), None)


def decide(candidates: Iterable[Terms], read: Read) -> ConsentId | Refusal:
    """The newest authorisation that covers a read, else the reason nearest to a permission.

    One authorisation must cover all items asked for at once.
    """
    reason = Refusal.NO_CONSENT
    for terms in sorted(candidates, key=lambda one: one.consent_id, reverse=True):
        refusal = refusal_of(terms, read)
        if refusal is None:
            return terms.consent_id
        reason = max(reason, refusal, key=_NEARNESS.index)
    return reason


def state_at(*, valid_to: datetime, revoked_at: datetime | None, at: datetime) -> ConsentState:
    """How an authorisation stands at a moment."""
    if revoked_at is not None and revoked_at <= at:
        return ConsentState.REVOKED
    return ConsentState.ACTIVE if at < valid_to else ConsentState.EXPIRED


def _within(terms: Terms, read: Read) -> bool:
    begins = read.range_from is None or terms.range_from <= read.range_from
    return begins and (read.range_to is None or read.range_to <= terms.range_to)
