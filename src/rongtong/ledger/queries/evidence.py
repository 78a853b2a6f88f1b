"""Postings and transfers with their entries as canonical bytes, for the transparency log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from rongtong.core.canonical import canonical_json
from rongtong.ledger import models

_ENTRY = [field.attname for field in models.Entry._meta.concrete_fields]


def posting_evidence(ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
    """Postings with all their transfers and entries."""
    transfers: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in _transfers(Q(posting_id__in=ids)):
        transfers[row["posting_id"]].append(row)
    postings = models.Posting.objects.filter(id__in=ids).values()
    return {row["id"]: canonical_json({**row, "transfers": transfers[row["id"]]}) for row in postings}


def transfer_evidence(references: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Transfers by their reference, each with its entries and who posted it, as values for canonical JSON."""
    rows = _transfers(Q(reference__in=list(references)))
    postings = models.Posting.objects.in_bulk({row["posting_id"] for row in rows})
    return {row["reference"]: {**row, "actor": postings[row["posting_id"]].actor} for row in rows}


def _transfers(which: Q) -> list[dict[str, Any]]:
    rows: dict[UUID, dict[str, Any]] = {
        row["id"]: {**row, "entries": []} for row in models.Transfer.objects.filter(which).order_by("id").values()
    }
    entries = models.Entry.objects.filter(transfer_id__in=rows).order_by("account_id", "account_version")
    for entry in entries.values(*_ENTRY):
        rows[entry["transfer_id"]]["entries"].append(entry)
    return list(rows.values())
