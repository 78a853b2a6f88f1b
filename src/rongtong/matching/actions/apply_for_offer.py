"""Take note that a firm applied for an offer: what it asks for is held, and counts as its exposure, until it is decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record, record_all
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.matching import models
from rongtong.matching.actions.lock_exposure import check_exposure, lock_exposure
from rongtong.matching.actions.reserve_capacity import give_back, lock_pools
from rongtong.matching.actions.resize_reservation import resize
from rongtong.matching.contracts import Exposure, ExposureStage, Offer, OfferId, OfferState
from rongtong.matching.queries.offers import OfferUnknown, offer
from rongtong.matching.rules.product_terms import read_limit


class OfferExpired(Conflict):
    """The offer's time was over before it was applied for; a new search may find it again."""

    code = "offer_expired"
    message = _("This offer has expired. Please search again.")


class OfferNotOpen(Conflict):
    """The offer was withdrawn, taken or has ended, so this can no longer be done with it."""

    code = "offer_not_open"
    message = _("This offer is no longer open.")


def apply_for_offer(*, offer_id: OfferId, actor: Actor, at: datetime, amount_minor: int | None = None) -> Offer:
    """Hold a shown offer's capacity until the application for it ends, no more of it than is asked for; again changes nothing.

    The firm's other offers that would no longer be granted beside this one are withdrawn: a new search finds what is
    left. Raises OfferUnknown, OfferExpired, OfferNotOpen, AmountNotReserved, ExposureExceeded.
    """
    subject = encode_id("off", offer_id)
    with as_platform(), transaction.atomic():
        known = models.Offer.objects.filter(id=offer_id).values_list("enterprise_id", "reservation__pool_id").first()
        if known is None:
            raise OfferUnknown(offer=subject)
        firm, pool = known
        lock_exposure(enterprise_id=firm)
        standing = models.Offer.objects.filter(enterprise_id=firm, state=OfferState.SHOWN.value)
        others = list(standing.exclude(id=offer_id).select_related("reservation", "product"))
        lock_pools(pool_ids={pool, *(one.reservation.pool_id for one in others)})
        row = (
            models.Offer.objects.select_for_update(of=("self", "reservation"))
            .select_related("reservation")
            .get(id=offer_id)
        )
        if row.state == OfferState.SHOWN.value:
            if row.expires_at <= at:
                raise OfferExpired(offer=subject)
            amount = row.amount_minor if amount_minor is None else amount_minor
            found = check_exposure(enterprise_id=firm, on=china_date(at), added_minor=amount)
            _hold(row, amount)
            facts = {"amount_minor": amount}
            record(deed=Deed("offer.applied", subject, firm, facts), actor=actor, at=at)
            _withdraw([one for one in others if not _fits(one, found, amount)], actor, at)
        elif row.state != OfferState.APPLIED.value:
            raise OfferNotOpen(offer=subject, state=row.state)
        return offer(offer_id=offer_id)


def _hold(row: models.Offer, amount: int) -> None:
    resize(row, amount, stage=ExposureStage.APPLIED)
    row.state = OfferState.APPLIED.value
    row.save(update_fields=["state"])


def _fits(row: models.Offer, found: Exposure, added_minor: int) -> bool:
    """Whether an application for another offer would still be granted in full beside what was added to the exposure."""
    total = found.total_minor + added_minor
    terms = replace(read_limit(row.product.terms), open_minor=total, room_minor=max(0, found.limit_minor - total))
    return row.amount_minor <= credit.left_of_limit(lines=row.workings["limit_lines"], terms=terms)


def _withdraw(offers: list[models.Offer], actor: Actor, at: datetime) -> None:
    """What the firm's limit no longer holds beside what it applied for is shown no longer."""
    ended = give_back(offers, OfferState.WITHDRAWN, only=(OfferState.SHOWN,)) if offers else []
    facts = {"reason": "limit_taken"}
    deeds = [Deed("offer.withdrawn", encode_id("off", row.id), row.enterprise_id, facts) for row in ended]
    record_all(deeds=deeds, actor=actor, at=at)
