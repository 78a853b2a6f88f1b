"""Who I am, who takes part, and the keys of one's own programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from rongtong.core.bounds import Code, FenOrNone, Line, Name, PastDay
from rongtong.core.clock import china_date, now
from rongtong.core.ids import decode_id, encode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import ApiKey, Licence, Membership, Organisation, OrganisationKind, Role, SizeClass
from rongtong.parties.facade import MAY, Action

router = Router()
_OVERSEERS = {OrganisationKind.OPERATOR, OrganisationKind.REGULATOR}
"""Who may make and revoke keys of an organisation."""


class MembershipOut(Schema):
    """For whom one acts, and as what."""

    organisation: str
    organisation_name: str
    organisation_kind: OrganisationKind
    role: Role
    person_name: str
    by_key: bool


class ChoiceIn(Schema):
    """The organisation to act for."""

    organisation: Code


class IdentifierOut(Schema):
    """An identifier and how it checks; CHECK_MISMATCH may still be a legal early code."""

    scheme: str
    value: str
    check: str


class OrganisationOut(Schema):
    """What public registers say of an organisation."""

    id: str
    kind: OrganisationKind
    name: str
    identifiers: list[IdentifierOut]
    region_code: str
    industry_code: str
    established_date: date | None
    size_class: str | None
    generated: bool


class OrganisationsOut(Schema):
    """One page of organisations."""

    items: list[OrganisationOut]
    total: int
    page: int
    page_size: int


class LicenceOut(Schema):
    """A licence and whether it covers today."""

    type: str
    number: str
    scope: list[str]
    region_code: str
    valid_from: date
    valid_to: date
    withdrawn_date: date | None
    in_force: bool


class UsccCheckOut(Schema):
    """How a unified social credit code checks, its normal form, and what was probably meant."""

    check: str
    code: str
    suggestion: str | None


class KeyIn(Schema):
    """A key to be made."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    role: Role


class MemberIn(Schema):
    """A person who has an account, and the role to be held."""

    username: Name
    role: Role


class MemberOut(Schema):
    """A person who acts for an organisation."""

    id: str
    person_name: str
    role: Role


class LicenceWithdrawalIn(Schema):
    """A licence that an authority withdrew, from when and why."""

    number: Name
    withdrawn_date: PastDay
    reason: Line


class SizeIn(Schema):
    """A firm's staff, and its revenue of the last year and total assets at its end, in fen; what is not known is left out."""

    staff: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    revenue_minor: FenOrNone | None = None
    assets_minor: FenOrNone | None = None


class SizeOut(Schema):
    """A firm's size as declared, and the class by the thresholds in force; none where it cannot be said."""

    declared_date: date
    staff: int | None
    revenue_minor: int | None
    assets_minor: int | None
    size_class: SizeClass | None


class KeyOut(Schema):
    """A key as it is listed."""

    id: str
    name: str
    role: Role
    recorded_at: datetime
    revoked_at: datetime | None


class NewKeyOut(KeyOut):
    """A key with its secret, which is shown this once."""

    secret: str


@router.get("/me", response=MembershipOut, summary="For whom the caller acts")
def show_me(request: HttpRequest) -> dict[str, Any]:
    return _membership(parties.require_membership(request))


@router.get("/memberships", response=list[MembershipOut], summary="All that the caller may act as")
def list_memberships(request: HttpRequest) -> list[dict[str, Any]]:
    current = parties.require_membership(request)
    own = (current,) if current.by_key else parties.memberships_of(current.user_id)
    return [_membership(one) for one in own]


@router.post("/memberships/choice", response=MembershipOut, summary="Act for another of one's organisations")
def choose_membership(request: HttpRequest, choice: ChoiceIn) -> dict[str, Any]:
    return _membership(parties.choose_membership(request, decode_id("org", choice.organisation)))


