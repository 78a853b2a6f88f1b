"""End an offer before its time: declined, withdrawn by the firm, or no longer wanted; its capacity is free again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.core.tenancy import as_platform
from rongtong.matching import models
from rongtong.matching.actions.apply_for_offer import OfferNotOpen
from rongtong.matching.actions.reserve_capacity import give_back, lock_pools
from rongtong.matching.contracts import Offer, OfferId, OfferState
from rongtong.matching.queries.offers import OfferUnknown, offer


def release_offer(*, offer_id: OfferId, actor: Actor, at: datetime, reason: str = "") -> Offer:
    """Withdraw an offer; one that has ended already stays as it ended. Raises OfferUnknown, OfferNotOpen (if taken)."""
    subject = encode_id("off", offer_id)
    with as_platform(), transaction.atomic():
        row = models.Offer.objects.select_related("reservation").filter(id=offer_id).first()
        if row is None:
            raise OfferUnknown(offer=subject)
        lock_pools(pool_ids=[row.reservation.pool_id])
        ended = give_back([row], OfferState.WITHDRAWN)
        deeds = [Deed("offer.withdrawn", subject, one.enterprise_id, {"reason": reason}) for one in ended]
        record_all(deeds=deeds, actor=actor, at=at)
        now = offer(offer_id=offer_id)
        if now.state is OfferState.TAKEN:
            raise OfferNotOpen(offer=subject, state=now.state.value)
        return now
