"""Bank entries that could not be booked: a lender's own, to settle; all of them, for the operator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.core.clock import now
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.parties.facade import Action
from rongtong.portals.access import deed_only, for_action, for_roles
from rongtong.portals.deeds import attempt
from rongtong.portals.export import EXPORT_PAGE, exported, whole, yuan
from rongtong.portals.labels import label_of
from rongtong.portals.listing import Asked, asked, listed
from rongtong.portals.once import once
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import EntryPage, ExceptionReason, StatementException

VIEWS = ("waiting", "settled")


@require_safe
@for_roles(Role.FUNDER, Role.OPERATOR)
def entries(request: Any) -> HttpResponse:
    """The entries that wait, or those that are settled, with their reasons."""
    wanted = asked(request)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "waiting"
    reason = request.GET.get("reason", "")
    chosen = ExceptionReason(reason) if reason in set(ExceptionReason) else None
    lender = request.membership.organisation_id if request.membership.role is Role.FUNDER else None

    def fetch(number: int, size: int) -> EntryPage:
        return servicing.unbooked_page(
            lender_id=lender, settled=view == "settled", reason=chosen, text=wanted.text, page=number, page_size=size
        )

    if wanted.export:
        return _exported(wanted, fetch)
    page = fetch(wanted.page, 20)
    context = {
        "list": listed(page.items, page.total, wanted),
        "names": parties.organisations(_parties(page.items)),
        "view": view,
        "views": VIEWS,
        "reason": chosen,
        "reasons": list(ExceptionReason),
        "lender": lender is not None,
    }
    return render(request, "portals/shared/entries.html", context)


@deed_only
@for_action(Action.RESOLVE_ENTRY)
@once
def resolve(request: Any, entry_id: str) -> HttpResponse:
    """Book an entry on a loan, or note how it was settled."""
    here = reverse("portals:entries")
    own = request.membership.organisation_id
    found = servicing.unbooked_entry(entry_id=_uuid(entry_id), lender_id=own)
    number = request.POST.get("loan", "").strip()

    def deed() -> StatementException:
        loan = servicing.loan_of_number(number=number, lender_id=own) if number else None
        return servicing.resolve_entry(
            unbooked_id=found.id,
            loan_id=loan.id if loan else None,
            note=request.POST.get("note", ""),
            actor=request.actor,
            at=now(),
        )

    done = _("The entry is booked on the loan.") if number else _("The entry is settled.")
    return attempt(request, deed, done=done, then=here, otherwise=here)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise servicing.EntryUnknown(entry=text[:40]) from None


def _parties(items: Any) -> set[UUID]:
    return {key for one in items for key in (one.enterprise_id, one.lender_id) if key is not None}


def _exported(wanted: Asked, fetch: Any) -> HttpResponse:
    def cut(number: int) -> tuple[tuple[StatementException, ...], int]:
        page = fetch(number, EXPORT_PAGE)
        return page.items, page.total

    head = [
        _("Lender"), _("Enterprise"), _("Entry"), _("Direction"), _("Amount"), _("Currency"), _("Booked on"), _("Why"),
        _("Loan number"), _("Text"), _("How it was settled"),
    ]  # fmt: skip
    rows = whole(cut)
    names = parties.organisations(_parties(rows))
    return exported(wanted.export, "unbooked-entries", head, [_row(one, names) for one in rows])


def _row(one: StatementException, names: Any) -> list[Any]:
    firm = names.get(one.enterprise_id) if one.enterprise_id else None
    return [
        names[one.lender_id].name if one.lender_id in names else "", firm.name if firm else "", one.entry_ref,
        label_of("in" if one.credit else "out", "money_way"), yuan(one.amount_minor), one.currency, one.booked_date,
        label_of(one.reason, "entry_reason"), one.loan_number, one.text, one.resolution,
    ]  # fmt: skip
