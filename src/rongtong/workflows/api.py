"""Evaluations for the operator and the regulator, apart from everything live; for the operator, what waits too long and jobs that gave up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from rongtong.core.bounds import Ref
from rongtong.core.cases import NextActor, WaitingCase
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.workflows import jobs, setting_aside, waiting
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


class OverdueIn(Schema):
    """Which of them, which page."""

    kind: Ref = ""
    next_actor: NextActor | None = None
    page: int = Field(1, ge=1, le=100_000)
    page_size: int = Field(50, ge=1, le=200)


class CaseOut(Schema):
    """A case past its deadline."""

    kind: str
    subject: str
    state: str
    next_actor: NextActor
    actions: list[str]
    since: datetime
    deadline: datetime
    enterprise_id: str | None
    lender_id: str | None
    detail: str


class CasesOut(Schema):
    """A page of them, the oldest deadline first."""

    items: list[CaseOut]
    total: int
    page: int
    page_size: int


@router.get("/overdue", response=CasesOut, summary="Every case that is older than its deadline")
def list_overdue(request: HttpRequest, asked: Query[OverdueIn]) -> dict[str, Any]:
    """Applications, proposals, agreements, objections, lines, loans, messages, unbooked entries, alarm tasks, what was set
    aside, and failed jobs: for the operator."""
    parties.require_membership(request, Role.OPERATOR)
    found = [
        one
        for one in waiting.overdue_cases(at=now())
        if asked.kind in {"", one.kind} and asked.next_actor in {None, one.next_actor}
    ]
    first = (asked.page - 1) * asked.page_size
    items = [_out(one) for one in found[first : first + asked.page_size]]
    return {"items": items, "total": len(found), "page": asked.page, "page_size": asked.page_size}


@router.post("/jobs/{job_id}/retry", response={204: None}, summary="Have a job that gave up done again")
def retry_job(request: HttpRequest, job_id: int) -> Any:
    own = parties.require_action(request, parties.Action.RETRY_JOB)
    jobs.retry_job(job_id=job_id, actor=parties.actor_of_membership(own), at=now())
    return 204, None


class LineOut(Schema):
    """One thing that a job could not do and left aside, so that the rest went on."""

    id: str
    step: str
    subject: str
    business_date: date | None
    code: str
    detail: str
    attempts: int
    first_at: datetime
    last_at: datetime


class SettlementIn(Schema):
    """How it was settled otherwise."""

    note: str = Field(min_length=1, max_length=400)


@router.get("/set-aside", response=list[LineOut], summary="What jobs set aside, the oldest first")
def list_set_aside(request: HttpRequest) -> list[dict[str, Any]]:
    """At most 200 lines; each is tried again by itself, or settled by an operator."""
    parties.require_membership(request, Role.OPERATOR)
    lines = setting_aside.open_lines()
    return [
        {name: getattr(one, name) for name in LineOut.model_fields} | {"id": encode_id("sas", one.id)} for one in lines
    ]


@router.post("/set-aside/{line_id}/retry", response={204: None}, summary="Have what was set aside tried again now")
def retry_set_aside(request: HttpRequest, line_id: str) -> Any:
    own = parties.require_action(request, parties.Action.RETRY_SET_ASIDE)
    setting_aside.retry_set_aside(line_id=decode_id("sas", line_id), actor=parties.actor_of_membership(own), at=now())
    return 204, None


@router.post("/set-aside/{line_id}/settlement", response={204: None}, summary="Say how it was settled otherwise")
def settle_set_aside(request: HttpRequest, line_id: str, given: SettlementIn) -> Any:
    own = parties.require_action(request, parties.Action.SETTLE_SET_ASIDE)
    setting_aside.settle_set_aside(
        line_id=decode_id("sas", line_id), note=given.note, actor=parties.actor_of_membership(own), at=now()
    )
    return 204, None


def _out(case: WaitingCase) -> dict[str, Any]:
    return {
        "kind": case.kind,
        "subject": case.subject,
        "state": case.state,
        "next_actor": case.next_actor,
        "actions": list(case.actions),
        "since": case.since,
        "deadline": case.deadline,
        "enterprise_id": encode_id("ent", case.enterprise_id) if case.enterprise_id else None,
        "lender_id": encode_id("org", case.lender_id) if case.lender_id else None,
        "detail": case.detail,
    }
