"""Who the register names as legal representative."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from rongtong.parties import models
from rongtong.parties.contracts import LegalRepresentative, OrganisationId


def legal_representatives(enterprise_ids: Iterable[UUID]) -> dict[OrganisationId, LegalRepresentative]:
    """By firm, who was last noted; a firm that nobody was asked about is missing. Seen by the platform only."""
    rows = models.LegalRepresentative.objects.filter(organisation_id__in=set(enterprise_ids))
    newest = rows.order_by("organisation_id", "-as_of", "-recorded_at", "-id").distinct("organisation_id")
    return {
        OrganisationId(row.organisation_id): LegalRepresentative(
            OrganisationId(row.organisation_id), row.name, row.source, row.as_of
        )
        for row in newest
    }
