"""Who saw what, as a list one can read: what was read in one go is one line, the same reading again too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rongtong.consent.contracts import Access


@dataclass(frozen=True)
class Reading:
    """One line: an access, the items read in the same moment, and how often it came in a row since `first_at`."""

    access: Access
    items: tuple[str, ...]
    times: int
    first_at: datetime


def readings(accesses: Sequence[Access]) -> list[Reading]:
    """Neighbours of one reader and purpose: those of one moment share a line, repetitions are counted; the latest first."""
    lines: list[Reading] = []
    for access in accesses:
        last = lines[-1] if lines else None
        if last is None or _who(last.access) != _who(access):
            lines.append(Reading(access, access.items, 1, access.occurred_at))
        elif last.first_at == access.occurred_at:
            lines[-1] = replace(last, items=(*last.items, *(one for one in access.items if one not in last.items)))
        elif set(last.items) == set(access.items):
            lines[-1] = replace(last, times=last.times + 1, first_at=access.occurred_at)
        else:
            lines.append(Reading(access, access.items, 1, access.occurred_at))
    return lines


def _who(access: Access) -> tuple[object, ...]:
    return (access.reader_id, access.purpose, access.consent_id, access.refusal, access.actor_name)
