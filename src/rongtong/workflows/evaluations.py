"""Reads of evaluations: their runs and cases, which no live list shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from rongtong.core.tenancy import Book, as_platform, in_book
from rongtong.origination import facade as origination
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationId
from rongtong.workflows.assumptions import assumptions_of
from rongtong.workflows.models import CaseState, LoopCase, LoopRun


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One run as of a day: what came of its cases, and what it takes for granted."""

    as_of: date
    started_at: datetime
    """When it was really played."""
    finished_at: datetime | None
    states: dict[str, int]
    assumptions: list[dict[str, Any]]
    book: str = Book.EVALUATION.value


@dataclass(frozen=True, slots=True)
class EvaluatedCase:
    """How far one firm came; nobody is bound by it."""

    enterprise_id: UUID
    enterprise_name: str
    state: CaseState
    score: int | None
    offers: int
    lender_name: str
    """Empty where it came to no application."""
    asked_minor: int | None
    drawn_minor: int | None
    book: str = Book.EVALUATION.value


def evaluations() -> tuple[Evaluation, ...]:
    """All runs, the newest day first."""
    with as_platform(), in_book(Book.EVALUATION):
        found = []
        for run in LoopRun.objects.order_by("-as_of"):
            cases = list(LoopCase.objects.filter(run=run).values_list("enterprise_id", "state"))
            states = dict(Counter(state for _firm, state in cases))
            taken = assumptions_of([firm for firm, _state in cases])
            found.append(Evaluation(run.as_of, run.started_at, run.finished_at, states, taken))
        return tuple(found)


def evaluated_cases(*, as_of: date, page: int = 1, page_size: int = 20) -> tuple[tuple[EvaluatedCase, ...], int]:
    """One page of a run's cases, and how many there are; at most 200 a page."""
    size, number = min(max(page_size, 1), 200), max(page, 1)
    with as_platform(), in_book(Book.EVALUATION):
        rows = LoopCase.objects.filter(run__as_of=as_of).order_by("-score", "enterprise_id")
        shown = list(rows[(number - 1) * size : number * size])
        firms = parties.organisations(row.enterprise_id for row in shown)
        asked = {
            row.application_id: origination.application(application_id=row.application_id)
            for row in shown
            if row.application_id
        }
        cases = []
        for row in shown:
            application = asked[row.application_id] if row.application_id else None
            cases.append(
                EvaluatedCase(
                    enterprise_id=row.enterprise_id,
                    enterprise_name=firms[OrganisationId(row.enterprise_id)].name,
                    state=CaseState(row.state),
                    score=row.score,
                    offers=row.offers,
                    lender_name=application.lender_name if application else "",
                    asked_minor=application.amount_minor if application else None,
                    drawn_minor=row.amount_drawn_minor,
                )
            )
        return tuple(cases), rows.count()
