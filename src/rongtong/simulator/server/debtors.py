"""What a debtor pays when a lender collects: by its hidden health on that day, the same for the same seed."""

from __future__ import annotations

import hashlib
from datetime import date

from rongtong.simulator.server.store import Region
from rongtong.simulator.world.calendar import day_number, month_of


def payable(region: Region, *, debtor: str, day: date, amount_fen: int) -> int:
    """Fen that the debtor's account yields on a day for an amount asked.

    A sound firm pays in full, but for about one month in two hundred when the money comes a few days late. A firm in
    trouble has the money from some day of the month on, which may be too late for that month; before it, often nothing,
    sometimes a part. In default hardly anything comes, after closing nothing. Unknown debtors pay on time.
    """
    firm = region.index_of.get(debtor)
    if firm is None:
        return amount_fen
    closed = region.closed_day[firm]
    if 0 <= closed <= day_number(day):
        return 0
    months = len(region.stress)
    index = min(max(month_of(day) - month_of(region.summary.start_date), 0), months - 1)
    stress = float(region.stress[index, firm])
    ready, share, luck = (
        _draw(region.summary.seed, debtor, month_of(day), salt) for salt in ("ready", "share", "luck")
    )
    if stress < 0.15:
        late_by = 3 + int(share * 9) if luck < 0.005 else 0
        return amount_fen if day.day > late_by else 0
    if stress < 0.9:
        first_day = 1 + int(ready * 44 * min(1.0, stress * 1.5))
        if day.day >= first_day:
            return amount_fen
        return amount_fen * int(20 + share * 60) // 100 if luck < 0.3 else 0
    return amount_fen * int(5 + share * 30) // 100 if luck < 0.12 else 0


def _draw(seed: int, debtor: str, month: int, salt: str) -> float:
    """A number in [0, 1) that depends on its arguments only."""
    digest = hashlib.sha256(f"{seed}|{debtor}|{month}|{salt}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
