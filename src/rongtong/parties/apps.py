from typing import Any

from django.apps import AppConfig
from django.db import transaction


class PartiesConfig(AppConfig):
    name = "rongtong.parties"
    label = "parties"

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set

        for signal in (password_changed, password_reset, password_set):
            signal.connect(_end_keys, dispatch_uid="rongtong.parties.keys")


def _end_keys(*, user: Any, **_: Any) -> None:
    """A person who sets a new password may have lost the old one: what was made with it ends."""
    from rongtong.core.actors import Actor
    from rongtong.core.clock import now
    from rongtong.core.tenancy import as_platform
    from rongtong.parties.actions.revoke_api_key import revoke_keys_of
    from rongtong.parties.queries.memberships import memberships_of

    with as_platform(), transaction.atomic():
        for own in memberships_of(user.pk):
            actor = Actor("user", str(user.pk), own.person_name, own.organisation_id)
            revoke_keys_of(user.pk, organisation_id=own.organisation_id, actor=actor, at=now())
