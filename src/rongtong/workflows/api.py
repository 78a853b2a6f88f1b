"""Evaluations for the operator and the regulator: apart from everything live, and marked as what they are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from rongtong.core.ids import encode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.workflows.evaluations import evaluated_cases, evaluations

router = Router()
_READERS = (Role.OPERATOR, Role.REGULATOR)


class EvaluationOut(Schema):
    """A run that binds nobody; `assumptions` is what it takes for granted."""

    book: str
    as_of: date
    started_at: datetime
    finished_at: datetime | None
    states: dict[str, int]
    assumptions: list[dict[str, Any]]


class EvaluatedCaseOut(Schema):
    """How far one firm came in a run that binds nobody; amounts in fen."""

    book: str
    enterprise_id: str
    enterprise_name: str
    state: str
    score: int | None
    offers: int
    lender_name: str
    asked_minor: int | None
    drawn_minor: int | None


class EvaluatedCasesOut(Schema):
    """A page of the cases of a run."""

    items: list[EvaluatedCaseOut]
    total: int
    page: int
    page_size: int


class PageIn(Schema):
    """Which page."""

    page: int = Field(1, ge=1, le=100_000)
    page_size: int = Field(20, ge=1, le=200)


@router.get("/evaluations", response=list[EvaluationOut], summary="Evaluations, the newest day first")
def list_evaluations(request: HttpRequest) -> Any:
    """What was played to judge it, apart from everything live."""
    parties.require_membership(request, *_READERS)
    return evaluations()


@router.get("/evaluations/{as_of}", response=EvaluatedCasesOut, summary="The cases of an evaluation")
def list_evaluated_cases(request: HttpRequest, as_of: date, wanted: Query[PageIn]) -> Any:
    """One firm a row; nobody is bound by it."""
    parties.require_membership(request, *_READERS)
    cases, total = evaluated_cases(as_of=as_of, page=wanted.page, page_size=wanted.page_size)
    items = [
        {name: getattr(one, name) for name in EvaluatedCaseOut.model_fields}
        | {"enterprise_id": encode_id("ent", one.enterprise_id), "state": one.state.value}
        for one in cases
    ]
    return {"items": items, "total": total, "page": wanted.page, "page_size": wanted.page_size}
