"""Attest what the tables of the database are: keys, checks, triggers, rules on rows, functions."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from rongtong.attest import models
from rongtong.attest.actions.append_steps import append_steps
from rongtong.attest.actions.hold_lock import hold_lock
from rongtong.attest.adapters.structure import applied_migrations, parts
from rongtong.attest.contracts import Step
from rongtong.core.canonical import canonical_json, digest
from rongtong.core.sessions import code_version
from rongtong.core.tenancy import as_platform

_LOCK = 0x737472756374  # "struct": one at a time, over all processes


def record_structure(*, at: datetime) -> bool:
    """Attest the structure that a set of migrations made, once for each set; say whether that was now."""
    with as_platform(), transaction.atomic():
        hold_lock(_LOCK)
        made_by = applied_migrations()
        if models.Structure.objects.filter(migrations=made_by).exists():
            return False
        row = models.Structure.objects.create(migrations=made_by, parts=parts(), code=code_version(), recorded_at=at)
        step = Step(
            kind="structure.recorded",
            subject="database",
            enterprise_id=None,
            evidence_kind="database_structure",
            evidence_id=row.id,
            evidence_digest=digest(canonical_json(models.STRUCTURE_COLUMNS.values(row))),
            occurred_at=at,
        )
        append_steps(steps=[step], at=at)
    return True
