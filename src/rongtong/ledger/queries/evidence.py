"""Postings and transfers with their entries as canonical bytes, for the transparency log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from rongtong.core.canonical import canonical_json
from rongtong.core.frozen_columns import Versions, frozen_columns
from rongtong.ledger import models

_POSTED = "id actor recorded_at"
POSTING = frozen_columns("ledger_posting", _POSTED, f"{_POSTED} actor_organisation_id actor_right")
TRANSFER = frozen_columns(
    "ledger_transfer",
    "id posting_id debit_id credit_id minor currency code reference business_date occurred_at recorded_at lender_id "
    "enterprise_id",
)
ENTRY = frozen_columns(
    "ledger_entry",
    "account_id account_version transfer_id minor previous_balance current_balance business_date recorded_at lender_id "
    "enterprise_id",
)
POSTING_COLUMNS = (POSTING, TRANSFER, ENTRY)


def posting_evidence(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Postings with all their transfers and entries."""
    transfers: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in _transfers(Q(posting_id__in=ids), versions):
        transfers[row["posting_id"]].append(row)
    return {
        row.id: canonical_json({**POSTING.values(row, versions), "transfers": transfers[row.id]})
        for row in models.Posting.objects.filter(id__in=ids)
    }


def transfer_evidence(references: Iterable[str], versions: Versions | None = None) -> dict[str, dict[str, Any]]:
    """Transfers by their reference, each with its entries and who posted it, as values for canonical JSON."""
    rows = _transfers(Q(reference__in=list(references)), versions)
    postings = models.Posting.objects.in_bulk({row["posting_id"] for row in rows})
    return {row["reference"]: {**row, "actor": postings[row["posting_id"]].actor} for row in rows}


def _transfers(which: Q, versions: Versions | None) -> list[dict[str, Any]]:
    rows: dict[UUID, dict[str, Any]] = {
        row.id: {**TRANSFER.values(row, versions), "entries": []}
        for row in models.Transfer.objects.filter(which).order_by("id")
    }
    entries = models.Entry.objects.filter(transfer_id__in=rows).order_by("account_id", "account_version")
    for entry in entries:
        rows[entry.transfer_id]["entries"].append(ENTRY.values(entry, versions))
    return list(rows.values())
