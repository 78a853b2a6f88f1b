"""Early warnings: the tasks of a lender, or of the platform's risk desk, and the finding of each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rongtong.core.clock import now
from rongtong.core.ids import decode_id
from rongtong.monitoring import facade as monitoring
from rongtong.monitoring.contracts import Disposition, Task, TaskState
from rongtong.parties.contracts import Role
from rongtong.parties.facade import Action
from rongtong.portals.access import for_action, for_roles
from rongtong.portals.deeds import attempt, chosen
from rongtong.portals.export import EXPORT_PAGE, exported, whole
from rongtong.portals.facts import signal_facts
from rongtong.portals.labels import label_of
from rongtong.portals.listing import asked, listed
from rongtong.portals.once import once

STATES = {"open": TaskState.OPEN, "done": TaskState.DONE, "all": None}


@require_safe
@for_roles(Role.FUNDER, Role.OPERATOR)
def tasks(request: Any) -> HttpResponse:
    """The tasks, gravest first."""
    wanted = asked(request)
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    if wanted.export:
        return _exported(wanted.export, desk_of(request), STATES[state])
    page = monitoring.tasks(lender_id=desk_of(request), state=STATES[state], page=wanted.page)
    context = {"list": listed(page.tasks, page.total, wanted), "state": state, "states": list(STATES), "now": now()}
    return render(request, "portals/shared/warnings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_action(Action.DISPOSE_TASK)
@once
def task(request: Any, task_id: str) -> HttpResponse:
    """One task with the figures behind it; by POST, its finding."""
    identity = decode_id("tsk", task_id)
    found = monitoring.task(task_id=identity)
    if found is None or found.lender_id != desk_of(request):
        raise monitoring.TaskNotFound()
    if request.method == "POST":
        return attempt(
            request,
            lambda: monitoring.dispose_task(
                task_id=identity,
                disposition=chosen(request, "disposition", Disposition),
                note=request.POST.get("note", ""),
                actor=request.actor,
                at=now(),
            ),
            done=_("The finding is recorded."),
            then=reverse("portals:warnings"),
            again=lambda: _page(request, found),
        )
    return _page(request, found)


def _page(request: Any, found: Task) -> HttpResponse:
    context = {
        "task": found,
        "facts": signal_facts(found.signal.facts),
        "dispositions": list(Disposition),
        "entered": request.POST,
        "late": found.state == TaskState.OPEN and found.deadline_at < now(),
    }
    return render(request, "portals/shared/warning.html", context)


def _exported(kind: str, desk: UUID | None, state: TaskState | None) -> HttpResponse:
    def fetch(number: int) -> tuple[tuple[Task, ...], int]:
        page = monitoring.tasks(lender_id=desk, state=state, page=number, page_size=EXPORT_PAGE)
        return page.tasks, page.total

    head = [_("Level"), _("Warning"), _("Enterprise"), _("First seen"), _("Last seen"), _("Deadline"), _("Finding"), _("By"), _("Remark")]  # fmt: skip
    rows = [
        [
            label_of(one.signal.level, "level"), one.signal.title, one.signal.enterprise_name,
            one.signal.first_seen_date, one.signal.last_seen_date, one.deadline_at,
            label_of(one.disposition, "disposition"), label_of(one.done_by, "job"), one.note,
        ]
        for one in whole(fetch)
    ]  # fmt: skip
    return exported(kind, "warnings", head, rows)


def desk_of(request: Any) -> UUID | None:
    """Whose tasks the visitor sees: a lender's own, the operator those of the risk desk."""
    return request.membership.organisation_id if request.membership.role == Role.FUNDER else None
