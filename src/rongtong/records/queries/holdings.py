"""What is held, of whom, up to when: from the holdings kept beside the record tables, without a scan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from rongtong.parties.contracts import OrganisationId
from rongtong.records.adapters.tables import current_snapshot_id
from rongtong.records.contracts import ITEMS, SourceKind
from rongtong.records.models import Holding


def snapshots() -> dict[str, int]:
    """By item, the present state of its table; items of which nothing was landed are absent."""
    found = {item: current_snapshot_id(SourceKind(item)) for item in ITEMS}
    return {item: snapshot_id for item, snapshot_id in found.items() if snapshot_id is not None}


def freshness(*, enterprise_ids: Sequence[UUID]) -> dict[UUID, dict[str, date]]:
    """By firm and item, the last occurred date that is held; one query. Firms and items without records are absent."""
    found: dict[UUID, dict[str, date]] = {}
    rows = Holding.objects.filter(enterprise_id__in=set(enterprise_ids), rows__gt=0)
    for enterprise_id, item, last in rows.values_list("enterprise_id", "item", "last_date"):
        if last is not None:
            found.setdefault(enterprise_id, {})[item] = last
    return found


def coverage(*, enterprise_ids: Sequence[UUID]) -> dict[UUID, dict[str, date]]:
    """By firm and item, the last day that the source was asked about: up to it, no record means that there was none.

    Items that came in files or pushes alone are absent; one query.
    """
    found: dict[UUID, dict[str, date]] = {}
    rows = Holding.objects.filter(enterprise_id__in=set(enterprise_ids), collected_until__isnull=False)
    for enterprise_id, item, until in rows.values_list("enterprise_id", "item", "collected_until"):
        if until is not None:
            found.setdefault(enterprise_id, {})[item] = until
    return found


def enterprises_with_records() -> tuple[OrganisationId, ...]:
    """Every firm of which anything is held, in a stable order."""
    rows = (
        Holding.objects.filter(rows__gt=0).order_by("enterprise_id").values_list("enterprise_id", flat=True).distinct()
    )
    return tuple(map(OrganisationId, rows))
