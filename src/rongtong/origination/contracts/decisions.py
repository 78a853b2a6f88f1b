"""A decision: an outcome with its terms, its reasons, and everything it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from rongtong.matching.contracts import CheckState

__all__ = ["CheckState"]  # a check is the same at the offer and at the decision

DecisionId = NewType("DecisionId", UUID)
ObjectionId = NewType("ObjectionId", UUID)


class Outcome(StrEnum):
    """What a decision says."""

    APPROVED = "approved"
    DECLINED = "declined"
    REFERRED = "referred"
    """A person at the lender decides."""
    COUNTERED = "countered"
    """The lender offers other terms."""


class DecidedBy(StrEnum):
    """Who decided: the lender's published rules, or a person at its desk."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check: what was required, what was found, the rule and its source."""

    code: str
    state: CheckState
    text_zh: str
    text_en: str
    source: str
    required: str = ""
    found: str = ""
    fix_zh: str = ""
    """The least change after which the check would pass; empty where there is none."""
    fix_en: str = ""


@dataclass(frozen=True, slots=True)
class DecisionReason:
    """Why: stable code, both languages, and the source of the rule where there is one."""

    code: str
    text_zh: str
    text_en: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision, immutable. Amounts in fen, rates per year as fractions; terms are those granted, None unless granted.

    `inputs` are the canonical inputs (portrait, score, product, rule rows, consents); `digest` covers inputs and result.
    """

    id: DecisionId
    application_id: UUID
    enterprise_id: UUID
    lender_id: UUID
    number: int
    outcome: Outcome
    decided_by: DecidedBy
    amount_minor: int | None
    term_months: int | None
    annual_rate: Decimal | None
    fees_minor: int | None
    repayment_method: str | None
    annual_cost_simple: Decimal | None
    annual_cost_effective: Decimal | None
    score: int | None
    grade: str | None
    scorecard_version: str
    rulebook_version: str
    product_version: int
    portrait_id: UUID | None
    portrait_digest: str
    checks: tuple[CheckResult, ...]
    reasons: tuple[DecisionReason, ...]
    fixes: tuple[DecisionReason, ...]
    """For a decline: the shortest way to a yes."""
    conditions: tuple[DecisionReason, ...]
    """What the lender still has to clear before it pays out."""
    notes: tuple[str, ...]
    """Notes on the rules used, such as that the earliest known row was taken."""
    inputs: Mapping[str, Any]
    note: str
    """A manual decision's reason, written by the desk."""
    actor_name: str
    actor_organisation_id: UUID | None
    """On whose behalf it was decided; None in decisions from before it was kept."""
    actor_right: str
    decided_at: datetime
    as_of: date
    latency_ms: int
    digest: str


class ObjectionState(StrEnum):
    """`raised -> upheld | dismissed`."""

    RAISED = "raised"  # -> upheld, dismissed
    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Objection:
    """A firm's objection to a decision, and the written answer (征信业管理条例 art. 25: within 20 days)."""

    id: ObjectionId
    application_id: UUID
    decision_id: UUID
    enterprise_id: UUID
    lender_id: UUID
    state: ObjectionState
    text: str
    raised_at: datetime
    deadline: date
    answer: str
    answered_at: datetime | None
    answered_by: str


class ProposalState(StrEnum):
    """`pending -> confirmed | replaced | dropped`: confirmed by a second person, replaced by another proposal, or
    dropped when the application ended another way."""

    PENDING = "pending"  # -> confirmed, replaced, dropped
    CONFIRMED = "confirmed"
    REPLACED = "replaced"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A desk's decision above the four-eyes amount, waiting for a second person."""

    id: UUID
    application_id: UUID
    outcome: Outcome
    amount_minor: int | None
    term_months: int | None
    annual_rate: Decimal | None
    reason: str
    proposed_by: str
    proposed_at: datetime


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """How many decisions were recomputed, and which came out with other bytes."""

    decisions: int
    identical: int
    differing: tuple[DecisionId, ...]


@dataclass(frozen=True, slots=True)
class RelatedParty:
    """An identifier whose holder is related to `of`, the operator or a lender: its financing is barred."""

    of: UUID
    scheme: str
    value: str
    relation: str
    declared_at: datetime
