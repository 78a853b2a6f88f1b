"""Reads of organisations: rows in, contracts out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import NotFound
from rongtong.core.ids import encode_id
from rongtong.parties import models
from rongtong.parties.contracts import (
    CheckResult,
    Identifier,
    Organisation,
    OrganisationId,
    OrganisationKind,
    OrganisationPage,
    SizeClass,
    SizeDeclaration,
)
from rongtong.parties.rules.identifiers import check_identifier
from rongtong.parties.rules.sizes import classify_size
from rongtong.rulebook import facade as rulebook

Relations = Callable[[UUID], Collection[UUID]]
_relations: list[Relations] = []


def tell_relations(tell: Relations) -> None:
    """Have `tell(organisation_id)` say which firms an organisation has to do with; called from an `AppConfig.ready` above."""
    if tell not in _relations:
        _relations.append(tell)


class OrganisationUnknown(NotFound):
    """No organisation has this id."""

    code = "organisation_unknown"
    message = _("There is no organisation %(organisation)s.")


def organisation(organisation_id: UUID) -> Organisation:
    """One organisation. Raises OrganisationUnknown."""
    found = organisations([organisation_id])
    if not found:
        raise OrganisationUnknown(organisation=encode_id("org", organisation_id))
    return next(iter(found.values()))


def organisation_seen(organisation_id: UUID, *, seen_by: UUID) -> Organisation:
    """One organisation as another sees it; a firm that it has nothing to do with is unknown to it. Raises OrganisationUnknown."""
    found = organisation(organisation_id)
    if found.kind is OrganisationKind.ENTERPRISE and found.id not in _firms_seen_by(seen_by):
        raise OrganisationUnknown(organisation=encode_id("org", organisation_id))
    return found


def organisations(organisation_ids: Iterable[UUID]) -> dict[OrganisationId, Organisation]:
    """Those of the given organisations that there are, in two queries whatever their number."""
    rows = models.Organisation.objects.filter(pk__in=set(organisation_ids))
    return {one.id: one for one in _contracts(rows)}


def institutions() -> tuple[Organisation, ...]:
    """Every registered institution, licensed now or not, in the order of registration."""
    return _contracts(models.Organisation.objects.filter(kind=OrganisationKind.INSTITUTION).order_by("id"))


def by_identifier(*, scheme: str, values: Iterable[str]) -> dict[str, OrganisationId]:
    """The organisation behind each identifier value that is known, under the value as it was given."""
    asked = {value: check_identifier(scheme, value)[1] for value in values}
    rows = models.Identifier.objects.filter(scheme=scheme, value__in=set(asked.values()))
    known = dict(rows.values_list("value", "organisation_id"))
    return {value: OrganisationId(known[normal]) for value, normal in asked.items() if normal in known}


def search_organisations(
    *,
    kind: OrganisationKind | None = None,
    text: str = "",
    page: int = 1,
    page_size: int = 20,
    seen_by: UUID | None = None,
) -> OrganisationPage:
    """Organisations whose name contains the text or whose identifier begins with it, by name; at most 200 a page.

    `seen_by` leaves out the firms that an organisation has nothing to do with: it sees itself, those that others tell of
    by `tell_relations`, and everybody who is no firm.
    """
    rows = models.Organisation.objects.order_by("name", "id")
    if seen_by is not None:
        rows = rows.filter(~Q(kind=OrganisationKind.ENTERPRISE) | Q(pk__in=_firms_seen_by(seen_by)))
    if kind is not None:
        rows = rows.filter(kind=kind)
    wanted = text.strip().replace("\x00", "")[:100]
    if wanted:
        holders = models.Identifier.objects.filter(value__istartswith=wanted).values("organisation_id")
        rows = rows.filter(Q(name__icontains=wanted) | Q(pk__in=holders))
    size, number = min(max(page_size, 1), 200), max(page, 1)
    total = rows.count()
    return OrganisationPage(
        items=_contracts(rows[(number - 1) * size : number * size]), total=total, page=number, page_size=size
    )


def _firms_seen_by(organisation_id: UUID) -> set[UUID]:
    return {organisation_id}.union(*(tell(organisation_id) for tell in _relations))


def size_class(
    *, industry_code: str, staff: int | None, revenue_minor: int | None, assets_minor: int | None, on: date
) -> SizeClass | None:
    """The size class by the thresholds in force on a day; None where it cannot be said. Amounts in fen."""
    return classify_size(
        rulebook.table("parties.size_thresholds", on=on),
        industry_code=industry_code,
        staff=staff,
        revenue_minor=revenue_minor,
        assets_minor=assets_minor,
    )


def size_declaration(*, organisation_id: UUID, on: date) -> SizeDeclaration | None:
    """What the firm had last declared by a day; seen by the firm and the platform only."""
    rows = models.SizeDeclaration.objects.filter(organisation_id=organisation_id, declared_date__lte=on)
    row = rows.order_by("-declared_date", "-id").first()
    if row is None:
        return None
    return SizeDeclaration(
        organisation_id=OrganisationId(row.organisation_id),
        declared_date=row.declared_date,
        staff=row.staff,
        revenue_minor=row.revenue_minor,
        assets_minor=row.assets_minor,
        size_class=SizeClass(row.size_class) if row.size_class else None,
    )


def _contracts(rows: QuerySet[models.Organisation] | Sequence[models.Organisation]) -> tuple[Organisation, ...]:
    if isinstance(rows, QuerySet):
        rows = rows.prefetch_related("identifiers")
    return tuple(contract(row) for row in rows)


def contract(row: models.Organisation) -> Organisation:
    """An organisation's row, with its identifiers, as others see it."""
    return Organisation(
        id=OrganisationId(row.id),
        kind=OrganisationKind(row.kind),
        name=row.name,
        identifiers=tuple(
            Identifier(scheme=one.scheme, value=one.value, check=CheckResult(one.check_result))
            for one in sorted(row.identifiers.all(), key=lambda one: one.id)
        ),
        region_code=row.region_code,
        industry_code=row.industry_code,
        established_date=row.established_date,
        size_class=SizeClass(row.size_class) if row.size_class else None,
        generated=row.generated,
    )
