"""Who saw what, as a list one can read: the same reading again at once is one line with a count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rongtong.consent.contracts import Access


@dataclass(frozen=True)
class Reading:
    """One line: an access and how often it came in a row, from the first to the last of them."""

    access: Access
    times: int
    first_at: datetime


def readings(accesses: Sequence[Access]) -> list[Reading]:
    """Neighbours that differ in nothing but the moment are put together; the latest comes first."""
    lines: list[Reading] = []
    for access in accesses:
        last = lines[-1] if lines else None
        if last is not None and _what(last.access) == _what(access):
            lines[-1] = Reading(last.access, last.times + 1, access.occurred_at)
        else:
            lines.append(Reading(access, 1, access.occurred_at))
    return lines


def _what(access: Access) -> tuple[object, ...]:
    return (access.reader_id, access.items, access.purpose, access.consent_id, access.refusal, access.actor_name)
