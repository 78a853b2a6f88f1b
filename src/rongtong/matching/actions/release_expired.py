"""Free the capacity behind offers whose time is over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from rongtong.core.actors import Actor, system_actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.core.tenancy import as_platform
from rongtong.matching import models
from rongtong.matching.actions.reserve_capacity import give_back, lock_pools
from rongtong.matching.contracts import OfferState, ReservationState

_BATCH = 2000


def release_expired(*, at: datetime, actor: Actor | None = None) -> int:
    """Expire every offer whose time is over at `at`, in batches of a transaction each; how many they were.

    What was applied for is held until its application ends: each state of that has a deadline of its own.
    """
    actor, released = actor or system_actor("release_expired"), 0
    with as_platform():
        while batch := _release_batch(actor, at):
            released += batch
        models.Match.objects.filter(open=True, expires_at__lte=at).update(open=False)
    return released


def _release_batch(actor: Actor, at: datetime) -> int:
    over = models.Offer.objects.filter(
        state=OfferState.SHOWN.value, reservation__state=ReservationState.HELD.value, reservation__expires_at__lte=at
    ).select_related("reservation")
    with transaction.atomic():
        rows = list(over.order_by("reservation__expires_at", "id")[:_BATCH])
        if not rows:
            return 0
        lock_pools(pool_ids={row.reservation.pool_id for row in rows})
        ended = give_back(rows, OfferState.EXPIRED, only=(OfferState.SHOWN,), over_at=at)
        deeds = [Deed("offer.expired", encode_id("off", row.id), row.enterprise_id) for row in ended]
        record_all(deeds=deeds, actor=actor, at=at)
        return len(ended)
