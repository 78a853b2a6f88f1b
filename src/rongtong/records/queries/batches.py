"""Reads of batches: who brought what, when, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import NotFound
from rongtong.core.ids import encode_id
from rongtong.records import models
from rongtong.records.contracts import Batch, BatchId, BatchPage, SourceKind
from rongtong.records.rules import rank_of_source


class BatchUnknown(NotFound):
    """There is no such batch, or it is another organisation's."""

    code = "batch_unknown"
    message = _("There is no batch %(batch)s.")


def batches(*, page: int = 1, page_size: int = 50, item: str | None = None) -> BatchPage:
    """Deliveries, the latest first; at most 200 a page."""
    size, number = min(max(page_size, 1), 200), max(page, 1)
    rows = models.Batch.objects.order_by("-recorded_at", "-id")
    if item is not None:
        rows = rows.filter(item=item)
    shown = rows[(number - 1) * size : number * size]
    return BatchPage(items=tuple(map(contract, shown)), total=rows.count(), page=number, page_size=size)


def batch(*, batch_id: UUID) -> Batch:
    """One delivery. Raises BatchUnknown."""
    row = models.Batch.objects.filter(pk=batch_id).first()
    if row is None:
        raise BatchUnknown(batch=encode_id("bat", batch_id))
    return contract(row)


def batches_by_id(ids: Collection[UUID]) -> dict[UUID, Batch]:
    """Those of the deliveries that may be seen, in one query."""
    return {row.id: contract(row) for row in models.Batch.objects.filter(pk__in=ids)}


def contract(row: models.Batch) -> Batch:
    """A batch's row as others see it."""
    return Batch(
        id=BatchId(row.id),
        item=row.item,
        source=row.source,
        part=row.part,
        name=row.name,
        payload_digest=row.payload_digest,
        state=row.state,
        rows_read=row.rows_read,
        landed=row.landed,
        duplicates=row.duplicates,
        quarantined=row.quarantined,
        snapshot_id=row.snapshot_id,
        reasons=dict(row.reasons),
        actor=row.actor_name,
        actor_organisation_id=row.actor_organisation_id,
        actor_right=row.actor_right,
        collected_at=row.collected_at,
        recorded_at=row.recorded_at,
        rank=row.rank or rank_of_source(SourceKind(row.item), row.source).value,
    )
