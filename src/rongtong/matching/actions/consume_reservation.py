"""Turn the capacity reserved behind an offer into capacity committed to an agreement."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.tenancy import as_platform
from rongtong.matching import models
from rongtong.matching.actions.apply_for_offer import OfferNotOpen
from rongtong.matching.actions.reserve_capacity import lock_pools, move_capacity
from rongtong.matching.contracts import Offer, OfferId, OfferState, ReservationState
from rongtong.matching.queries.offers import OfferUnknown, offer


class AmountNotReserved(Invalid):
    """More is to be committed than was reserved behind the offer, or nothing is."""

    code = "amount_not_reserved"
    message = _("The amount is not covered by the capacity reserved behind this offer.")


def consume_reservation(*, offer_id: OfferId, amount_minor: int, actor: Actor, at: datetime) -> Offer:
    """Commit up to the reserved amount and free the rest; the same again changes nothing.

    Raises OfferUnknown, OfferNotOpen, AmountNotReserved.
    """
    subject = encode_id("off", offer_id)
    with as_platform(), transaction.atomic():
        known = models.Offer.objects.filter(id=offer_id).values_list("reservation__pool_id", flat=True).first()
        if known is None:
            raise OfferUnknown(offer=subject)
        lock_pools(pool_ids=[known])
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
        move_capacity({known: (-reservation.amount_minor, amount_minor)})
        reservation.state, reservation.consumed_minor = ReservationState.CONSUMED.value, amount_minor
        reservation.save(update_fields=["state", "consumed_minor"])
        models.Offer.objects.filter(id=offer_id).update(state=OfferState.TAKEN.value)
        record(deed=Deed("offer.taken", subject, row.enterprise_id, {"amount_minor": amount_minor}), actor=actor, at=at)
        return offer(offer_id=offer_id)
