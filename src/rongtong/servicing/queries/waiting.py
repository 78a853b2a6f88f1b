"""Servicing's cases that are older than their deadline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from rongtong.core.cases import CaseKind, WaitingCase
from rongtong.core.clock import china_date, end_of_day
from rongtong.core.ids import encode_id
from rongtong.credit import facade as credit
from rongtong.servicing import models
from rongtong.servicing.contracts import ENTRY, FACILITY, LOAN, MESSAGE, FacilityState, InstructionState, LoanState
from rongtong.servicing.queries.facilities import end_date_of

_LIMIT = 2000
"""Of each kind and state, the oldest."""
_SHORTEST = timedelta(days=28)
"""No line's term is shorter than a month."""


def overdue_cases(*, at: datetime) -> tuple[WaitingCase, ...]:
    """Lines, loans, messages and unbooked entries past their deadline; of each kind and state the oldest, at most 2,000."""
    found = [*_facilities(at), *_loans(at), *_messages(), *_entries()]
    return tuple(one for one in found if one.deadline < at)


def _facilities(at: datetime) -> Iterator[WaitingCase]:
    rows = models.Facility.objects.filter(state=FacilityState.OPEN, start_date__lt=china_date(at) - _SHORTEST)
    for row in rows.order_by("start_date")[:_LIMIT]:
        deadline = end_of_day(end_date_of(row) + timedelta(days=1))  # the close of the day after ends it
        yield _case(FACILITY, row, state=row.state, subject=encode_id("fac", row.id), deadline=deadline)


def _loans(at: datetime) -> Iterator[WaitingCase]:
    loans = models.Loan.objects.order_by("next_due_date", "id")
    for row in loans.filter(state=LoanState.INSTRUCTED)[:_LIMIT]:
        yield _case(LOAN, row, state=row.state, subject=encode_id("loan", row.id))
    for row in loans.filter(state=LoanState.ACTIVE, next_due_date__lt=china_date(at))[:_LIMIT]:
        assert row.next_due_date is not None, "the query asked for it"
        deadline = end_of_day(row.next_due_date)
        yield _case(LOAN, row, state=row.state, subject=encode_id("loan", row.id), deadline=deadline)


def _messages() -> Iterator[WaitingCase]:
    waiting = [InstructionState.PREPARED.value, InstructionState.SENT.value]
    for row in models.Message.objects.filter(answered_at=None, state__in=waiting).order_by("id")[:_LIMIT]:
        yield _case(MESSAGE, row, state=row.state, subject=row.message_id, detail=row.error)


def _entries() -> Iterator[WaitingCase]:
    rows = models.UnbookedEntry.objects.filter(resolved_at=None).select_related("entry").order_by("id")
    for row in rows[:_LIMIT]:
        yield _case(ENTRY, row, state="open", subject=str(row.id), detail=row.reason)


def _case(
    kind: CaseKind, row: Any, *, state: str, subject: str, deadline: datetime | None = None, detail: str = ""
) -> WaitingCase:
    stage = kind.stages[state]
    since = row.entry.recorded_at if kind is ENTRY else row.recorded_at
    return WaitingCase(
        kind=kind.name,
        subject=subject,
        state=state,
        next_actor=stage.next_actor,
        actions=tuple(one.action for one in stage.exits),
        since=since,
        deadline=deadline or credit.deadline_after(stage.deadline, since=since),
        enterprise_id=getattr(row, "enterprise_id", None),
        lender_id=row.lender_id,
        detail=detail,
    )
