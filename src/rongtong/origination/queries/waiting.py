"""Origination's cases that are older than their deadline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from rongtong.core.cases import CaseKind, WaitingCase
from rongtong.core.clock import end_of_day
from rongtong.core.ids import encode_id
from rongtong.credit import facade as credit
from rongtong.origination import models
from rongtong.origination.contracts import AGREEMENT, APPLICATION, OBJECTION, PROPOSAL

_LIMIT = 2000
"""Of each kind and state, the oldest."""


def overdue_cases(*, at: datetime) -> tuple[WaitingCase, ...]:
    """Applications, proposals, agreements and objections past their deadline; of each kind and state the oldest, at most 2,000.

    What an application leads to is waited for there: an accepted one is late only without its agreement. A signed one is
    servicing's to look after, by `without_facility`.
    """
    found = [*_applications(), *_proposals(), *_agreements(), *_objections()]
    return tuple(one for one in found if one.deadline < at)


def signed_applications() -> dict[UUID, WaitingCase]:
    """The signed ones by their agreement, the latest first, each due to have its facility."""
    rows = (
        models.Agreement.objects.filter(state="signed", application__state="signed")
        .select_related("application")
        .order_by("-application__state_since")[:_LIMIT]
    )
    return {
        row.id: _case(
            APPLICATION,
            row.application,
            subject=encode_id("app", row.application_id),
            state="signed",
            since=row.application.state_since,
        )
        for row in rows
    }


def _applications() -> Iterator[WaitingCase]:
    for state in ("submitted", "referred", "approved", "countered", "accepted"):
        rows = models.Application.objects.filter(state=state).annotate(answered_at=_answered("pk"))
        if state == "accepted":
            rows = rows.exclude(
                Exists(models.Agreement.objects.filter(application=OuterRef("pk")).exclude(state="void"))
            )
        elif state != "referred":
            rows = rows.exclude(_objected("pk"))
        for row in rows.order_by("state_since")[:_LIMIT]:
            since = max(row.state_since, row.answered_at or row.state_since)
            yield _case(APPLICATION, row, subject=encode_id("app", row.id), state=state, since=since)


def _proposals() -> Iterator[WaitingCase]:
    for row in models.Proposal.objects.filter(state="pending").order_by("proposed_at")[:_LIMIT]:
        yield _case(PROPOSAL, row, subject=encode_id("prp", row.id), state=row.state, since=row.proposed_at)


def _agreements() -> Iterator[WaitingCase]:
    for state in AGREEMENT.stages:
        rows = models.Agreement.objects.filter(state=state).annotate(answered_at=_answered("application"))
        for row in rows.exclude(_objected("application")).order_by("prepared_at")[:_LIMIT]:
            since = row.firm_signed_at or row.prepared_at
            since = max(since, row.answered_at or since)
            yield _case(AGREEMENT, row, subject=encode_id("agr", row.id), state=state, since=since)


def _objected(application: str) -> Exists:
    """Whether an objection of the firm waits for its answer: until then nobody is late with what rests on the decision."""
    return Exists(models.Objection.objects.filter(application=OuterRef(application), state="raised"))


def _answered(application: str) -> Subquery:
    """When the firm's last objection was answered: days that it stopped begin anew."""
    answered = models.Objection.objects.filter(application=OuterRef(application)).exclude(answered_at=None)
    return Subquery(answered.order_by("-answered_at").values("answered_at")[:1])


def _objections() -> Iterator[WaitingCase]:
    for row in models.Objection.objects.filter(state="raised").order_by("deadline")[:_LIMIT]:
        deadline = end_of_day(row.deadline)
        yield _case(
            OBJECTION, row, subject=encode_id("obj", row.id), state=row.state, since=row.raised_at, deadline=deadline
        )


def _case(
    kind: CaseKind, row: Any, *, subject: str, state: str, since: datetime, deadline: datetime | None = None
) -> WaitingCase:
    stage = kind.stages[state]
    return WaitingCase(
        kind=kind.name,
        subject=subject,
        state=state,
        next_actor=stage.next_actor,
        actions=tuple(one.action for one in stage.exits),
        since=since,
        deadline=deadline or credit.deadline_after(stage.deadline, since=since),
        enterprise_id=row.enterprise_id,
        lender_id=row.lender_id,
    )
