"""Deliveries of records and what was refused of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rongtong.core.clock import now
from rongtong.core.ids import decode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.portals.access import for_roles
from rongtong.portals.listing import asked, listed
from rongtong.records import facade as records
from rongtong.records.contracts import ITEMS, RefusedRow


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
    page = records.batches(page=wanted.page, page_size=20, item=item if item in ITEMS else None)
    context = {"list": listed(page.items, page.total, wanted), "item": item, "items": ITEMS}
    return render(request, "portals/operator/data.html", context)


@require_safe
@for_roles(Role.OPERATOR)
def delivery(request: Any, batch_id: str) -> HttpResponse:
    """One delivery with its refused rows, word for word as far as consent goes."""
    wanted = asked(request)
    found = records.batch(batch_id=decode_id("bat", batch_id))
    reason = request.GET.get("reason", "")
    refused = records.quarantine(
        reader_id=parties.platform().id,
        actor=request.actor,
        at=now(),
        batch_id=found.id,
        reason=reason or None,
        page=wanted.page,
        page_size=20,
    )
    context = {
        "batch": found,
        "list": listed(refused.items, refused.total, wanted),
        "shown": [Shown(row, _words(row.verbatim)) for row in refused.items],
        "reasons": refused.reasons,
        "reason": reason,
    }
    return render(request, "portals/operator/batch.html", context)


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
