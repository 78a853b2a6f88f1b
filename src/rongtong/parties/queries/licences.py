"""Reads of the licence register (持牌机构名录)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from rongtong.parties import models
from rongtong.parties.contracts import Licence, LicenceType, OrganisationId, OrganisationKind
from rongtong.rulebook import facade as rulebook


def licence_in_force(*, institution_id: UUID, on: date) -> Licence | None:
    """The licence under which an institution may act on a day: the one that lasts longest; None where it has none."""
    row = _in_force(on).filter(institution_id=institution_id).order_by("-valid_to").first()
    return None if row is None else contract(row)


def licences_of(institution_id: UUID) -> tuple[Licence, ...]:
    """Every licence of an institution, past and present, the latest first."""
    return tuple(map(contract, models.Licence.objects.filter(institution_id=institution_id).order_by("-valid_from")))


def suspended_institutions(*, on: date) -> frozenset[OrganisationId]:
    """The institutions without a licence in force on a day: none of their products is offered (red line: licensed lenders only)."""
    institutions = models.Organisation.objects.filter(kind=OrganisationKind.INSTITUTION)
    bare = institutions.filter(~Exists(_in_force(on).filter(institution_id=OuterRef("pk"))))
    return frozenset(map(OrganisationId, bare.values_list("pk", flat=True)))


def expiring_licences(*, on: date, before: date | None = None) -> tuple[tuple[OrganisationId, Licence], ...]:
    """The licences in force on a day that run out by another (by the end of the rulebook's notice), the soonest first."""
    if before is None:
        before = on + timedelta(days=int(rulebook.value("parties.licence_expiry_notice_days", on=on)))
    rows = _in_force(on).filter(valid_to__lte=before).order_by("valid_to", "number")
    return tuple((OrganisationId(row.institution_id), contract(row)) for row in rows)


def contract(row: models.Licence) -> Licence:
    """A licence's row as others see it."""
    return Licence(
        type=LicenceType(row.type),
        number=row.number,
        scope=tuple(row.scope),
        region_code=row.region_code,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        withdrawn_date=row.withdrawn_date,
    )


def _in_force(on: date):  # type: ignore[no-untyped-def]  # a queryset whose type the plugin infers
    live = Q(withdrawn_date__isnull=True) | Q(withdrawn_date__gt=on)
    return models.Licence.objects.filter(live, valid_from__lte=on, valid_to__gt=on)
