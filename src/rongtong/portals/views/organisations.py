"""Institutions with their licences, and enterprises, as the operator and the regulator look them up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.consent import facade as consent
from rongtong.core.clock import china_date, now
from rongtong.core.ids import decode_id
from rongtong.monitoring import facade as monitoring
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Licence, Organisation, OrganisationKind, Role
from rongtong.portals.access import for_roles
from rongtong.portals.accesses import readings
from rongtong.portals.export import exported
from rongtong.portals.listing import MOST_EXPORTED, asked, cut, listed

_SOON = timedelta(days=90)


@dataclass(frozen=True)
class Licensed:
    """An institution and how its licence stands: `valid`, `soon` (runs out within 90 days) or `none`."""

    organisation: Organisation
    licence: Licence | None
    standing: str


@require_safe
@for_roles(Role.OPERATOR, Role.REGULATOR)
def institutions(request: Any) -> HttpResponse:
    """The institutions and the licences they act under today."""
    wanted = asked(request)
    today = china_date(now())
    rows = [_licensed(one, today) for one in parties.institutions()]
    if wanted.export:
        head = [_("Name"), _("Licence"), _("Number"), _("Valid until"), _("Standing")]
        return exported(wanted.export, "institutions", head, [_exported(row) for row in rows])
    page = cut(rows, wanted, words=lambda row: row.organisation.name)
    return render(request, "portals/operator/institutions.html", {"list": page})


@require_safe
@for_roles(Role.OPERATOR, Role.REGULATOR)
def institution(request: Any, organisation_id: str) -> HttpResponse:
    """One institution with every licence it has had."""
    found = parties.organisation(decode_id("org", organisation_id))
    context = {
        "organisation": found,
        "licences": parties.licences_of(found.id),
        "current": _licensed(found, china_date(now())),
        "members": parties.members_of(found.id),
        "today": china_date(now()),
    }
    return render(request, "portals/operator/institution.html", context)


@require_safe
@for_roles(Role.OPERATOR, Role.REGULATOR)
def enterprises(request: Any) -> HttpResponse:
    """Enterprises by name or identifier, and whether they have authorised anything."""
    wanted = asked(request)
    size = 200 if wanted.export else 20
    found = parties.search_organisations(
        kind=OrganisationKind.ENTERPRISE, text=wanted.text, page=1 if wanted.export else wanted.page, page_size=size
    )
    if wanted.export:
        return _export_enterprises(wanted.export, wanted.text, found.total)
    live = consent.with_live_consent(enterprise_ids=[one.id for one in found.items], at=now())
    context = {"list": listed(found.items, found.total, wanted), "live": live}
    return render(request, "portals/operator/enterprises.html", context)


@require_safe
@for_roles(Role.OPERATOR, Role.REGULATOR)
def enterprise(request: Any, organisation_id: str) -> HttpResponse:
    """One enterprise: who it is, its authorisations, its open warnings, the last uses of its data."""
    found = parties.organisation(decode_id("ent", organisation_id))
    at = now()
    context = {
        "organisation": found,
        "consents": consent.consents_of(enterprise_id=found.id, at=at)[:10],
        "readings": readings(consent.accesses_of(enterprise_id=found.id, page_size=20).items),
        "signals": monitoring.signals(enterprise_id=found.id),
        "size": parties.size_declaration(organisation_id=found.id, on=china_date(at)),
    }
    return render(request, "portals/operator/enterprise.html", context)


def _licensed(organisation: Organisation, today: date) -> Licensed:
    licence = parties.licence_in_force(institution_id=organisation.id, on=today)
    if licence is None:
        return Licensed(organisation, next(iter(parties.licences_of(organisation.id)), None), "none")
    return Licensed(organisation, licence, "soon" if licence.valid_to - today < _SOON else "valid")


def _exported(row: Licensed) -> list[Any]:
    licence = row.licence
    return [row.organisation.name, licence and str(licence.type), licence and licence.number, licence and licence.valid_to, row.standing]  # fmt: skip


def _export_enterprises(kind: str, text: str, total: int) -> HttpResponse:
    rows: list[list[Any]] = []
    for number in range(1, min(total, MOST_EXPORTED) // 200 + 2):
        found = parties.search_organisations(kind=OrganisationKind.ENTERPRISE, text=text, page=number, page_size=200)
        for one in found.items:
            identifier = one.identifiers[0].value if one.identifiers else ""
            rows.append(
                [
                    one.name,
                    identifier,
                    one.region_code,
                    one.industry_code,
                    str(one.size_class or ""),
                    one.established_date,
                ]
            )
    head = [_("Name"), _("Identifier"), _("Region"), _("Industry"), _("Size"), _("Established")]
    return exported(kind, "enterprises", head, rows)
