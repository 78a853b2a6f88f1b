"""Show no offer of a lender that may not read the firm's portrait any more: it could not decide."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Item, Purpose
from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.core.tenancy import as_platform
from rongtong.matching import models
from rongtong.matching.actions.reserve_capacity import give_back, lock_pools
from rongtong.matching.contracts import OfferState
from rongtong.parties.contracts import OrganisationId


def withdraw_unreadable(*, enterprise_id: OrganisationId, actor: Actor, at: datetime) -> int:
    """Withdraw a firm's offers not applied for whose lender has no live authorisation for the portrait; say how many."""
    with as_platform(), transaction.atomic():
        shown = models.Offer.objects.filter(enterprise_id=enterprise_id, state=OfferState.SHOWN.value)
        rows = list(shown.select_related("reservation"))
        readers = consent.readers_of(
            enterprise_ids=[enterprise_id],
            reader_ids=[row.lender_id for row in rows],
            item=Item.PORTRAIT,
            purpose=Purpose.FINANCING,
            at=at,
        )
        barred = [row for row in rows if row.lender_id not in readers[enterprise_id]]
        if not barred:
            return 0
        lock_pools(pool_ids={row.reservation.pool_id for row in barred})
        ended = give_back(barred, OfferState.WITHDRAWN, only=(OfferState.SHOWN,))
        facts = {"reason": "lender_not_authorised"}
        deeds = [Deed("offer.withdrawn", encode_id("off", row.id), enterprise_id, facts) for row in ended]
        record_all(deeds=deeds, actor=actor, at=at)
        return len(ended)
