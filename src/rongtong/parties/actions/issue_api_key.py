"""Issue a key for a partner's program."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.parties import models
from rongtong.parties.contracts import IssuedApiKey, Role
from rongtong.parties.queries.memberships import KEY_PREFIX, MembershipMissing, keeps_key, key_contract, secret_digest
from rongtong.parties.rules.names import clean_name


def issue_api_key(*, organisation_id: UUID, name: str, role: Role, actor: Actor, at: datetime) -> IssuedApiKey:
    """Make a key; its secret is in the answer and nowhere else.

    It belongs to the person who makes it, and ends with the person's account, recovery or role in the organisation.
    Raises MembershipMissing for a foreign organisation and for a role that the maker does not hold there.
    """
    if actor.organisation_id not in {None, organisation_id}:
        raise MembershipMissing()
    if actor.person_id and not keeps_key(maker_id=UUID(actor.person_id), organisation_id=organisation_id, role=role):
        raise MembershipMissing()
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = models.ApiKey.objects.create(
            organisation_id=organisation_id,
            name=clean_name(name)[:100],
            role=role,
            secret_digest=secret_digest(secret),
            maker_id=UUID(actor.person_id) if actor.person_id else None,
        )
        facts = {"name": row.name, "role": role}
        record(deed=Deed("api_key.issued", encode_id("key", row.id), facts=facts), actor=actor, at=at)
    return IssuedApiKey(key=key_contract(row), secret=secret)
