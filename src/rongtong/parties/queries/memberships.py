"""Who a visitor is: the membership behind a session or an API key, and the actor that it makes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Forbidden
from rongtong.core.tenancy import as_platform
from rongtong.parties import models
from rongtong.parties.contracts import (
    ApiKey,
    ApiKeyId,
    Membership,
    OrganisationId,
    OrganisationKind,
    Role,
    UserId,
)
from rongtong.parties.rules.role_actions import MAY, Action

KEY_PREFIX = "rt_"
_CHOICE = "membership_organisation"


class MembershipMissing(Forbidden):
    """The visitor acts for nobody, or not for the organisation that was chosen."""

    code = "membership_missing"
    message = _("You do not act for this organisation.")


class RoleMissing(Forbidden):
    """The visitor acts for an organisation, but not in a role that may do this."""

    code = "role_missing"
    message = _("This needs another role: %(roles)s.")


_TITLES = {
    Role.OWNER: _("owner"),
    Role.BOOKKEEPER: _("bookkeeper"),
    Role.FUNDER: _("funder"),
    Role.OPERATOR: _("operator"),
    Role.REGULATOR: _("regulator"),
}


def role_titles(roles: Iterable[Role]) -> str:
    """Roles as the visitor's language names them."""
    return ", ".join(str(_TITLES[role]) for role in roles)


def secret_digest(secret: str) -> str:
    """What is kept of a key: its SHA-256; the secret has 256 random bits, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def memberships_of(user_id: UUID) -> tuple[Membership, ...]:
    """All that a person acts as, the oldest first; read as the platform, since a person may act for several tenants."""
    with as_platform():
        rows = models.Membership.objects.filter(user_id=user_id, ended_at__isnull=True, user__is_active=True)
        return tuple(map(_contract, rows.select_related("organisation", "user").order_by("recorded_at", "id")))


def membership_of_request(request: HttpRequest) -> Membership | None:
    """The membership that the visitor acts under: the key's, else the session's choice, else the oldest; None for strangers.

    A request that shows a key is judged by it alone, whatever session it carries.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _membership_of_key(secret.strip())
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    own = memberships_of(user.pk)
    chosen = request.session.get(_CHOICE)
    return next((one for one in own if str(one.organisation_id) == chosen), own[0] if own else None)


def choose_membership(request: HttpRequest, organisation_id: UUID) -> Membership:
    """Have the rest of the session act for one of the person's organisations. Raises MembershipMissing."""
    user = getattr(request, "user", None)
    own = memberships_of(user.pk) if user is not None and user.is_authenticated else ()
    for one in own:
        if one.organisation_id == organisation_id:
            request.session[_CHOICE] = str(organisation_id)
            return one
    raise MembershipMissing()


def require_membership(request: HttpRequest, *roles: Role) -> Membership:
    """The visitor's membership, in one of the roles where any are named. Raises MembershipMissing, RoleMissing."""
    found: Membership | None = getattr(request, "membership", None) or membership_of_request(request)
    if found is None:
        raise MembershipMissing()
    if roles and found.role not in roles:
        raise RoleMissing(roles=role_titles(roles))
    return found


def require_action(request: HttpRequest, action: Action) -> Membership:
    """The visitor's membership, in a role that may take an action. Raises MembershipMissing, RoleMissing."""
    return require_membership(request, *MAY[action])


def actor_of_request(request: HttpRequest) -> Actor:
    """The visitor as an actor. Raises MembershipMissing for strangers."""
    return actor_of_membership(require_membership(request))


def actor_of_membership(membership: Membership) -> Actor:
    """A membership as an actor."""
    return Actor(
        kind="client" if membership.by_key else "user",
        id=str(membership.user_id),
        name=membership.person_name,
        organisation_id=membership.organisation_id,
        person_id=str(membership.maker_id or "") if membership.by_key else str(membership.user_id),
    )


def members_of(organisation_id: UUID) -> tuple[Membership, ...]:
    """The people who act for an organisation; seen by it and by the platform."""
    rows = models.Membership.objects.filter(organisation_id=organisation_id, ended_at__isnull=True)
    return tuple(map(_contract, rows.select_related("organisation", "user").order_by("recorded_at", "id")))


def api_keys_of(organisation_id: UUID) -> tuple[ApiKey, ...]:
    """The keys of an organisation, revoked ones too, the newest first; seen by it and by the platform."""
    return tuple(map(key_contract, models.ApiKey.objects.filter(organisation_id=organisation_id).order_by("-id")))


def key_contract(row: models.ApiKey) -> ApiKey:
    """A key's row as it is listed."""
    return ApiKey(
        id=ApiKeyId(row.id),
        organisation_id=OrganisationId(row.organisation_id),
        name=row.name,
        role=Role(row.role),
        recorded_at=row.recorded_at,
        revoked_at=row.revoked_at,
    )


def keeps_key(*, maker_id: UUID, organisation_id: UUID, role: Role, since: datetime | None = None) -> bool:
    """Whether a person holds, and has held since a moment, the role that a key acts in; an owner keeps a bookkeeper's too."""
    roles = [role, Role.OWNER] if role is Role.BOOKKEEPER else [role]
    with as_platform():
        held = models.Membership.objects.filter(
            user_id=maker_id,
            user__is_active=True,
            organisation_id=organisation_id,
            role__in=roles,
            ended_at__isnull=True,
        )
        return held.exists() if since is None else held.filter(recorded_at__lte=since).exists()


def _lives(row: models.ApiKey) -> bool:
    """A key dies with its maker's account and with the role in which it was made."""
    if row.maker_id is None:
        return True
    return keeps_key(
        maker_id=row.maker_id, organisation_id=row.organisation_id, role=Role(row.role), since=row.recorded_at
    )


def _membership_of_key(secret: str) -> Membership | None:
    if not secret.startswith(KEY_PREFIX) or not secret.isascii():
        return None
    with as_platform():
        keys = models.ApiKey.objects.select_related("organisation")
        row = keys.filter(secret_digest=secret_digest(secret), revoked_at__isnull=True).first()
        if row is None or not _lives(row):
            return None
    return Membership(
        user_id=UserId(row.id),
        organisation_id=OrganisationId(row.organisation_id),
        organisation_name=row.organisation.name,
        organisation_kind=OrganisationKind(row.organisation.kind),
        role=Role(row.role),
        person_name=row.name,
        by_key=True,
        maker_id=UserId(row.maker_id) if row.maker_id else None,
    )


def _contract(row: models.Membership) -> Membership:
    return Membership(
        user_id=UserId(row.user_id),
        organisation_id=OrganisationId(row.organisation_id),
        organisation_name=row.organisation.name,
        organisation_kind=OrganisationKind(row.organisation.kind),
        role=Role(row.role),
        person_name=row.user.display_name or row.user.username,
    )


def person_behind(*, kind: str, actor_id: str) -> str:
    """The id of the person who acted: the user, or who made the key; empty where nobody is known to stand behind it."""
    if kind == "user":
        return actor_id
    if kind != "client":
        return ""
    try:
        key = UUID(actor_id)
    except ValueError:
        return ""
    with as_platform():
        maker = models.ApiKey.objects.filter(pk=key).values_list("maker_id", flat=True).first()
    return str(maker or "")


def username_taken(*, username: str) -> bool:
    """Whether somebody logs in by this name; asked as the platform, since people are written as it."""
    with as_platform():
        return models.User.objects.filter(username=username).exists()
