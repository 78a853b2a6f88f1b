"""Write a step of an application thrice: for its timeline, for the journal, and for the transparency log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rongtong.attest import facade as attest
from rongtong.attest.contracts import Step
from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.journal import Deed, record
from rongtong.origination import models


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the transparency log holds of a step: the row, and the bytes that its loader will give."""

    kind: str
    id: UUID
    content: bytes


def record_step(
    *,
    application: models.Application,
    name: str,
    subject: str,
    actor: Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    evidence: Evidence | None = None,
) -> None:
    """Record a step in the caller's transaction; one with evidence also goes into the transparency log."""
    models.Step.objects.create(
        application_id=application.id,
        enterprise_id=application.enterprise_id,
        lender_id=application.lender_id,
        name=name,
        **actor.columns(),
        facts=dict(facts or {}),
        occurred_at=at,
    )
    deed = Deed(name, subject, application.enterprise_id, {"lender": application.lender_id, **(facts or {})})
    record(deed=deed, actor=actor, at=at)
    if evidence is not None:
        step = Step(
            kind=name,
            subject=subject,
            enterprise_id=application.enterprise_id,
            lender_id=application.lender_id,
            evidence_kind=evidence.kind,
            evidence_id=evidence.id,
            evidence_digest=digest(evidence.content),
            occurred_at=at,
        )
        attest.append_steps(steps=[step], at=at)
