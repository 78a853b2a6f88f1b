"""Reads of assertions: what importers say that firms authorised. Evaluations may read on them, nobody else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from rongtong.consent import models
from rongtong.consent.contracts import Assertion, AssertionId
from rongtong.core.canonical import canonical_json
from rongtong.core.frozen_columns import Versions, frozen_columns
from rongtong.core.tenancy import as_platform

ASSERTION = frozen_columns(
    "consent_assertion",
    "id enterprise_id items text asserted_by checked_by paper_id valid_to retention_days actor asserted_at content_digest",
    "id enterprise_id items text asserted_by checked_by paper_id valid_to retention_days actor asserted_at content_digest "
    "actor_organisation_id actor_right",
)


def assertion_bytes(row: models.Assertion, versions: Versions | None = None) -> bytes:
    """What was asserted, as canonical JSON, with the digest of the paper that was brought."""
    paper = row.paper.digest if row.paper else None
    return canonical_json(
        {"type": "rongtong.consent_assertion/1", "paper_sha256": paper, **ASSERTION.values(row, versions)}
    )


def load_assertions(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Evidence of kind `consent_assertion`."""
    rows = models.Assertion.objects.select_related("paper").filter(pk__in=ids)
    return {row.id: assertion_bytes(row, versions) for row in rows}


def asserted(*, enterprise_ids: Iterable[UUID], items: Collection[str], at: datetime) -> dict[UUID, AssertionId]:
    """By firm, the newest assertion in force that names all the items: one query for all."""
    rows = models.Assertion.objects.filter(
        enterprise_id__in=set(enterprise_ids), items__contains=sorted(map(str, items)), valid_to__gt=at
    )
    return {firm: AssertionId(key) for firm, key in rows.order_by("id").values_list("enterprise_id", "id")}


def assertions_of(*, enterprise_id: UUID) -> tuple[Assertion, ...]:
    """What was asserted about a firm, the newest first."""
    rows = models.Assertion.objects.select_related("paper").filter(enterprise_id=enterprise_id)
    return tuple(_contract(row) for row in rows.order_by("-id"))


def assertions_past_retention(*, at: datetime) -> dict[UUID, set[AssertionId]]:
    """By firm, the assertions whose records are due for erasure, unless a later one of the firm is in force."""
    with as_platform():
        in_force = models.Assertion.objects.filter(valid_to__gt=at).values("enterprise_id")
        ended = models.Assertion.objects.filter(valid_to__lte=at).exclude(enterprise_id__in=in_force)
        over: dict[UUID, set[AssertionId]] = {}
        for firm, key, end, days in ended.values_list("enterprise_id", "id", "valid_to", "retention_days"):
            if end + timedelta(days=days) <= at:
                over.setdefault(firm, set()).add(AssertionId(key))
    return over


def _contract(row: models.Assertion) -> Assertion:
    return Assertion(
        id=AssertionId(row.id),
        enterprise_id=row.enterprise_id,
        items=tuple(row.items),
        text=row.text,
        asserted_by=row.asserted_by,
        checked_by=row.checked_by,
        paper_name=row.paper.name if row.paper else "",
        paper_digest=row.paper.digest if row.paper else "",
        valid_to=row.valid_to,
        asserted_at=row.asserted_at,
    )
