from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AttestConfig(AppConfig):
    name = "rongtong.attest"
    label = "attest"

    def ready(self) -> None:
        from rongtong.attest.adapters.evidence import register_evidence
        from rongtong.attest.models import STRUCTURE_COLUMNS
        from rongtong.attest.queries.seals import load_seals, load_structures

        register_evidence("seal", load_seals)
        register_evidence("database_structure", load_structures, STRUCTURE_COLUMNS)
        post_migrate.connect(_attach, sender=self, dispatch_uid="rongtong.attest")


def _attach(**_: Any) -> None:
    """After each migration: the tables that there are by now are sealed from now on."""
    from rongtong.attest.actions.attach_seals import attach_seals

    attach_seals()
