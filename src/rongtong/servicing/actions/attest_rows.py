"""One call writes the log's steps for what was just written, with the digest of what the log will read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rongtong.attest import facade as attest
from rongtong.attest.contracts import Step
from rongtong.core.canonical import digest
from rongtong.core.ids import encode_id
from rongtong.ledger import facade as ledger
from rongtong.servicing.queries.evidence import load_fresh


@dataclass(frozen=True, slots=True)
class Written:
    """A row that is evidence, and what it is about."""

    evidence_id: UUID
    subject: str
    enterprise_id: UUID | None
    lender_id: UUID


def attest_rows(*, kind: str, evidence_kind: str, rows: Sequence[Written], at: datetime) -> None:
    """Append a step of a kind for each row."""
    if not rows:
        return
    content = load_fresh(evidence_kind, [row.evidence_id for row in rows])
    steps = [
        Step(
            kind=kind,
            subject=row.subject,
            enterprise_id=row.enterprise_id,
            lender_id=row.lender_id,
            evidence_kind=evidence_kind,
            evidence_id=row.evidence_id,
            evidence_digest=digest(content[row.evidence_id]),
            occurred_at=at,
        )
        for row in rows
    ]
    attest.append_steps(steps=steps, at=at)


def attest_posting(*, posting_id: UUID, at: datetime, kind: str = "interest.accrued") -> None:
    """Append a step for a posting that no row tells of (accruals, say), so that no entry of the ledger is outside of the log."""
    step = Step(
        kind=kind,
        subject=encode_id("pst", posting_id),
        enterprise_id=None,
        evidence_kind="ledger_posting",
        evidence_id=posting_id,
        evidence_digest=digest(ledger.posting_evidence([posting_id])[posting_id]),
        occurred_at=at,
    )
    attest.append_steps(steps=[step], at=at)
