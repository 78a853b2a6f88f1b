"""Move capacity between free, reserved and committed: pools are locked in the order of their ids, and each move is checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Conflict
from rongtong.matching import models
from rongtong.matching.contracts import OfferState, ReservationState

_MOVE = """
UPDATE matching_capacity_pool AS pool
SET reserved_minor = pool.reserved_minor + move.reserved, committed_minor = pool.committed_minor + move.committed
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS move(id, reserved, committed)
WHERE pool.id = move.id
  AND pool.reserved_minor + move.reserved >= 0
  AND pool.committed_minor + move.committed >= 0
  AND pool.reserved_minor + move.reserved + pool.committed_minor + move.committed <= pool.total_minor
"""


class CapacityExhausted(Conflict):
    """A lender's pool does not hold what was to be reserved or committed."""

    code = "capacity_exhausted"
    message = _("The lender's capacity for this product is used up.")


def lock_pools(*, codes: Iterable[str] = (), pool_ids: Iterable[UUID] = ()) -> list[models.CapacityPool]:
    """Lock pools for the transaction: once, and in the order of their ids, so that no two writers wait for each other."""
    wanted = Q(product_code__in=set(codes)) | Q(id__in=set(pool_ids))
    return list(models.CapacityPool.objects.select_for_update().filter(wanted).order_by("id"))


def move_capacity(moves: Mapping[UUID, tuple[int, int]]) -> None:
    """Add (reserved, committed) to each pool, all or none. Raises CapacityExhausted."""
    ordered = sorted((pool, move) for pool, move in moves.items() if move != (0, 0))
    if not ordered:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE,
            [
                [pool for pool, _move in ordered],
                [move[0] for _pool, move in ordered],
                [move[1] for _pool, move in ordered],
            ],
        )
        if cursor.rowcount != len(ordered):
            raise CapacityExhausted(pools=len(ordered))


def give_back(
    offers: Iterable[models.Offer],
    state: OfferState,
    *,
    only: tuple[OfferState, ...] = (OfferState.SHOWN, OfferState.APPLIED),
    over_at: datetime | None = None,
) -> list[models.Offer]:
    """End offers whose pools are locked: their capacity is free again.

    Those in no state of `only` are passed by, and with `over_at` those that stand longer than that.
    """
    locked = models.Offer.objects.select_for_update(of=("self", "reservation")).select_related("reservation")
    found = locked.filter(id__in=[offer.id for offer in offers], state__in=[one.value for one in only])
    if over_at is not None:
        found = found.filter(reservation__expires_at__lte=over_at)
    rows = list(found.order_by("id"))
    moves: dict[UUID, tuple[int, int]] = {}
    for row in rows:
        pool = row.reservation.pool_id
        moves[pool] = (moves.get(pool, (0, 0))[0] - row.reservation.amount_minor, 0)
    move_capacity(moves)
    ended = ReservationState.EXPIRED if state is OfferState.EXPIRED else ReservationState.RELEASED
    models.Reservation.objects.filter(id__in=[row.reservation_id for row in rows]).update(state=ended.value)
    models.Offer.objects.filter(id__in=[row.id for row in rows]).update(state=state.value)
    return rows
