"""How an authorisation stands at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rongtong.consent.contracts import ConsentState


@dataclass(frozen=True, slots=True)
class Standing:
    """How an authorisation came into force and what has befallen it since."""

    signed_at: datetime
    valid_from: datetime
    valid_to: datetime
    awaits_check: bool = False
    confirmed_at: datetime | None = None
    rejected_at: datetime | None = None
    revoked_at: datetime | None = None
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    """From when and until when it was suspended; None: still is."""

    def paused(self, at: datetime) -> bool:
        """Whether it is suspended at a moment."""
        return any(start <= at and (end is None or at < end) for start, end in self.pauses)

    def checked(self, at: datetime) -> bool:
        """Whether the signature counts at a moment."""
        return not self.awaits_check or (self.confirmed_at is not None and self.confirmed_at <= at)


def state_at(standing: Standing, at: datetime, *, consumed: bool = False) -> ConsentState:
    """How an authorisation stands at a moment."""
    if is_past(standing.rejected_at, at):
        return ConsentState.REJECTED
    if is_past(standing.revoked_at, at):
        return ConsentState.REVOKED
    if at >= standing.valid_to:
        return ConsentState.EXPIRED
    if not standing.checked(at):
        return ConsentState.AWAITING_CHECK
    if consumed:
        return ConsentState.CONSUMED
    return ConsentState.SUSPENDED if standing.paused(at) else ConsentState.ACTIVE


def pauses_of(
    changes: Sequence[tuple[str, datetime]],
) -> tuple[tuple[datetime, datetime | None], ...]:
    """The spans of suspension out of (`suspended` | `resumed`, moment), in the order of their moments."""
    spans: list[tuple[datetime, datetime | None]] = []
    for kind, moment in sorted(changes, key=lambda one: one[1]):
        opened = bool(spans) and spans[-1][1] is None
        if kind == "suspended" and not opened:
            spans.append((moment, None))
        elif kind == "resumed" and opened:
            spans[-1] = (spans[-1][0], moment)
    return tuple(spans)


def is_past(moment: datetime | None, at: datetime) -> bool:
    """Whether something has befallen by a moment."""
    return moment is not None and moment <= at
