"""What the operator writes about organisations: who acts for them, whose licence was withdrawn, how large a firm is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.core.clock import now
from rongtong.core.ids import decode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationKind, Role
from rongtong.parties.facade import Action
from rongtong.portals.access import deed_only, for_action, for_roles
from rongtong.portals.deeds import FormRefused, attempt
from rongtong.portals.forms import MemberForm, SizeForm, WithdrawalForm
from rongtong.portals.once import once


@deed_only
@for_action(Action.ADD_MEMBERSHIP)
@once
def add_member(request: Any, organisation_id: str) -> HttpResponse:
    """Have a person who has an account act for an organisation."""
    found = parties.organisation(decode_id("org", organisation_id))
    form = MemberForm(request.POST, kind=found.kind)

    def deed(given: dict[str, Any]) -> None:
        parties.add_membership(
            username=given["username"],
            organisation_id=found.id,
            role=Role(given["role"]),
            actor=request.actor,
            at=now(),
        )

    return _done(request, form, deed, _("The person acts for the organisation now."), _page(found.kind, found.id))


@deed_only
@for_action(Action.END_MEMBERSHIP)
@once
def end_member(request: Any, organisation_id: str, user_id: str) -> HttpResponse:
    """Have a person act for an organisation no longer."""
    found = parties.organisation(decode_id("org", organisation_id))

    def deed(_given: dict[str, Any]) -> None:
        parties.end_membership(
            user_id=decode_id("usr", user_id), organisation_id=found.id, actor=request.actor, at=now()
        )

    words = _("The person acts for the organisation no longer; the person's keys have ended.")
    return _done(request, forms.Form(request.POST), deed, words, _page(found.kind, found.id))


@deed_only
@for_action(Action.WITHDRAW_LICENCE)
@once
def withdraw_licence(request: Any, organisation_id: str) -> HttpResponse:
    """Take note that an authority withdrew a licence."""
    found = parties.organisation(decode_id("org", organisation_id))
    form = WithdrawalForm(request.POST, numbers=[one.number for one in parties.licences_of(found.id)])

    def deed(given: dict[str, Any]) -> None:
        parties.withdraw_licence(
            number=given["number"],
            withdrawn_date=given["withdrawn_date"],
            reason=given["reason"],
            actor=request.actor,
            at=now(),
        )

    return _done(request, form, deed, _("The withdrawal is recorded."), _page(found.kind, found.id))


@deed_only
@for_roles(Role.OPERATOR)
@once
def declare_size(request: Any, organisation_id: str) -> HttpResponse:
    """Take note of what a firm says about its size."""
    found = parties.organisation(decode_id("ent", organisation_id))

    def deed(given: dict[str, Any]) -> None:
        parties.declare_size(
            organisation_id=found.id,
            staff=given["staff"],
            revenue_minor=given["revenue"],
            assets_minor=given["assets"],
            actor=request.actor,
            at=now(),
        )

    return _done(request, SizeForm(request.POST), deed, _("The size is recorded."), _page(found.kind, found.id))


def _done(
    request: Any, form: forms.Form, deed: Callable[[dict[str, Any]], None], words: str, page: str
) -> HttpResponse:
    def checked() -> None:
        if not form.is_valid():
            raise FormRefused(form=form)
        deed(form.cleaned_data)

    return attempt(request, checked, done=words, then=page, otherwise=page)


def _page(kind: OrganisationKind, organisation_id: UUID) -> str:
    from rongtong.core.ids import encode_id

    if kind is OrganisationKind.ENTERPRISE:
        return reverse("portals:enterprise", args=[encode_id("ent", organisation_id)])
    return reverse("portals:institution", args=[encode_id("org", organisation_id)])
