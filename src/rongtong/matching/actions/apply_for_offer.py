"""Take note that a firm applied for an offer: the capacity behind it is held until the application is decided."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.tenancy import as_platform
from rongtong.matching import models
from rongtong.matching.contracts import Offer, OfferId, OfferState
from rongtong.matching.queries.offers import OfferUnknown, offer
from rongtong.rulebook import facade as rulebook


class OfferExpired(Conflict):
    """The offer's time was over before it was applied for; a new search may find it again."""

    code = "offer_expired"
    message = _("This offer has expired. Please search again.")


class OfferNotOpen(Conflict):
    """The offer was withdrawn, taken or has ended, so this can no longer be done with it."""

    code = "offer_not_open"
    message = _("This offer is no longer open.")


def apply_for_offer(*, offer_id: OfferId, actor: Actor, at: datetime) -> Offer:
    """Hold a shown offer's capacity for the time of an application; doing so again changes nothing.

    Raises OfferUnknown, OfferExpired, OfferNotOpen.
    """
    with as_platform(), transaction.atomic():
        row = (
            models.Offer.objects.select_for_update(of=("self", "reservation"))
            .select_related("reservation")
            .filter(id=offer_id)
            .first()
        )
        if row is None:
            raise OfferUnknown(offer=encode_id("off", offer_id))
        if row.state == OfferState.SHOWN.value:
            if row.expires_at <= at:
                raise OfferExpired(offer=encode_id("off", offer_id))
            _hold(row, at)
            facts = {"expires_at": row.expires_at, "amount_minor": row.amount_minor}
            deed = Deed("offer.applied", encode_id("off", offer_id), row.enterprise_id, facts)
            record(deed=deed, actor=actor, at=at)
        elif row.state != OfferState.APPLIED.value:
            raise OfferNotOpen(offer=encode_id("off", offer_id), state=row.state)
        return offer(offer_id=offer_id)


def _hold(row: models.Offer, at: datetime) -> None:
    days = int(rulebook.value("matching.application_hold_days", on=china_date(at)))
    row.state, row.expires_at = OfferState.APPLIED.value, at + timedelta(days=days)
    row.save(update_fields=["state", "expires_at"])
    models.Reservation.objects.filter(id=row.reservation_id).update(expires_at=row.expires_at)
