"""Give a lender's capacity back as its money comes back: what was committed to an agreement is free for the next firm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.core.tenancy import as_platform
from rongtong.matching import models
from rongtong.matching.actions.reserve_capacity import lock_pools, move_capacity
from rongtong.matching.contracts import OfferId, ReservationState


def return_capacity(
    *, returned: Mapping[OfferId, int], actor: Actor, at: datetime, owed: Mapping[OfferId, int] | None = None
) -> int:
    """Free what of each offer's commitment is back, said as the whole of it so far in fen; how much became free now.

    Capacity is a bound on what a lender has out or has promised, so it is not used up for good by a loan. The same again,
    or less than before, changes nothing; more than was committed frees all of it. Offers that were never taken are passed
    by. `owed` says what of the commitment is lent and not paid back; offers it leaves out keep what was said before.
    """
    with as_platform(), transaction.atomic():
        taken = models.Offer.objects.filter(
            id__in=list(returned), reservation__state=ReservationState.CONSUMED.value
        ).order_by("id")
        lock_pools(pool_ids=taken.values_list("reservation__pool_id", flat=True))
        rows = list(taken.select_for_update(of=("reservation",)).select_related("reservation"))
        moves: dict[UUID, tuple[int, int]] = {}
        deeds, changed = [], []
        for row in rows:
            held = row.reservation
            more = max(0, min(returned[OfferId(row.id)], held.consumed_minor) - held.returned_minor)
            lent = held.owed_minor if owed is None else owed.get(OfferId(row.id), held.owed_minor)
            lent = min(lent, held.consumed_minor - held.returned_minor - more)
            if not more and lent == held.owed_minor:
                continue
            held.returned_minor, held.owed_minor = held.returned_minor + more, lent
            changed.append(held)
            if not more:
                continue
            moves[held.pool_id] = (0, moves.get(held.pool_id, (0, 0))[1] - more)
            facts = {"amount_minor": more, "returned_minor": held.returned_minor}
            deeds.append(Deed("capacity.returned", encode_id("off", row.id), row.enterprise_id, facts))
        move_capacity(moves)
        models.Reservation.objects.bulk_update(changed, ["returned_minor", "owed_minor"], batch_size=1000)
        record_all(deeds=deeds, actor=actor, at=at)
        return -sum(committed for _reserved, committed in moves.values())
