"""Have a person who has an account act for one more organisation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.tenancy import as_platform
from rongtong.parties import models
from rongtong.parties.actions.recover_login import UserUnknown
from rongtong.parties.contracts import Role
from rongtong.parties.queries.memberships import MembershipMissing
from rongtong.parties.queries.organisations import organisation


def add_membership(*, username: str, organisation_id: UUID, role: Role, actor: Actor, at: datetime) -> None:
    """Add a role, for the organisation itself or the platform; a role that is there already stays as it is.

    Raises UserUnknown, OrganisationUnknown, MembershipMissing for a foreign organisation.
    """
    if actor.organisation_id not in {None, organisation_id}:
        raise MembershipMissing()
    organisation(organisation_id)
    with as_platform(), transaction.atomic():  # the person is not one of the tenant's yet
        user = models.User.objects.filter(username=username).first()
        if user is None:
            raise UserUnknown()
        _, new = models.Membership.objects.get_or_create(
            user=user, organisation_id=organisation_id, role=role, ended_at__isnull=True
        )
        if new:
            facts = {"organisation": encode_id("org", organisation_id), "role": role}
            record(deed=Deed("membership.added", encode_id("usr", user.pk), facts=facts), actor=actor, at=at)
