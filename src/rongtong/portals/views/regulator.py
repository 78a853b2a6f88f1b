"""The regulator's pages: overview, decisions with their replay, uses and refusals of data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rongtong.attest import facade as attest
from rongtong.consent import facade as consent
from rongtong.consent.contracts import Access
from rongtong.core.clock import china_date, now
from rongtong.core.ids import decode_id, encode_id
from rongtong.core.models import AuditEntry
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Application, ApplicationState, Decision, DecisionId
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation, OrganisationId, OrganisationKind, Role
from rongtong.portals import wording
from rongtong.portals.access import for_roles
from rongtong.portals.export import EXPORT_PAGE, MOST_EXPORTED, exported, whole, yuan
from rongtong.portals.exposures import largest_exposures
from rongtong.portals.labels import label_of
from rongtong.portals.listing import asked, listed
from rongtong.rulebook import facade as rulebook

_REFUSED = "consent.refused"
_GRANTED = (
    ApplicationState.APPROVED,
    ApplicationState.COUNTERED,
    ApplicationState.ACCEPTED,
    ApplicationState.SIGNED,
)


@dataclass(frozen=True)
class Refused:
    """A read that was refused."""

    at: datetime
    reader: str
    person: str
    right: str
    firm: str
    items: tuple[str, ...]
    refusal: str


@require_safe
@for_roles(Role.REGULATOR)
def home(request: Any) -> HttpResponse:
    """Counts of what an authority looks at first."""
    today = china_date(now())
    rules = rulebook.rules(on=today)
    states = origination.count_by_state()
    context = {
        "states": {state.value: count for state, count in states.items()},
        "granted": sum(states[state] for state in _GRANTED),
        "refusals": AuditEntry.objects.filter(action=_REFUSED).count(),
        "checkpoint": attest.latest_checkpoint(),
        "reviews": sum(rule.needs_review for rule in rules),
        "rules": len(rules),
        "institutions": len(parties.institutions()),
        "suspended": len(parties.suspended_institutions(on=today)),
        "objections": origination.open_objections(),
        "exposures": largest_exposures(),
    }
    return render(request, "portals/regulator/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.REGULATOR)
def decisions(request: Any) -> HttpResponse:
    """Every application with the decision that stands; by POST, all decisions are computed anew and compared."""
    wanted = asked(request)
    state = request.GET.get("state", "")
    states = [ApplicationState(state)] if state in set(ApplicationState) else []
    if wanted.export:
        return _export_decisions(wanted.export, states)
    page = origination.applications_at(states=states, page=wanted.page)
    found = origination.decisions(decision_ids=[one.decision_id for one in page.items if one.decision_id])
    replayed = origination.replay_decisions(ids=[*found]) if found else None
    context = {
        "list": listed(page.items, page.total, wanted),
        "decisions": found,
        "differing": set(replayed.differing) if replayed else set(),
        "state": state,
        "states": list(ApplicationState),
        "result": origination.replay_decisions() if request.method == "POST" else None,
    }
    return render(request, "portals/regulator/decisions.html", context)


@require_safe
@for_roles(Role.REGULATOR)
def decision(request: Any, decision_id: str) -> HttpResponse:
    """One decision with all that it rests on, computed anew."""
    found = origination.decision(decision_id=DecisionId(decode_id("dec", decision_id)))
    application = origination.application(application_id=found.application_id)
    context = {
        "decision": found,
        "application": application,
        "identical": not origination.replay_decisions(ids=[found.id]).differing,
        "inputs": sorted(found.inputs),
    }
    return render(request, "portals/regulator/decision.html", context)


@require_safe
@for_roles(Role.REGULATOR)
def accesses(request: Any) -> HttpResponse:
    """Refused reads of all firms; with a firm's number, every use of its data."""
    wanted = asked(request)
    context: dict[str, Any] = {"text": wanted.text}
    firms = (
        parties.search_organisations(kind=OrganisationKind.ENTERPRISE, text=wanted.text, page_size=8).items
        if wanted.text
        else ()
    )
    firm = next((one for one in firms if str(one.id) == request.GET.get("firm")), firms[0] if len(firms) == 1 else None)
    context |= {"firms": firms, "firm": firm}
    if wanted.export:
        return _export_accesses(wanted.export, firm) if firm is not None else _export_refused(wanted.export)
    if firm is not None:
        page = consent.accesses_of(enterprise_id=firm.id, page=wanted.page, page_size=20)
        context["list"] = listed(page.items, page.total, wanted)
    else:
        pages = Paginator(AuditEntry.objects.filter(action=_REFUSED).order_by("-recorded_at"), 20)
        beyond = wanted.page > pages.num_pages
        rows = () if beyond else pages.get_page(wanted.page).object_list
        context["list"] = listed(_refused(rows), pages.count, wanted)
    return render(request, "portals/regulator/accesses.html", context)


