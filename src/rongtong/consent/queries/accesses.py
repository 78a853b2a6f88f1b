"""Who saw what: the log as the firm reads it (PIPL art. 45, 征信业管理条例 art. 22)."""

from __future__ import annotations

from uuid import UUID

from rongtong.consent import models
from rongtong.consent.contracts import Access, AccessPage, ConsentId, Refusal
from rongtong.parties import facade as parties


def accesses_of(*, enterprise_id: UUID, page: int = 1, page_size: int = 50) -> AccessPage:
    """Uses of and refusals about a firm's data, the latest first; at most 200 a page."""
    size, number = min(max(page_size, 1), 200), max(page, 1)
    rows = models.Access.objects.filter(enterprise_id=enterprise_id).order_by("-occurred_at", "-id")
    shown = list(rows[(number - 1) * size : number * size])
    readers = parties.organisations(row.reader_id for row in shown)
    names: dict[UUID, str] = {one.id: one.name for one in readers.values()}
    return AccessPage(
        items=tuple(_contract(row, names) for row in shown), total=rows.count(), page=number, page_size=size
    )


def _contract(row: models.Access, names: dict[UUID, str]) -> Access:
    return Access(
        reader_id=row.reader_id,
        reader_name=names.get(row.reader_id, ""),
        items=tuple(row.items),
        purpose=row.purpose,
        consent_id=ConsentId(row.authorisation_id) if row.authorisation_id else None,
        refusal=Refusal(row.refusal) if row.refusal else None,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        actor_right=row.actor_right,
        occurred_at=row.occurred_at,
    )
