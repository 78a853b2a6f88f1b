"""Who is overdue on the platform, asked of the domain that keeps the loans: it stands above, and says so when it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

Reader = Callable[[Iterable[UUID]], Mapping[UUID, int]]
"""By firm the days past due of its worst loan, at whatever lender, as of the last close; firms without arrears are left out."""
_readers: list[Reader] = []


def register_arrears(reader: Reader) -> None:
    """Have a domain asked for arrears; registering again changes nothing."""
    if reader not in _readers:
        _readers.append(reader)


def arrears_of(*, enterprise_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Days past due of each firm that is overdue anywhere on the platform."""
    firms, found = list(enterprise_ids), dict[UUID, int]()
    for reader in _readers:
        for firm, days in reader(firms).items():
            found[firm] = max(days, found.get(firm, 0))
    return found
