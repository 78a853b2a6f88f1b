"""The bytes behind each step of origination in the transparency log: every column that never changes, in canonical form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import models as django_models

from rongtong.core.canonical import canonical_json
from rongtong.origination import models

_CHANGING = {
    models.Application: {"state", "state_since"},
    models.Decision: set(),
    models.Objection: {"state", "answer", "answered_at", "answered_by"},
    models.Agreement: {"state", "firm_signed_at", "lender_signed_at"},
}


def evidence_bytes(row: django_models.Model, *, whole: bool = False) -> bytes:
    """A row's lasting columns (with `whole`, all columns) as canonical JSON."""
    left_out = set() if whole else _CHANGING[type(row)]  # type: ignore[index]  # one of these
    return canonical_json(
        {
            field.attname: getattr(row, field.attname)
            for field in row._meta.concrete_fields
            if field.attname not in left_out
        }
    )


def application_evidence(ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
    """Applications as they were submitted."""
    return {row.id: evidence_bytes(row) for row in models.Application.objects.filter(id__in=ids)}


def decision_evidence(ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
    """Decisions, whole."""
    return {row.id: evidence_bytes(row) for row in models.Decision.objects.filter(id__in=ids)}


def objection_evidence(ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
    """Objections as they were raised."""
    return {row.id: evidence_bytes(row) for row in models.Objection.objects.filter(id__in=ids)}


def answer_evidence(ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
    """Objections with their answers."""
    return {row.id: evidence_bytes(row, whole=True) for row in models.Objection.objects.filter(id__in=ids)}
