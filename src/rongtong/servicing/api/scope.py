"""Whose rows a caller of servicing asks for."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from rongtong.core.ids import decode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationKind

_OVERSEERS = {OrganisationKind.OPERATOR, OrganisationKind.REGULATOR}


def scope_of(request: HttpRequest, enterprise: str | None, lender: str | None) -> tuple[UUID | None, UUID | None]:
    """The firm and the lender whose rows are asked for: the caller's own side is fixed."""
    own = parties.require_membership(request)
    firm = decode_id("ent", enterprise) if enterprise else None
    bank = decode_id("org", lender) if lender else None
    if own.organisation_kind in _OVERSEERS:
        return firm, bank
    if own.organisation_kind is OrganisationKind.INSTITUTION:
        return firm, own.organisation_id
    return own.organisation_id, bank
