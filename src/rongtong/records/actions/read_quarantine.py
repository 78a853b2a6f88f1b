"""Read what was refused: word for word, as long as the firm's consent stands; the reading is kept like any other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Purpose
from rongtong.core.actors import Actor
from rongtong.records.contracts import BatchId, RefusedPage, RefusedRow
from rongtong.records.models import RefusedRow as Row
from rongtong.records.queries.batches import batch


def read_quarantine(
    *,
    reader_id: UUID,
    actor: Actor,
    at: datetime,
    batch_id: UUID | None = None,
    item: str | None = None,
    reason: str | None = None,
    page: int = 1,
    page_size: int = 50,
) -> RefusedPage:
    """Refused rows of a delivery (those its file had brought before too), a kind or a reason; at most 200 a page.

    A row of a firm that does not authorise the reader is listed without its words. Raises BatchUnknown.
    """
    size, number = min(max(page_size, 1), 200), max(page, 1)
    rows = Row.objects.order_by("-recorded_at", "batch_id", "row_number")
    if batch_id is not None:
        delivery = batch(batch_id=batch_id)
        rows = rows.filter(payload_digest=delivery.payload_digest, item=delivery.item, part=delivery.part)
    if item is not None:
        rows = rows.filter(item=item)
    reasons = dict(rows.order_by().values_list("reason").annotate(count=Count("id")).order_by("-count", "reason"))
    if reason is not None:
        rows = rows.filter(reason=reason)
    shown = list(rows[(number - 1) * size : number * size])
    readable = _readable(shown, reader_id, actor, at)
    return RefusedPage(
        items=tuple(_contract(row, told=row.id in readable) for row in shown),
        total=rows.count(),
        page=number,
        page_size=size,
        reasons=reasons,
    )


def _readable(rows: list[Row], reader_id: UUID, actor: Actor, at: datetime) -> set[UUID]:
    """Rows that name no firm are the deliverer's own slip and nobody's data."""
    firms: dict[str, list[UUID]] = {}
    for row in rows:
        if row.enterprise_id is not None:
            firms.setdefault(row.item, []).append(row.enterprise_id)
    allowed: set[tuple[str, UUID]] = set()
    for item, ids in firms.items():
        permitted = consent.permitted(
            reader_id=reader_id, enterprise_ids=ids, item=item, purpose=Purpose.FINANCING, actor=actor, at=at
        )
        allowed |= {(item, firm) for firm in permitted}
    return {row.id for row in rows if row.enterprise_id is None or _told(row, reader_id, allowed)}


def _told(row: Row, reader_id: UUID, allowed: set[tuple[str, UUID]]) -> bool:
    """Rows refused because no authorisation reaches them are for the firm's own eyes only."""
    own = row.enterprise_id == reader_id
    return (row.item, row.enterprise_id) in allowed and (own or row.reason != "outside_consent_range")


def _contract(row: Row, *, told: bool) -> RefusedRow:
    return RefusedRow(
        batch_id=BatchId(row.batch_id),
        item=row.item,
        part=row.part,
        row_number=row.row_number,
        reason=row.reason,
        column=row.column,
        verbatim=row.verbatim if told else None,
        enterprise_id=row.enterprise_id,
        recorded_at=row.recorded_at,
    )
