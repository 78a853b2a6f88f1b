"""What firms owe or may come to owe at all lenders together: one sum over the reservations, and the limit it is held to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When

from rongtong.core.clock import china_date, now
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.matching import models
from rongtong.matching.contracts import (
    Exposure,
    ExposureLine,
    ExposurePage,
    ExposureStage,
    OfferId,
    ReservationState,
)
from rongtong.parties.contracts import OrganisationId

_PROMISED = (ExposureStage.APPLIED.value, ExposureStage.APPROVED.value)
_COUNTED = Q(state=ReservationState.HELD.value, stage__in=_PROMISED) | Q(
    state=ReservationState.CONSUMED.value, consumed_minor__gt=F("returned_minor")
)
_STANDING = Case(
    When(state=ReservationState.CONSUMED.value, then=F("consumed_minor") - F("returned_minor")),
    default=F("amount_minor"),
    output_field=BigIntegerField(),
)
PAGE_SIZE_MAX = 100


def exposure(
    *,
    enterprise_ids: Iterable[UUID],
    on: date | None = None,
    lender_id: UUID | None = None,
    without: OfferId | None = None,
) -> dict[OrganisationId, Exposure]:
    """The exposure of each firm by the rules of a day (today, where none is named); every firm asked for has one.

    Counted are applications under way at the amount asked, approvals and unsigned agreements at the amount granted, and
    agreements at what is owed and what may still be drawn, whoever the lender is; what was written off is still owed. A
    lender named by `lender_id` finds its own lines marked. `without` leaves the reservation of one offer out.
    """
    wanted = [OrganisationId(one) for one in dict.fromkeys(enterprise_ids)]
    firm_max = credit.firm_limit_max(on=on or china_date(now()))
    with as_platform():  # a lender is not told of the others, but no firm may borrow from each what it can carry once
        lines = _lines(wanted, lender_id, without)
        limits = _limits(wanted)
    made = {}
    for firm in wanted:
        known = limits.get(firm)
        elsewhere = known.elsewhere_minor if known else None
        own = list(lines.get(firm, ()))
        if elsewhere:
            own.append(ExposureLine(ExposureStage.ELSEWHERE, "", own=False, amount_minor=elsewhere))
        made[firm] = Exposure(
            enterprise_id=firm,
            lines=tuple(own),
            firm_max_minor=firm_max,
            measured_minor=known.measured_minor if known else None,
            elsewhere_minor=elsewhere,
            measured_at=known.recorded_at if known else None,
        )
    return made


def exposures(*, page: int = 1, page_size: int = 20, on: date | None = None) -> ExposurePage:
    """The firms with an exposure on the platform, the largest first: for those who oversee it."""
    page, page_size = max(page, 1), min(max(page_size, 1), PAGE_SIZE_MAX)
    first = (page - 1) * page_size
    with as_platform():
        sums = _counted().values("enterprise_id").annotate(total=Sum(_STANDING)).order_by("-total", "enterprise_id")
        ids = [row["enterprise_id"] for row in sums[first : first + page_size]]
        total = sums.count()
    found = exposure(enterprise_ids=ids, on=on)
    return ExposurePage(tuple(found[OrganisationId(one)] for one in ids), total, page, page_size)


def reservation_counted(*, offer_id: OfferId) -> int:
    """What of a firm's exposure stands behind one offer, in fen; 0 where it is not applied for or has ended."""
    with as_platform():
        return _counted().filter(offer__id=offer_id).aggregate(sum=Sum(_STANDING, default=0))["sum"] or 0


def deals_with(*, enterprise_id: UUID, lender_id: UUID) -> bool:
    """Whether a firm has applied to a lender, or owes it something."""
    with as_platform():
        return _counted().filter(enterprise_id=enterprise_id, lender_id=lender_id).exists()


def _counted() -> QuerySet[models.Reservation]:
    return models.Reservation.objects.filter(_COUNTED)


def _lines(
    firms: list[OrganisationId], lender_id: UUID | None, without: OfferId | None
) -> dict[OrganisationId, list[ExposureLine]]:
    rows = _counted().filter(enterprise_id__in=firms)
    if without is not None:
        rows = rows.exclude(offer__id=without)
    by_kind = rows.values("enterprise_id", "lender_id", "offer__product__lender_type", "state", "stage")
    parts: dict[tuple[OrganisationId, ExposureStage, str, bool], int] = {}
    for row in by_kind.annotate(standing=Sum(_STANDING), owed=Sum("owed_minor")):
        where = (row["offer__product__lender_type"], row["lender_id"] == lender_id)
        if row["state"] == ReservationState.CONSUMED.value:
            split = {ExposureStage.OWED: row["owed"], ExposureStage.UNDRAWN: row["standing"] - row["owed"]}
        else:
            split = {ExposureStage(row["stage"]): row["standing"]}
        for stage, amount in split.items():
            key = (OrganisationId(row["enterprise_id"]), stage, *where)
            parts[key] = parts.get(key, 0) + amount
    order = list(ExposureStage)
    lines: dict[OrganisationId, list[ExposureLine]] = {}
    for (firm, stage, kind, own), amount in sorted(parts.items(), key=lambda one: (order.index(one[0][1]), one[0][2:])):
        if amount:
            lines.setdefault(firm, []).append(ExposureLine(stage, kind, own, amount))
    return lines


def _limits(firms: list[OrganisationId]) -> dict[OrganisationId, models.FirmLimit]:
    rows = models.FirmLimit.objects.filter(enterprise_id__in=firms)
    newest = rows.order_by("enterprise_id", "-id").distinct("enterprise_id")
    return {OrganisationId(row.enterprise_id): row for row in newest}
