"""Institutions with their licences, and enterprises, as the operator and the regulator look them up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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
from rongtong.portals import wording
from rongtong.portals.access import for_roles
from rongtong.portals.export import EXPORT_PAGE, exported, whole
from rongtong.portals.forms import MemberForm, SizeForm, WithdrawalForm
from rongtong.portals.labels import label_of
from rongtong.portals.labels.industries import industry_name
from rongtong.portals.labels.places import place_name
from rongtong.portals.listing import asked, cut, listed


@dataclass(frozen=True)
class Licensed:
    """An institution and how its licence stands: `valid`, `soon` (runs out within the rulebook's days of notice) or `none`."""

    organisation: Organisation
    licence: Licence | None
    standing: str


@require_safe
@for_roles(Role.OPERATOR, Role.REGULATOR)
def institutions(request: Any) -> HttpResponse:
    """The institutions and the licences they act under today."""
    wanted = asked(request)
    today = china_date(now())
    expiring = _expiring(today)
    rows = [_licensed(one, today, expiring) for one in parties.institutions()]
    if wanted.export:
        head = [_("Name"), _("Licence"), _("Number"), _("Valid until"), _("Standing")]
        return exported(wanted.export, "institutions", head, [_exported(row) for row in rows])
    page = cut(rows, wanted, words=lambda row: row.organisation.name)
    return render(request, "portals/operator/institutions.html", {"list": page})


@require_safe
@for_roles(Role.OPERATOR, Role.REGULATOR)
def institution(request: Any, organisation_id: str) -> HttpResponse:
    """One institution with every licence it has had."""
    found, today = parties.organisation(decode_id("org", organisation_id)), china_date(now())
    context = {
        "organisation": found,
        "licences": parties.licences_of(found.id),
        "current": _licensed(found, today, _expiring(today)),
        "members": parties.members_of(found.id),
        "today": today,
        "member_form": MemberForm(kind=found.kind),
        "withdrawal_form": WithdrawalForm(numbers=[one.number for one in parties.licences_of(found.id)]),
    }
    return render(request, "portals/operator/institution.html", context)


@require_safe
@for_roles(Role.OPERATOR, Role.REGULATOR)
def enterprises(request: Any) -> HttpResponse:
    """Enterprises by name or identifier, and whether they have authorised anything."""
    wanted = asked(request)
    if wanted.export:
        return _export_enterprises(wanted.export, wanted.text)
    found = parties.search_organisations(
        kind=OrganisationKind.ENTERPRISE, text=wanted.text, page=wanted.page, page_size=20
    )
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
        "accesses": consent.accesses_of(enterprise_id=found.id, page_size=20).items,
        "signals": monitoring.signals(enterprise_id=found.id),
        "size": parties.size_declaration(organisation_id=found.id, on=china_date(at)),
        "members": parties.members_of(found.id),
        "member_form": MemberForm(kind=found.kind),
        "size_form": SizeForm(),
    }
    return render(request, "portals/operator/enterprise.html", context)


def _expiring(today: date) -> set[str]:
    """The numbers of the licences that run out within the days of notice."""
    return {licence.number for _owner, licence in parties.expiring_licences(on=today)}


def _licensed(organisation: Organisation, today: date, expiring: set[str]) -> Licensed:
    licence = parties.licence_in_force(institution_id=organisation.id, on=today)
    if licence is None:
        return Licensed(organisation, next(iter(parties.licences_of(organisation.id)), None), "none")
    return Licensed(organisation, licence, "soon" if licence.number in expiring else "valid")


def _exported(row: Licensed) -> list[Any]:
    licence = row.licence
    return [
        row.organisation.name,
        label_of(licence.type, "licence_type") if licence else "",
        licence.number if licence else "",
        licence.valid_to if licence else None,
        label_of(row.standing, "standing"),
    ]


def _export_enterprises(kind: str, text: str) -> HttpResponse:
    def fetch(number: int) -> tuple[tuple[Organisation, ...], int]:
        found = parties.search_organisations(
            kind=OrganisationKind.ENTERPRISE, text=text, page=number, page_size=EXPORT_PAGE
        )
        return found.items, found.total

    chinese = wording.in_chinese()
    rows = [
        [
            one.name,
            one.identifiers[0].value if one.identifiers else "",
            place_name(one.region_code, chinese=chinese),
            industry_name(one.industry_code, chinese=chinese),
            label_of(one.size_class, "size"),
            one.established_date,
        ]
        for one in whole(fetch)
    ]
    head = [_("Name"), _("Identifier"), _("Region"), _("Industry"), _("Size"), _("Established")]
    return exported(kind, "enterprises", head, rows)
