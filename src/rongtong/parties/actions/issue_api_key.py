"""Issue a key for a partner's program."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.limits import one_at_a_time
from rongtong.parties import models
from rongtong.parties.contracts import IssuedApiKey, Role
from rongtong.parties.queries.memberships import KEY_PREFIX, MembershipMissing, keeps_key, key_contract, secret_digest
from rongtong.parties.rules.names import clean_name
from rongtong.rulebook import facade as rulebook


class ApiKeyExists(Conflict):
    """The person has a live key of this name in the organisation: a request sent again makes no second one; revoke the first to replace it."""

    code = "api_key_exists"
    message = _("There is a key named “%(name)s” already (%(key)s). Revoke it to make another.")


class ApiKeysTooMany(Conflict):
    """The person has as many live keys in the organisation as one may; `limit` says how many."""

    code = "api_keys_too_many"
    message = _("You have %(limit)s live keys, which is the most. Revoke one that is not needed to make another.")


def issue_api_key(*, organisation_id: UUID, name: str, role: Role, actor: Actor, at: datetime) -> IssuedApiKey:
    """Make a key; its secret is in the answer and nowhere else.

    It belongs to the person who makes it, and ends with the person's account, recovery or role in the organisation.
    Raises MembershipMissing for a foreign organisation and for a role that the maker does not hold there; ApiKeyExists,
    ApiKeysTooMany.
    """
    if actor.organisation_id not in {None, organisation_id}:
        raise MembershipMissing()
    if actor.person_id and not keeps_key(maker_id=UUID(actor.person_id), organisation_id=organisation_id, role=role):
        raise MembershipMissing()
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    called, maker_id = clean_name(name)[:100], UUID(actor.person_id) if actor.person_id else None
    with transaction.atomic():
        one_at_a_time(f"api keys of {organisation_id}")
        known = models.ApiKey.objects.filter(organisation_id=organisation_id, name=called, maker_id=maker_id)
        live = known.filter(revoked_at__isnull=True).first()
        if live is not None:
            raise ApiKeyExists(name=called, key=encode_id("key", live.id))
        _refuse_too_many(organisation_id, maker_id, at)
        row = models.ApiKey.objects.create(
            organisation_id=organisation_id,
            name=called,
            role=role,
            secret_digest=secret_digest(secret),
            maker_id=maker_id,
        )
        facts = {"name": row.name, "role": role}
        record(deed=Deed("api_key.issued", encode_id("key", row.id), facts=facts), actor=actor, at=at)
    return IssuedApiKey(key=key_contract(row), secret=secret)


def _refuse_too_many(organisation_id: UUID, maker_id: UUID | None, at: datetime) -> None:
    """A key is live until it is revoked. The platform's own jobs are not counted."""
    if maker_id is None:
        return
    limit = int(rulebook.value("parties.api_keys_live_max", on=china_date(at)))
    live = models.ApiKey.objects.filter(organisation_id=organisation_id, maker_id=maker_id, revoked_at__isnull=True)
    if live.count() >= limit:
        raise ApiKeysTooMany(limit=limit)
