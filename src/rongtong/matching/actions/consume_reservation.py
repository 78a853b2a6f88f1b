"""Turn the capacity reserved behind an offer into capacity committed to an agreement."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.tenancy import as_platform
from rongtong.matching import models
from rongtong.matching.actions.apply_for_offer import OfferNotOpen
from rongtong.matching.actions.lock_exposure import check_exposure, lock_exposure
from rongtong.matching.actions.reserve_capacity import lock_pools, move_capacity
from rongtong.matching.actions.resize_reservation import AmountNotReserved
from rongtong.matching.contracts import ExposureStage, Offer, OfferId, OfferState, ReservationState
from rongtong.matching.queries.exposures import reservation_counted
from rongtong.matching.queries.offers import OfferUnknown, offer


def consume_reservation(*, offer_id: OfferId, amount_minor: int, actor: Actor, at: datetime) -> Offer:
    """Commit up to the reserved amount and free the rest; the same again changes nothing.

    The firm's exposure with it must not be over its limit of this day. Raises OfferUnknown, OfferNotOpen,
    AmountNotReserved, ExposureExceeded.
    """
    subject = encode_id("off", offer_id)
    with as_platform(), transaction.atomic():
        known = models.Offer.objects.filter(id=offer_id).values_list("enterprise_id", "reservation__pool_id").first()
        if known is None:
            raise OfferUnknown(offer=subject)
        firm, pool = known
        lock_exposure(enterprise_id=firm)
        lock_pools(pool_ids=[pool])
        row = (
            models.Offer.objects.select_for_update(of=("self", "reservation"))
            .select_related("reservation")
            .get(id=offer_id)
        )
        reservation = row.reservation
        if row.state == OfferState.TAKEN.value and reservation.consumed_minor == amount_minor:
            return offer(offer_id=offer_id)
        if row.state not in {OfferState.SHOWN.value, OfferState.APPLIED.value}:
            raise OfferNotOpen(offer=subject, state=row.state)
        if not 0 < amount_minor <= reservation.amount_minor:
            raise AmountNotReserved(offer=subject, amount_minor=amount_minor, reserved_minor=reservation.amount_minor)
        counted = reservation_counted(offer_id=offer_id)
        check_exposure(enterprise_id=firm, on=china_date(at), added_minor=amount_minor - counted)
        move_capacity({pool: (-reservation.amount_minor, amount_minor)})
        reservation.state, reservation.consumed_minor = ReservationState.CONSUMED.value, amount_minor
        reservation.stage = ExposureStage.UNDRAWN.value
        reservation.save(update_fields=["state", "consumed_minor", "stage"])
        models.Offer.objects.filter(id=offer_id).update(state=OfferState.TAKEN.value)
        record(deed=Deed("offer.taken", subject, row.enterprise_id, {"amount_minor": amount_minor}), actor=actor, at=at)
        return offer(offer_id=offer_id)
