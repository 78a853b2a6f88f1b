"""Deliveries of records and what was refused of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.core.clock import now
from rongtong.core.ids import decode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.portals.access import for_roles
from rongtong.portals.export import EXPORT_PAGE, exported, whole
from rongtong.portals.labels import label_of
from rongtong.portals.listing import asked, listed
from rongtong.portals.wording import source_words
from rongtong.records import facade as records
from rongtong.records.contracts import ITEMS, Batch, RefusedPage, RefusedRow


@dataclass(frozen=True)
class Shown:
    """A refused row with its words as (column, text) pairs; one pair without a name where it could not be split."""

    row: RefusedRow
    words: tuple[tuple[str, str], ...]


@require_safe
@for_roles(Role.OPERATOR)
def deliveries(request: Any) -> HttpResponse:
    """Deliveries, the latest first, and how much of them was refused."""
    wanted = asked(request)
    item = request.GET.get("item", "")
    chosen = item if item in ITEMS else None
    if wanted.export:
        return _export_deliveries(wanted.export, chosen)
    page = records.batches(page=wanted.page, page_size=20, item=chosen)
    context = {"list": listed(page.items, page.total, wanted), "item": item, "items": ITEMS}
    return render(request, "portals/operator/data.html", context)


@require_safe
@for_roles(Role.OPERATOR)
def delivery(request: Any, batch_id: str) -> HttpResponse:
    """One delivery with its refused rows, word for word as far as consent goes."""
    wanted = asked(request)
    found = records.batch(batch_id=decode_id("bat", batch_id))
    reason = request.GET.get("reason", "")

    def quarantine(number: int, size: int) -> RefusedPage:
        return records.quarantine(
            reader_id=parties.platform().id,
            actor=request.actor,
            at=now(),
            batch_id=found.id,
            reason=reason or None,
            page=number,
            page_size=size,
        )

    if wanted.export:
        return _export_refused(wanted.export, quarantine)
    refused = quarantine(wanted.page, 20)
    context = {
        "batch": found,
        "list": listed(refused.items, refused.total, wanted),
        "shown": [Shown(row, _words(row.verbatim)) for row in refused.items],
        "reasons": refused.reasons,
        "reason": reason,
    }
    return render(request, "portals/operator/batch.html", context)


def _export_deliveries(kind: str, item: str | None) -> HttpResponse:
    def fetch(number: int) -> tuple[tuple[Batch, ...], int]:
        page = records.batches(page=number, page_size=EXPORT_PAGE, item=item)
        return page.items, page.total

    head = [_("Records"), _("Delivery"), _("Source"), _("When"), _("Brought by"), _("Read"), _("Landed"), _("Known already"), _("Refused"), "SHA-256"]  # fmt: skip
    rows = [
        [
            label_of(one.item, "item"), one.name, source_words(one.source), one.recorded_at, label_of(one.actor, "job"),
            one.rows_read, one.landed, one.duplicates, one.quarantined, one.payload_digest,
        ]
        for one in whole(fetch)
    ]  # fmt: skip
    return exported(kind, "deliveries", head, rows)


def _export_refused(kind: str, quarantine: Callable[[int, int], RefusedPage]) -> HttpResponse:
    def fetch(number: int) -> tuple[tuple[RefusedRow, ...], int]:
        page = quarantine(number, EXPORT_PAGE)
        return page.items, page.total

    head = [_("Row"), _("Why"), _("Column"), _("Word for word")]
    rows = [
        [one.row_number, label_of(one.reason, "row_reason"), one.column, one.verbatim or ""] for one in whole(fetch)
    ]
    return exported(kind, "refused-rows", head, rows)


def _words(verbatim: str | None) -> tuple[tuple[str, str], ...]:
    if verbatim is None:
        return ()
    try:
        read = json.loads(verbatim)
    except ValueError:
        return (("", verbatim[:2000]),)
    if isinstance(read, dict):
        return tuple((str(name), str(value)[:200]) for name, value in read.items())
    return (("", str(read)[:2000]),)
