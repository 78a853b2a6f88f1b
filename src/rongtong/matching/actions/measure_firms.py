"""Keep what firms may owe at all lenders together, as their portraits say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.credit.contracts import ScoreResult
from rongtong.features.contracts import Portrait
from rongtong.matching import models


def measure_firms(
    *,
    firms: Sequence[tuple[Portrait, ScoreResult]],
    on: date,
    at: datetime,
    enforced: Mapping[UUID, int] | None = None,
) -> None:
    """Measure by the rules of a day, and write what differs from the newest measure; called under the firms' locks.

    A portrait without anything to measure on leaves the measure of before: what is withheld raises no limit. `enforced`
    says by firm what the public register of judgment debtors was found to hold against it, in fen; where it was not asked
    now, what it said before stands. Nothing that a firm may withhold says what it owes elsewhere.
    """
    with as_platform():
        before = {
            row.enterprise_id: row
            for row in models.FirmLimit.objects.filter(enterprise_id__in=[one.enterprise_id for one, _ in firms])
            .order_by("enterprise_id", "-id")
            .distinct("enterprise_id")
        }
        rows = []
        for portrait, score in firms:
            measured = credit.measured_limit(values=portrait.values, score=score, on=on)
            if measured is None:
                continue
            known = before.get(portrait.enterprise_id)
            elsewhere = (enforced or {}).get(portrait.enterprise_id, known.elsewhere_minor if known else None)
            if known is not None and (known.measured_minor, known.elsewhere_minor) == (measured, elsewhere):
                continue
            rows.append(
                models.FirmLimit(
                    enterprise_id=portrait.enterprise_id,
                    measured_minor=measured,
                    elsewhere_minor=elsewhere,
                    as_of=on,
                    portrait_digest=portrait.content_digest,
                    recorded_at=at,
                )
            )
        models.FirmLimit.objects.bulk_create(rows)
