"""What changed between an offer and its decision, by name: nothing else may make the two differ."""

from __future__ import annotations

from datetime import date
from typing import Any

from rongtong.core.tenancy import as_platform
from rongtong.features.contracts import Portrait
from rongtong.matching import models
from rongtong.matching.contracts import Exposure, Offer, OfferState, ProductKind
from rongtong.matching.queries.case_inputs import Wish, expected_purpose
from rongtong.rulebook import facade as rulebook


def since_offer(
    *,
    offer: Offer,
    kind: ProductKind,
    wish: Wish,
    portrait: Portrait,
    exposure: Exposure,
    overdue_days: int,
    as_of: date,
) -> dict[str, Any]:
    """What the offer, of a product of a kind, said of its decision, and the names of what is no longer as it was when it was made."""
    with as_platform():
        match = models.Match.objects.get(id=offer.match_id)
    changes = {
        "day": match.as_of != as_of,
        "portrait": match.portrait_digest != portrait.content_digest,
        "exposure": match.exposure_minor != exposure.total_minor,
        "firm_limit": match.limit_minor != exposure.limit_minor,
        "overdue": bool(overdue_days) is not ("overdue_here" in offer.doubtful),
        "rules": match.rulebook_version != rulebook.version(on=as_of),
        "capacity": offer.state is not OfferState.APPLIED,
        "amount": wish.amount_minor != offer.amount_minor,
        "term": wish.term_months != offer.term_months,
        "purpose": wish.purpose != expected_purpose(kind),
        "human_review": wish.human_review,
    }
    return {
        "as_of": offer.as_of.isoformat(),
        "automatic": offer.automatic,
        "changed": [name for name, changed in changes.items() if changed],
    }
