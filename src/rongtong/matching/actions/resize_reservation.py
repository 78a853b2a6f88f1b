"""Hold behind an offer what was asked for, then what was granted: less frees capacity, more takes it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.tenancy import as_platform
from rongtong.matching import models
from rongtong.matching.actions.lock_exposure import ExposureExceeded, check_exposure, lock_exposure
from rongtong.matching.actions.reserve_capacity import CapacityExhausted, lock_pools, move_capacity
from rongtong.matching.contracts import ExposureStage, OfferId, OfferState, ReservationState
from rongtong.matching.queries.exposures import reservation_counted
from rongtong.matching.queries.offers import OfferUnknown


class AmountNotReserved(Invalid):
    """More is to be held or committed than was offered, or nothing is."""

    code = "amount_not_reserved"
    message = _("The amount is not covered by the capacity reserved behind this offer.")


def hold_granted(*, offer_id: OfferId, amount_minor: int, at: datetime) -> None:
    """Hold what a lender's decision grants instead of what was asked for; called with the decision.

    Raises OfferUnknown, AmountNotReserved, CapacityExhausted, ExposureExceeded. An offer that is not applied for is left.
    """
    with as_platform(), transaction.atomic():
        row = _locked(offer_id)
        if row.state != OfferState.APPLIED.value:
            return
        more = amount_minor - reservation_counted(offer_id=offer_id)
        if more > 0:
            check_exposure(enterprise_id=row.enterprise_id, on=china_date(at), added_minor=more)
        resize(row, amount_minor, stage=ExposureStage.APPROVED)


def hold_again(*, offer_id: OfferId, actor: Actor, at: datetime) -> bool:
    """Hold what an application asked for, whose decision was set aside; False where it cannot be held any more.

    It cannot where the lender's pool or the firm's limit has no room for it by now. Raises OfferUnknown.
    """
    with as_platform(), transaction.atomic():
        row = _locked(offer_id)
        held = row.reservation
        if row.state == OfferState.APPLIED.value:
            held.stage = ExposureStage.APPLIED.value
            held.save(update_fields=["stage"])
        if row.state != OfferState.WITHDRAWN.value:
            return row.state == OfferState.APPLIED.value
        try:
            with transaction.atomic():
                check_exposure(enterprise_id=row.enterprise_id, on=china_date(at), added_minor=held.amount_minor)
                move_capacity({held.pool_id: (held.amount_minor, 0)})
        except (ExposureExceeded, CapacityExhausted):
            return False
        row.state = OfferState.APPLIED.value
        row.save(update_fields=["state"])
        held.state, held.stage = ReservationState.HELD.value, ExposureStage.APPLIED.value
        held.save(update_fields=["state", "stage"])
        facts = {"amount_minor": held.amount_minor}
        record(deed=Deed("offer.held_again", encode_id("off", row.id), row.enterprise_id, facts), actor=actor, at=at)
        return True


def resize(row: models.Offer, amount: int, *, stage: ExposureStage) -> None:
    """Set the amount held behind an offer whose firm and pool are locked. Raises AmountNotReserved, CapacityExhausted."""
    held = row.reservation
    if not 0 < amount <= row.amount_minor:
        raise AmountNotReserved(offer=encode_id("off", row.id), amount_minor=amount, reserved_minor=row.amount_minor)
    move_capacity({held.pool_id: (amount - held.amount_minor, 0)})
    held.amount_minor, held.stage = amount, stage.value
    held.save(update_fields=["amount_minor", "stage"])


def _locked(offer_id: OfferId) -> models.Offer:
    """The offer under the locks of its firm, its pool and its row."""
    known = models.Offer.objects.select_related("reservation").filter(id=offer_id).first()
    if known is None:
        raise OfferUnknown(offer=encode_id("off", offer_id))
    lock_exposure(enterprise_id=known.enterprise_id)
    lock_pools(pool_ids=[known.reservation.pool_id])
    rows = models.Offer.objects.select_for_update(of=("self", "reservation")).select_related("reservation")
    return rows.get(id=offer_id)
