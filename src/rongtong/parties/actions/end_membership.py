"""Have a person act for an organisation no longer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.parties import models
from rongtong.parties.actions.require_right import require_own_or_operator
from rongtong.parties.actions.revoke_api_key import revoke_keys_of


def end_membership(*, user_id: UUID, organisation_id: UUID, actor: Actor, at: datetime) -> None:
    """End all roles of a person in an organisation from the next request on, and the keys made in them.

    A second time changes nothing.

    Raises MembershipMissing for a foreign organisation.
    """
    require_own_or_operator(actor, organisation_id)
    with transaction.atomic():
        rows = models.Membership.objects.filter(user_id=user_id, organisation_id=organisation_id, ended_at__isnull=True)
        if rows.update(ended_at=at):
            revoke_keys_of(user_id, organisation_id=organisation_id, actor=actor, at=at)
            facts = {"organisation": encode_id("org", organisation_id)}
            record(deed=Deed("membership.ended", encode_id("usr", user_id), facts=facts), actor=actor, at=at)
