"""Freeze the unused limit of facilities, and give it free again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.servicing import models
from rongtong.servicing.actions.attest_rows import Written, attest_rows
from rongtong.servicing.contracts import FacilityState


def freeze_limits(
    *,
    reason: str,
    actor: Actor,
    at: datetime,
    enterprise_id: UUID | None = None,
    facility_id: UUID | None = None,
    signal_id: UUID | None = None,
    but_of_lenders: Collection[UUID] = (),
) -> int:
    """Freeze the open facilities of a firm (or one facility) that have or may get an unused limit; say how many froze now.

    What is drawn stays drawn. A facility that is frozen already stays as it is. `but_of_lenders` are left alone.
    """
    which = _which(enterprise_id, facility_id) & ~Q(lender_id__in=list(but_of_lenders))
    return _set(which, frozen=True, reason=reason, signal_id=signal_id, actor=actor, at=at)


def unfreeze_limits(
    *, reason: str, actor: Actor, at: datetime, enterprise_id: UUID | None = None, facility_id: UUID | None = None
) -> int:
    """Give the unused limit of frozen facilities free again; say how many."""
    which = _which(enterprise_id, facility_id)
    return _set(which, frozen=False, reason=reason, signal_id=None, actor=actor, at=at)


def _which(enterprise_id: UUID | None, facility_id: UUID | None) -> Q:
    if enterprise_id is None and facility_id is None:
        raise ValueError("name an enterprise or a facility")
    return Q(pk=facility_id) if facility_id is not None else Q(enterprise_id=enterprise_id)


def _set(which: Q, *, frozen: bool, reason: str, signal_id: UUID | None, actor: Actor, at: datetime) -> int:
    with transaction.atomic():
        rows = models.Facility.objects.select_for_update().filter(which, state=FacilityState.OPEN, frozen=not frozen)
        if frozen:
            rows = rows.filter(Q(revolving=True) | Q(used_minor__lt=F("limit_minor")))
        found = list(rows.order_by("id"))
        for row in found:
            row.frozen, row.frozen_reason = frozen, reason[:200] if frozen else ""
        models.Facility.objects.bulk_update(found, ["frozen", "frozen_reason"])
        freezes = models.Freeze.objects.bulk_create(
            [
                models.Freeze(
                    facility=row,
                    enterprise_id=row.enterprise_id,
                    lender_id=row.lender_id,
                    frozen=frozen,
                    reason=reason[:200],
                    signal_id=signal_id,
                    unused_minor=row.limit_minor - row.used_minor,
                    actor=str(actor)[:100],
                    **actor.behalf(),
                    occurred_at=at,
                )
                for row in found
            ]
        )
        name = "limit.frozen" if frozen else "limit.unfrozen"
        written = [
            Written(one.id, encode_id("fac", one.facility_id), one.enterprise_id, one.lender_id) for one in freezes
        ]
        attest_rows(kind=name, evidence_kind="limit_freeze", rows=written, at=at)
        deeds = [
            Deed(
                name,
                subject=encode_id("fac", one.facility_id),
                enterprise_id=one.enterprise_id,
                facts={"reason": one.reason, "unused_minor": one.unused_minor},
            )
            for one in freezes
        ]
        record_all(deeds=deeds, actor=actor, at=at)
    return len(found)
