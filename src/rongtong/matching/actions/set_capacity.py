"""Let a lender say how much it puts behind a product."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Conflict
from rongtong.core.journal import Deed, record
from rongtong.core.tenancy import as_platform
from rongtong.matching.actions.reserve_capacity import lock_pools
from rongtong.matching.contracts import Capacity
from rongtong.matching.queries.products import ProductUnknown
from rongtong.parties.contracts import OrganisationId


class CapacityInUse(Conflict):
    """Less was set than is reserved or committed already."""

    code = "capacity_in_use"
    message = _("Part of this capacity is reserved or committed already; it cannot be set lower than that.")


def set_capacity(
    *, lender_id: OrganisationId, product_code: str, total_minor: int, actor: Actor, at: datetime
) -> Capacity:
    """Set the capacity of a lender's product in fen. Raises ProductUnknown, CapacityInUse."""
    with as_platform(), transaction.atomic():
        pools = [pool for pool in lock_pools(codes=[product_code]) if pool.lender_id == lender_id]
        if not pools:
            raise ProductUnknown(product=product_code)
        pool = pools[0]
        spoken_for = pool.reserved_minor + pool.committed_minor
        if total_minor < spoken_for:
            raise CapacityInUse(spoken_for_minor=spoken_for)
        facts = {"lender_id": lender_id, "before_minor": pool.total_minor, "total_minor": total_minor}
        pool.total_minor = total_minor
        pool.save(update_fields=["total_minor"])
        record(deed=Deed("capacity.set", product_code, facts=facts), actor=actor, at=at)
        return Capacity(lender_id, product_code, total_minor, pool.reserved_minor, pool.committed_minor)
