"""The declared related parties (关联方) of the platform or of a lender."""

from __future__ import annotations

from uuid import UUID

from rongtong.origination import models
from rongtong.origination.contracts import RelatedParty


def related_parties(*, of: UUID) -> tuple[RelatedParty, ...]:
    """The related parties that an organisation declared, the latest first; seen by itself and the platform only."""
    rows = models.RelatedParty.objects.filter(of_id=of).order_by("-declared_at", "-id")
    return tuple(
        RelatedParty(
            of=row.of_id, scheme=row.scheme, value=row.value, relation=row.relation, declared_at=row.declared_at
        )
        for row in rows
    )
