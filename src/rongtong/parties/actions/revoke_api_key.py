"""Revoke a program's key: the next call with it is a stranger's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import NotFound
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.parties import models
from rongtong.parties.contracts import ApiKey
from rongtong.parties.queries.memberships import key_contract


class ApiKeyUnknown(NotFound):
    """There is no such key, or it belongs to another organisation."""

    code = "api_key_unknown"
    message = _("There is no such key.")


def revoke_api_key(*, key_id: UUID, actor: Actor, at: datetime) -> ApiKey:
    """Revoke a key for good; a second time changes nothing. Raises ApiKeyUnknown."""
    with transaction.atomic():
        row = models.ApiKey.objects.select_for_update().filter(pk=key_id).first()
        if row is None or actor.organisation_id not in {None, row.organisation_id}:
            raise ApiKeyUnknown()
        if row.revoked_at is None:
            row.revoked_at = at
            row.save(update_fields=["revoked_at"])
            record(deed=Deed("api_key.revoked", encode_id("key", row.id)), actor=actor, at=at)
    return key_contract(row)


def revoke_keys_of(user_id: UUID, *, organisation_id: UUID | None = None, actor: Actor, at: datetime) -> None:
    """Revoke the keys that a person made, in one organisation or in all; in the caller's transaction."""
    rows = models.ApiKey.objects.select_for_update().filter(maker_id=user_id, revoked_at__isnull=True)
    for row in rows.filter(organisation_id=organisation_id) if organisation_id else rows:
        row.revoked_at = at
        row.save(update_fields=["revoked_at"])
        record(deed=Deed("api_key.revoked", encode_id("key", row.id)), actor=actor, at=at)
