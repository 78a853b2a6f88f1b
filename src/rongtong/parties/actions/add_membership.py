"""Have a person who has an account act for one more organisation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.tenancy import as_platform
from rongtong.parties import models
from rongtong.parties.actions.recover_login import UserUnknown
from rongtong.parties.actions.require_right import require_own_or_operator
from rongtong.parties.contracts import ROLES_OF, Role
from rongtong.parties.queries.organisations import organisation


class RoleUnsuited(Invalid):
    """A role was to be given that organisations of this kind do not have, such as a lender's in a firm."""

    code = "role_unsuited"
    message = _("Nobody has this role in an organisation of this kind.")


def add_membership(*, username: str, organisation_id: UUID, role: Role, actor: Actor, at: datetime) -> None:
    """Add a role, for the organisation itself or the platform; a role that is there already stays as it is.

    Raises UserUnknown, OrganisationUnknown, RoleUnsuited, MembershipMissing for a foreign organisation.
    """
    require_own_or_operator(actor, organisation_id)
    if role not in ROLES_OF[organisation(organisation_id).kind]:
        raise RoleUnsuited()
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
