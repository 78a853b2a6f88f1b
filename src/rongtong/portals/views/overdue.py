"""The operator's list of everything that waits longer than it should: who acts next, since when, and where to look."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.attest import facade as attest
from rongtong.core.cases import NextActor, WaitingCase
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.monitoring import facade as monitoring
from rongtong.monitoring.contracts import TASK
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.parties.facade import Action
from rongtong.portals.access import deed_only, for_action, for_roles
from rongtong.portals.deeds import attempt
from rongtong.portals.labels import label_of
from rongtong.portals.listing import PAGE_SIZE, asked, listed
from rongtong.portals.once import once
from rongtong.workflows import jobs, setting_aside, waiting
from rongtong.workflows.own_cases import JOB


@require_safe
@for_roles(Role.OPERATOR)
def overdue(request: Any) -> HttpResponse:
    """Every overdue case, the oldest deadline first; filtered by kind and by who acts next."""
    wanted, at = asked(request), now()
    found = waiting.overdue_cases(at=at)
    kinds, actors = sorted({one.kind for one in found}), [one.value for one in NextActor]
    kind, actor = request.GET.get("kind", ""), request.GET.get("actor", "")
    chosen = [one for one in found if kind in {"", one.kind} and actor in {"", one.next_actor}]
    first = (wanted.page - 1) * PAGE_SIZE
    shown = chosen[first : first + PAGE_SIZE]
    names = parties.organisations({key for one in shown for key in (one.enterprise_id, one.lender_id) if key})
    rows = [
        (
            one,
            overdue_words(one.kind, one.detail),
            _link(one),
            _named(names, one.enterprise_id),
            _named(names, one.lender_id),
        )
        for one in shown
    ]
    context = {
        "log": attest.log_state(at=at),
        "list": listed(rows, len(chosen), wanted),
        "kinds": kinds,
        "actors": actors,
        "kind": kind,
        "actor": actor,
    }
    return render(request, "portals/operator/overdue.html", context)


def overdue_words(kind: str, detail: str) -> str:
    """What was said of a case last, in the reader's language: a signal or a job by its title."""
    if kind == TASK.name and detail:
        return monitoring.title_of(detail)
    return label_of(detail, "job") if kind == JOB.name else detail


@deed_only
@for_action(Action.RETRY_JOB)
@once
def retry(request: Any, job_id: int) -> HttpResponse:
    """Have a job that gave up done again."""
    return attempt(
        request,
        lambda: jobs.retry_job(job_id=job_id, actor=request.actor, at=now()),
        done=_("The job is called again."),
        then=reverse("portals:overdue"),
        otherwise=reverse("portals:overdue"),
    )


@deed_only
@for_action(Action.RETRY_SET_ASIDE)
@once
def retry_line(request: Any, line_id: str) -> HttpResponse:
    """Have what was set aside tried again now."""
    here = reverse("portals:health")
    return attempt(
        request,
        lambda: setting_aside.retry_set_aside(line_id=decode_id("sas", line_id), actor=request.actor, at=now()),
        done=_("It is tried again now."),
        then=here,
        otherwise=here,
    )


@deed_only
@for_action(Action.SETTLE_SET_ASIDE)
@once
def settle_line(request: Any, line_id: str) -> HttpResponse:
    """Say how what was set aside was settled otherwise."""
    here = reverse("portals:health")
    return attempt(
        request,
        lambda: setting_aside.settle_set_aside(
            line_id=decode_id("sas", line_id), note=request.POST.get("note", ""), actor=request.actor, at=now()
        ),
        done=_("It is settled and not tried again."),
        then=here,
        otherwise=here,
    )


def _named(names: Any, key: UUID | None) -> str:
    return names[key].name if key in names else ""


def _link(case: WaitingCase) -> str:
    """Where an operator sees more of it."""
    if case.subject.startswith("sas_"):
        return reverse("portals:health")
    if case.subject.startswith("tsk_") and case.lender_id is None:
        return reverse("portals:warning", args=[case.subject])
    if case.kind == "unbooked_entry":
        return reverse("portals:entries")
    if case.enterprise_id is not None:
        return reverse("portals:enterprise", args=[encode_id("ent", case.enterprise_id)])
    if case.lender_id is not None:
        return reverse("portals:institution", args=[encode_id("org", case.lender_id)])
    return reverse("portals:institution", args=[case.subject]) if case.subject.startswith("org_") else ""
