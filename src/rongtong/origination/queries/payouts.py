"""When an agreement was paid out, as servicing knows it: it stands above origination and says where to ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

_find: list[Callable[[UUID], datetime | None]] = []


def register_payouts(find: Callable[[UUID], datetime | None]) -> None:
    """Name what finds the moment at which the first money of an agreement was paid; None where none was yet."""
    _find[:] = [find]


def paid_out_at(agreement_id: UUID) -> datetime | None:
    """When the lender's bank had paid the first money of an agreement, as far as who looks may see it."""
    return _find[0](agreement_id) if _find else None
