"""Append steps to the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rongtong.attest import models
from rongtong.attest.adapters.evidence import current_versions
from rongtong.attest.contracts import Step
from rongtong.core.tenancy import Book, current_book, current_tenant


def append_steps(*, steps: Sequence[Step], at: datetime) -> None:
    """Write steps in the caller's transaction; the sequencer gives them their place soon after."""
    writer = current_tenant()
    book = Book.EVALUATION if current_book() is Book.EVALUATION else Book.LIVE
    models.Step.objects.bulk_create(
        [
            models.Step(
                kind=step.kind,
                subject=step.subject,
                enterprise_id=step.enterprise_id,
                lender_id=step.lender_id,
                written_by_id=writer,
                evidence_kind=step.evidence_kind,
                evidence_id=step.evidence_id,
                evidence_digest=step.evidence_digest,
                occurred_at=step.occurred_at,
                recorded_at=at,
                leaf_version=models.LEAF_COLUMNS.current,
                evidence_versions=current_versions(step.evidence_kind),
                book=book.value,
            )
            for step in steps
        ],
        batch_size=2000,
    )
