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
from rongtong.parties.queries.memberships import KEY_PREFIX, MembershipMissing, key_contract, secret_digest
from rongtong.parties.rules.names import clean_name


def issue_api_key(*, organisation_id: UUID, name: str, role: Role, actor: Actor, at: datetime) -> IssuedApiKey:
    """Make a key; its secret is in the answer and nowhere else. Raises MembershipMissing for a foreign organisation."""
    if actor.organisation_id not in {None, organisation_id}:
        raise MembershipMissing()
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = models.ApiKey.objects.create(
            organisation_id=organisation_id, name=clean_name(name)[:100], role=role, secret_digest=secret_digest(secret)
        )
        facts = {"name": row.name, "role": role}
        record(deed=Deed("api_key.issued", encode_id("key", row.id), facts=facts), actor=actor, at=at)
    return IssuedApiKey(key=key_contract(row), secret=secret)
