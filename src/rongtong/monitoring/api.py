"""Warnings for lenders and the platform's risk desk: tasks, and what was found of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from rongtong.core.bounds import Words
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.monitoring import facade as monitoring
from rongtong.monitoring.contracts import Disposition, Level, Task, TaskState
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role

router = Router()


class TaskOut(Schema):
    """What has to be done about a signal, by when."""

    id: str
    enterprise_id: str
    enterprise_name: str
    code: str
    title: str
    level: Level
    facts: dict[str, Any]
    seen_date: date
    deadline_at: datetime
    state: TaskState
    disposition: Disposition | None
    note: str


class TasksOut(Schema):
    """A page of tasks, gravest and most urgent first."""

    items: list[TaskOut]
    total: int
    page: int
    page_size: int


class FindingIn(Schema):
    """What was found, and what was looked at."""

    disposition: Disposition
    note: Words


class TasksIn(Schema):
    """Which page of which tasks."""

    state: TaskState = TaskState.OPEN
    page: int = Field(1, ge=1, le=100_000)
    page_size: int = Field(20, ge=1, le=100)


@router.get("/tasks", response=TasksOut, summary="The open tasks of the caller's organisation")
def list_tasks(request: HttpRequest, asked: Query[TasksIn]) -> dict[str, Any]:
    """A lender's own tasks; for the operator those of the risk desk."""
    found = monitoring.tasks(lender_id=_desk(request), state=asked.state, page=asked.page, page_size=asked.page_size)
    items = [_out(one) for one in found.tasks]
    return {"items": items, "total": found.total, "page": found.page, "page_size": found.page_size}


@router.post("/tasks/{task_id}/disposition", response=TaskOut, summary="Say what was found of a signal")
def dispose_task(request: HttpRequest, task_id: str, finding: FindingIn) -> dict[str, Any]:
    parties.require_action(request, parties.Action.DISPOSE_TASK)
    lender_id = _desk(request)
    known = decode_id("tsk", task_id)
    task = monitoring.task(task_id=known)
    if task is None or task.lender_id != lender_id:
        raise monitoring.TaskNotFound()
    monitoring.dispose_task(
        task_id=known,
        disposition=finding.disposition,
        note=finding.note,
        actor=parties.actor_of_request(request),
        at=now(),
    )
    done = monitoring.task(task_id=known)
    assert done is not None
    return _out(done)


def _desk(request: HttpRequest) -> Any:
    """The lender whose tasks the caller may see; None for the operator's risk desk."""
    membership = parties.require_membership(request, Role.FUNDER, Role.OPERATOR)
    return membership.organisation_id if membership.role == Role.FUNDER else None


def _out(task: Task) -> dict[str, Any]:
    return {
        "id": encode_id("tsk", task.id),
        "enterprise_id": encode_id("ent", task.signal.enterprise_id),
        "enterprise_name": task.signal.enterprise_name,
        "code": task.signal.code,
        "title": task.signal.title,
        "level": task.signal.level,
        "facts": dict(task.signal.facts),
        "seen_date": task.signal.last_seen_date,
        "deadline_at": task.deadline_at,
        "state": task.state,
        "disposition": task.disposition,
        "note": task.note,
    }