@router.get(
    "/organisations",
    response=OrganisationsOut,
    summary="Find organisations by name or identifier: institutions, and the firms one has to do with",
)
def search_organisations(
    request: HttpRequest,
    text: Annotated[str, Field(max_length=200)] = "",
    kind: OrganisationKind | None = None,
    page: Annotated[int, Field(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Field(ge=1, le=200)] = 20,
) -> dict[str, Any]:
    own = parties.require_membership(request)
    seen_by = None if own.organisation_kind in _OVERSEERS else own.organisation_id
    found = parties.search_organisations(kind=kind, text=text, page=page, page_size=page_size, seen_by=seen_by)
    items = [_organisation(one) for one in found.items]
    return {"items": items, "total": found.total, "page": found.page, "page_size": found.page_size}


@router.get("/organisations/{organisation_id}", response=OrganisationOut, summary="One organisation")
def show_organisation(request: HttpRequest, organisation_id: str) -> dict[str, Any]:
    """Operator and regulator see all; others every institution, and the firms that they have to do with."""
    own, key = parties.require_membership(request), decode_id("org", organisation_id)
    if own.organisation_kind in _OVERSEERS:
        return _organisation(parties.organisation(key))
    return _organisation(parties.organisation_seen(key, seen_by=own.organisation_id))


@router.get("/organisations/{organisation_id}/licences", response=list[LicenceOut], summary="An institution's licences")
def list_licences(request: HttpRequest, organisation_id: str) -> list[dict[str, Any]]:
    today = china_date(now())
    return [_licence(one, today) for one in parties.licences_of(decode_id("org", organisation_id))]


@router.post(
    "/organisations/{organisation_id}/licences/withdrawal",
    response=LicenceOut,
    summary="Take note that an authority withdrew a licence: the institution lends no more from that day",
)
def withdraw_licence(request: HttpRequest, organisation_id: str, given: LicenceWithdrawalIn) -> dict[str, Any]:
    own, at = parties.require_action(request, Action.WITHDRAW_LICENCE), now()
    if given.number not in {one.number for one in parties.licences_of(decode_id("org", organisation_id))}:
        raise parties.LicenceUnknown(number=given.number)
    withdrawn = parties.withdraw_licence(
        number=given.number,
        withdrawn_date=given.withdrawn_date,
        reason=given.reason,
        actor=parties.actor_of_membership(own),
        at=at,
    )
    return _licence(withdrawn, china_date(at))


@router.post(
    "/organisations/{organisation_id}/size", response=SizeOut, summary="Declare a firm's size; contracts go by it"
)
def declare_size(request: HttpRequest, organisation_id: str, given: SizeIn) -> Any:
    own = parties.require_action(request, Action.DECLARE_SIZE)
    return parties.declare_size(
        organisation_id=decode_id("ent", organisation_id),
        staff=given.staff,
        revenue_minor=given.revenue_minor,
        assets_minor=given.assets_minor,
        actor=parties.actor_of_membership(own),
        at=now(),
    )


@router.get("/organisations/{organisation_id}/members", response=list[MemberOut], summary="Who acts for it")
def list_members(request: HttpRequest, organisation_id: str) -> list[dict[str, Any]]:
    parties.require_membership(request, Role.OPERATOR)
    return [_member(one) for one in parties.members_of(decode_id("org", organisation_id))]


@router.post(
    "/organisations/{organisation_id}/members",
    response={201: list[MemberOut]},
    summary="Have a person who has an account act for it",
)
def add_member(request: HttpRequest, organisation_id: str, given: MemberIn) -> Status[list[dict[str, Any]]]:
    own, key = parties.require_action(request, Action.ADD_MEMBERSHIP), decode_id("org", organisation_id)
    parties.add_membership(
        username=given.username,
        organisation_id=key,
        role=given.role,
        actor=parties.actor_of_membership(own),
        at=now(),
    )
    return Status(201, [_member(one) for one in parties.members_of(key)])


@router.post(
    "/organisations/{organisation_id}/members/{user_id}/end",
    response=list[MemberOut],
    summary="Have a person act for it no longer; the person's keys end too",
)
def end_member(request: HttpRequest, organisation_id: str, user_id: str) -> list[dict[str, Any]]:
    own, key = parties.require_action(request, Action.END_MEMBERSHIP), decode_id("org", organisation_id)
    parties.end_membership(
        user_id=decode_id("usr", user_id),
        organisation_id=key,
        actor=parties.actor_of_membership(own),
        at=now(),
    )
    return [_member(one) for one in parties.members_of(key)]


@router.get("/uscc/{code}", response=UsccCheckOut, summary="Check a unified social credit code (GB 32100-2015)")
def check_uscc(request: HttpRequest, code: str) -> dict[str, Any]:
    result, normal = parties.check_uscc(code)
    return {"check": result, "code": normal, "suggestion": parties.suggest_uscc(code)}


@router.get("/api-keys", response=list[KeyOut], summary="The keys of one's own organisation")
def list_api_keys(request: HttpRequest) -> list[dict[str, Any]]:
    own = parties.require_action(request, Action.KEEP_KEYS)
    return [_key(one) for one in parties.api_keys_of(own.organisation_id)]


@router.post("/api-keys", response={201: NewKeyOut}, summary="Make a key; its secret is shown this once")
def issue_api_key(request: HttpRequest, key: KeyIn, response: HttpResponse) -> Status[dict[str, Any]]:
    own = _keeper(request)
    if key.role not in {own.role, Role.BOOKKEEPER} or (key.role is Role.BOOKKEEPER and own.role is not Role.OWNER):
        raise parties.RoleMissing(roles=parties.role_titles([key.role]))
    issued = parties.issue_api_key(
        organisation_id=own.organisation_id,
        name=key.name,
        role=key.role,
        actor=parties.actor_of_membership(own),
        at=now(),
    )
    response["Cache-Control"] = "no-store"  # nor is it remembered for a repeated request
    return Status(201, _key(issued.key) | {"secret": issued.secret})


@router.post("/api-keys/{key_id}/revoke", response=KeyOut, summary="Revoke a key for good")
def revoke_api_key(request: HttpRequest, key_id: str) -> dict[str, Any]:
    actor = parties.actor_of_membership(_keeper(request))
    return _key(parties.revoke_api_key(key_id=decode_id("key", key_id), actor=actor, at=now()))


def _keeper(request: HttpRequest) -> Membership:
    """A person who may make and revoke keys; a key makes no keys."""
    own = parties.require_action(request, Action.KEEP_KEYS)
    if own.by_key:
        raise parties.RoleMissing(roles=parties.role_titles(MAY[Action.KEEP_KEYS]))
    return own


def _membership(one: Membership) -> dict[str, Any]:
    return {
        "organisation": encode_id("org", one.organisation_id),
        "organisation_name": one.organisation_name,
        "organisation_kind": one.organisation_kind,
        "role": one.role,
        "person_name": one.person_name,
        "by_key": one.by_key,
    }


def _member(one: Membership) -> dict[str, Any]:
    return {"id": encode_id("usr", one.user_id), "person_name": one.person_name, "role": one.role}


def _organisation(one: Organisation) -> dict[str, Any]:
    return {
        "id": encode_id("org", one.id),
        "kind": one.kind,
        "name": one.name,
        "identifiers": [{"scheme": it.scheme, "value": it.value, "check": it.check} for it in one.identifiers],
        "region_code": one.region_code,
        "industry_code": one.industry_code,
        "established_date": one.established_date,
        "size_class": one.size_class,
        "generated": one.generated,
    }


def _licence(one: Licence, today: date) -> dict[str, Any]:
    return {
        "type": one.type,
        "number": one.number,
        "scope": list(one.scope),
        "region_code": one.region_code,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "withdrawn_date": one.withdrawn_date,
        "in_force": one.in_force(today),
    }


def _key(one: ApiKey) -> dict[str, Any]:
    return {
        "id": encode_id("key", one.id),
        "name": one.name,
        "role": one.role,
        "recorded_at": one.recorded_at,
        "revoked_at": one.revoked_at,
    }