def _refused(entries: Iterable[AuditEntry]) -> list[Refused]:
    rows = list(entries)
    readers = [UUID(one.facts["reader"]) for one in rows]
    known = parties.organisations([one.enterprise_id for one in rows if one.enterprise_id] + readers)
    names = {key: one.name for key, one in known.items()}
    return [
        Refused(
            at=one.occurred_at,
            reader=names.get(OrganisationId(reader), ""),
            person=one.actor_name,
            right=one.actor_right,
            firm=names.get(OrganisationId(one.enterprise_id), "") if one.enterprise_id else "",
            items=tuple(one.facts["items"]),
            refusal=str(one.facts["refusal"]),
        )
        for one, reader in zip(rows, readers, strict=True)
    ]


def _export_decisions(kind: str, states: list[ApplicationState]) -> HttpResponse:
    def fetch(number: int) -> tuple[tuple[Application, ...], int]:
        page = origination.applications_at(states=states, page=number, page_size=EXPORT_PAGE)
        return page.items, page.total

    found = whole(fetch)
    made = origination.decisions(decision_ids=[one.decision_id for one in found if one.decision_id])
    head = [
        _("Number"), _("Enterprise"), _("Lender"), _("Product"), _("Amount"), _("Handed in"), _("State"),
        _("Decision"), _("Score"), _("Decided"), _("Decided by"), _("On behalf of"), _("By what right"),
    ]  # fmt: skip
    names = parties.organisations(one.actor_organisation_id for one in made.values() if one.actor_organisation_id)
    return exported(kind, "decisions", head, [_decision_row(one, made, names) for one in found])


def _decision_row(
    one: Application, made: Mapping[DecisionId, Decision], names: Mapping[OrganisationId, Organisation]
) -> list[Any]:
    stands = made.get(DecisionId(one.decision_id)) if one.decision_id else None
    decided = [
        label_of(stands.outcome, "outcome"), stands.score, stands.decided_at, label_of(stands.actor_name, "job"),
        _name_of(stands.actor_organisation_id, names), label_of(stands.actor_right, "right"),
    ] if stands else ["", None, None, "", "", ""]  # fmt: skip
    product = one.product_name_zh if wording.in_chinese() else one.product_name_en
    return [
        encode_id("app", one.id), one.enterprise_name, one.lender_name, product, yuan(one.amount_minor),
        one.submitted_at, label_of(one.state, "application_state"), *decided,
    ]  # fmt: skip


def _name_of(organisation_id: UUID | None, names: Mapping[OrganisationId, Organisation]) -> str:
    found = names.get(OrganisationId(organisation_id)) if organisation_id else None
    return found.name if found else ""


def _export_refused(kind: str) -> HttpResponse:
    head = [_("When"), _("Who asked"), _("Person"), _("By what right"), _("Of whom"), _("Records"), _("Why refused")]
    refused = _refused(AuditEntry.objects.filter(action=_REFUSED).order_by("-recorded_at")[:MOST_EXPORTED])
    rows = [[one.at, one.reader, label_of(one.person, "job"), label_of(one.right, "right"), one.firm, _items(one.items), label_of(one.refusal, "refusal")] for one in refused]  # fmt: skip
    return exported(kind, "refused-reads", head, rows)


def _export_accesses(kind: str, firm: Organisation) -> HttpResponse:
    def fetch(number: int) -> tuple[tuple[Access, ...], int]:
        page = consent.accesses_of(enterprise_id=firm.id, page=number, page_size=EXPORT_PAGE)
        return page.items, page.total

    head = [_("When"), _("Times"), _("Who"), _("Person"), _("By what right"), _("Records"), _("For"), _("Answer")]
    rows = [
        [
            one.occurred_at, one.times, one.reader_name, label_of(one.actor_name, "job"),
            label_of(one.actor_right, "right"), _items(one.items),
            "；".join(label_of(it, "purpose") for it in one.purposes), _answer(one),
        ]
        for one in whole(fetch)
    ]  # fmt: skip
    return exported(kind, f"accesses-{firm.name}", head, rows)


def _answer(one: Access) -> str:
    if one.refusals:
        return "；".join(label_of(it, "refusal") for it in one.refusals)
    if one.asserted:
        return _("Evaluation, on an importer’s word")
    return _("Permitted") if one.consent_id else _("Own data")


def _items(items: Iterable[str]) -> str:
    return ("、" if wording.in_chinese() else ", ").join(label_of(one, "item") for one in items)
