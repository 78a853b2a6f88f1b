"""Open an account for a person, with the roles that the person has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.tenancy import as_platform
from rongtong.parties import models
from rongtong.parties.contracts import Role, UserId
from rongtong.parties.rules.names import clean_name


class UserMalformed(Invalid):
    """The user name or the password does not do; `why` says what to mend."""

    code = "user_malformed"
    message = _("This account cannot be opened: %(why)s")


def create_user(
    *,
    username: str,
    password: str,
    display_name: str,
    memberships: Sequence[tuple[UUID, Role]],
    actor: Actor,
    at: datetime,
) -> UserId:
    """Open an account; one whose user name is known stays as it is and is given back. Raises UserMalformed.

    People are written as the platform: until the membership is there, no tenant could see the row.
    """
    with as_platform():
        known = models.User.objects.filter(username=username).values_list("pk", flat=True).first()
        if known is not None:
            return UserId(known)
        user = models.User(username=username, display_name=clean_name(display_name)[:100])
        try:
            validate_password(password, user)
            user.set_password(password)
            user.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            raise UserMalformed(why=" ".join(error.messages)) from error
        with transaction.atomic():
            created, new = models.User.objects.get_or_create(
                username=username,
                defaults={"id": user.id, "password": user.password, "display_name": user.display_name},
            )
            if new:
                _join(created, memberships, actor, at)
        return UserId(created.pk)


def _join(user: models.User, memberships: Sequence[tuple[UUID, Role]], actor: Actor, at: datetime) -> None:
    models.Membership.objects.bulk_create(
        [
            models.Membership(user=user, organisation_id=organisation_id, role=role)
            for organisation_id, role in memberships
        ]
    )
    facts = {
        "username": user.username,
        "memberships": [[encode_id("org", organisation_id), role] for organisation_id, role in memberships],
    }
    record(deed=Deed("user.created", encode_id("usr", user.pk), facts=facts), actor=actor, at=at)
