"""One figure per firm, held to its limit: a lock per firm, under which its exposure is read, checked and raised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.matching.contracts import Exposure
from rongtong.matching.queries.exposures import exposure
from rongtong.parties.contracts import OrganisationId

_LOCK = "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key"


class ExposureExceeded(Conflict):
    """What the firm owes or is promised at all lenders together would be over its limit."""

    code = "exposure_exceeded"
    message = _("Together with what the firm owes or has applied for at all lenders, this is over the firm's limit.")


def lock_exposure(*, enterprise_id: UUID) -> None:
    """Hold a firm's exposure still to the end of the transaction: who raises it waits for who holds it."""
    lock_exposures(enterprise_ids=[enterprise_id])


def lock_exposures(*, enterprise_ids: Iterable[UUID]) -> None:
    """Hold the exposure of many firms, in the order of their keys, so that no two writers wait for each other."""
    lock_keys("exposure", [one.bytes for one in enterprise_ids])


def lock_keys(name: str, keys: Iterable[bytes]) -> None:
    """Hold advisory locks of a name to the end of the transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("a lock to the end of the transaction needs a transaction")
    numbers = {int.from_bytes(sha256(name.encode() + b":" + key).digest()[:8], "big", signed=True) for key in keys}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(numbers)])


def check_exposure(*, enterprise_id: UUID, on: date, added_minor: int = 0) -> Exposure:
    """The firm's exposure, with `added_minor` more not over its limit; called under its lock. Raises ExposureExceeded."""
    found = exposure(enterprise_ids=[enterprise_id], on=on)[OrganisationId(enterprise_id)]
    if found.total_minor + added_minor > found.limit_minor:
        raise ExposureExceeded(
            enterprise=encode_id("ent", enterprise_id),
            limit_minor=found.limit_minor,
            total_minor=found.total_minor,
            added_minor=added_minor,
            headroom_minor=found.headroom_minor,
        )
    return found
