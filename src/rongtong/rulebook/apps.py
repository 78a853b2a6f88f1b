from typing import Any

from django.apps import AppConfig
from django.core.signals import request_started
from django.db.models.signals import post_migrate


class RulebookConfig(AppConfig):
    name = "rongtong.rulebook"
    label = "rulebook"

    def ready(self) -> None:
        post_migrate.connect(_sync, sender=self, dispatch_uid="rongtong.rulebook")
        request_started.connect(_age, dispatch_uid="rongtong.rulebook")


def _sync(*, using: str, **_: Any) -> None:
    """Bring the packaged rules into the table after each migration (and each flush of a test database)."""
    from django.db import connections

    from rongtong.core.actors import system_actor
    from rongtong.rulebook.actions.sync_rules import sync_rules

    if "rulebook_rule" in connections[using].introspection.table_names():
        sync_rules(actor=system_actor("rulebook.sync"))


def _age(**_: Any) -> None:
    """A web process looks once a minute whether another process has recorded rules."""
    from rongtong.rulebook import queries

    queries.age()
