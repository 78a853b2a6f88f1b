"""The operator's morning: one screen with what waits, what is wrong, and whether everything runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.attest import facade as attest
from rongtong.consent import facade as consent
from rongtong.core.clock import china_date, now
from rongtong.core.models import AuditEntry
from rongtong.monitoring import facade as monitoring
from rongtong.monitoring.contracts import TaskState
from rongtong.origination import facade as origination
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationId, OrganisationKind, Role
from rongtong.portals.access import for_roles
from rongtong.portals.exposures import largest_exposures
from rongtong.portals.jobs import failed_jobs, job_counts
from rongtong.workflows import setting_aside
from rongtong.workflows.models import BusinessDay


@require_safe
@for_roles(Role.OPERATOR)
def home(request: Any) -> HttpResponse:
    """Counts, the gravest open tasks, licences that run out, the last close of business, jobs that gave up."""
    at = now()
    today = china_date(at)
    expiring = parties.expiring_licences(on=today)
    names = parties.organisations([one for one, _licence in expiring])
    states = origination.count_by_state()
    context = {
        "today": today,
        "now": at,
        "levels": {level.value: count for level, count in monitoring.counts_by_level().items()},
        "tasks": monitoring.tasks(state=TaskState.OPEN, page_size=8),
        "states": {state.value: count for state, count in states.items()},
        "enterprises": parties.search_organisations(kind=OrganisationKind.ENTERPRISE, page_size=1).total,
        "jobs": job_counts(at=at),
        "set_aside": setting_aside.count_open(),
        "licences": [(names[one], licence) for one, licence in expiring],
        "suspended": len(parties.suspended_institutions(on=today)),
        "last_day": BusinessDay.objects.exclude(closed_at=None).order_by("-business_date").first(),
        "objections": len(origination.open_objections()),
        "refusals": consent.refusals_since(since=at - timedelta(days=1)),
        "exposures": largest_exposures(),
    }
    return render(request, "portals/operator/home.html", context)


@require_safe
@for_roles(Role.OPERATOR)
def health(request: Any) -> HttpResponse:
    """Whether the parts run and the books hold: jobs, the ledger at the last close, the log, the closed days.

    Nothing is computed over the whole ledger here: the close of business checks each day, `rongtong verify` all of it.
    """
    at = now()
    context = {
        "jobs": job_counts(at=at),
        "failed": failed_jobs(),
        "set_aside": setting_aside.open_lines(limit=50),
        "closed": BusinessDay.objects.exclude(closed_at=None).order_by("-business_date").first(),
        "checkpoint": attest.latest_checkpoint(),
        "log": attest.log_state(at=at),
        "days": BusinessDay.objects.order_by("-business_date")[:14],
        "trail": _trail(),
    }
    return render(request, "portals/operator/health.html", context)


def _trail() -> list[AuditEntry]:
    """The last deeds, each with the name of the organisation on whose behalf."""
    rows = list(AuditEntry.objects.order_by("-recorded_at")[:20])
    known = parties.organisations({row.organisation_id for row in rows if row.organisation_id})
    names = {key: one.name for key, one in known.items()}
    for row in rows:
        row.behalf = names.get(OrganisationId(row.organisation_id), "") if row.organisation_id else _("the platform")  # type: ignore[attr-defined]  # for the page
    return rows
