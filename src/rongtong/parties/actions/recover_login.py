"""Let a person in again who lost the password or the device, after the operator has made sure who it is."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import NotFound
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.tenancy import as_platform
from rongtong.parties import models
from rongtong.parties.actions.create_user import UserMalformed
from rongtong.parties.actions.revoke_api_key import revoke_keys_of
from rongtong.parties.contracts import UserId


class UserUnknown(NotFound):
    """No account has this user name."""

    code = "user_unknown"
    message = _("There is no account of this name.")


def recover_login(*, username: str, password: str, actor: Actor, at: datetime) -> UserId:
    """Set a new password and take the second factor away; sessions of the old password and the person's keys end.

    Raises UserUnknown, UserMalformed."""
    with as_platform(), transaction.atomic():
        user = models.User.objects.select_for_update().filter(username=username).first()
        if user is None:
            raise UserUnknown()
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise UserMalformed(why=" ".join(error.messages)) from error
        user.set_password(password)
        user.save(update_fields=["password"])
        Authenticator.objects.filter(user_id=user.pk).delete()
        revoke_keys_of(user.pk, actor=actor, at=at)
        facts = {"username": username}
        record(deed=Deed("login.recovered", encode_id("usr", user.pk), facts=facts), actor=actor, at=at)
        return UserId(user.pk)
