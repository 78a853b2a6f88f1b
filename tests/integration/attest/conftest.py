"""Rows of a made-up domain as evidence, and steps over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from rongtong.attest.adapters import evidence
from rongtong.attest.contracts import Step
from rongtong.core.canonical import digest
from rongtong.core.frozen_columns import Versions
from rongtong.core.ids import encode_id, new_id

AT = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)


class Deeds:
    """A domain whose rows the log attests."""

    def __init__(self) -> None:
        self.rows: dict[UUID, bytes] = {}
        self.calls = 0

    def load(self, ids: Sequence[UUID], versions: Versions) -> dict[UUID, bytes]:
        self.calls += 1
        return {key: self.rows[key] for key in ids if key in self.rows}

    def step(self, text: str, *, enterprise_id: UUID | None = None, subject: str = "") -> Step:
        key = new_id()
        self.rows[key] = text.encode()
        return Step(
            kind="deed.done",
            subject=subject or encode_id("deed", key),
            enterprise_id=enterprise_id,
            evidence_kind="deed",
            evidence_id=key,
            evidence_digest=digest(text.encode()),
            occurred_at=AT,
        )


@pytest.fixture
def deeds() -> Iterator[Deeds]:
    made = Deeds()
    evidence.register_evidence("deed", made.load)
    yield made
    evidence._kinds.pop("deed")
