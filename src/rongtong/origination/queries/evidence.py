"""The bytes behind each step of origination in the transparency log: every column that never changes, in canonical form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Model

from rongtong.core.canonical import canonical_json
from rongtong.core.frozen_columns import FrozenColumns, Versions, frozen_columns
from rongtong.origination import models

_AGREED = (
    "id number application_id decision_id enterprise_id lender_id amount_minor term_months annual_rate:8 penalty_rate:8 "
    "fees_minor repayment_method annual_cost_simple:10 annual_cost_effective:10 start_date content prepared_at"
)
_RAISED = "id application_id decision_id enterprise_id lender_id text raised_at deadline"
APPLICATION = frozen_columns(
    "origination_application",
    "id enterprise_id lender_id offer_id product_id product_version product_name_zh product_name_en amount_minor "
    "term_months repayment_method annual_rate:8 fees_minor purpose purpose_note contact_name contact_phone contact_role "
    "account_bank account_number human_review channel submitted_at",
    left_out="state state_since",
)
_DECIDED = (
    "id application_id enterprise_id lender_id number outcome decided_by score grade amount_minor scorecard_version "
    "rulebook_version product_version portrait_id portrait_digest inputs result digest note actor_kind actor_id "
    "actor_name decided_at as_of latency_ms"
)
DECISION = frozen_columns("origination_decision", _DECIDED, f"{_DECIDED} actor_organisation_id actor_right")
_ANSWERED = "state answer answered_at answered_by"
_ACTOR = "actor_kind actor_id actor_name actor_organisation_id actor_right"
OBJECTION = frozen_columns("origination_objection", _RAISED, left_out=f"{_ANSWERED} {_ACTOR}")
ANSWER = frozen_columns(
    "origination_objection",
    f"{_RAISED} {_ANSWERED}",
    f"{_RAISED} {_ANSWERED} {_ACTOR}",
    name="origination_objection_answer",
)
AGREEMENT = frozen_columns("origination_agreement", _AGREED, left_out="state firm_signed_at lender_signed_at")


def evidence_bytes(row: Model, columns: FrozenColumns, versions: Versions | None = None) -> bytes:
    """A row's columns as canonical JSON, in the version that `versions` names (None: the present one)."""
    return canonical_json(columns.values(row, versions))


def application_evidence(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Applications as they were submitted."""
    rows = models.Application.objects.filter(id__in=ids)
    return {row.id: evidence_bytes(row, APPLICATION, versions) for row in rows}


def decision_evidence(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Decisions, whole."""
    return {row.id: evidence_bytes(row, DECISION, versions) for row in models.Decision.objects.filter(id__in=ids)}


def objection_evidence(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Objections as they were raised."""
    return {row.id: evidence_bytes(row, OBJECTION, versions) for row in models.Objection.objects.filter(id__in=ids)}


def answer_evidence(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Objections with their answers."""
    return {row.id: evidence_bytes(row, ANSWER, versions) for row in models.Objection.objects.filter(id__in=ids)}
