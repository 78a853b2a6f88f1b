"""What was played to judge it (评估): apart from every live list, and marked so."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.parties.contracts import Role
from rongtong.portals.access import for_roles
from rongtong.portals.export import EXPORT_PAGE, exported, whole, yuan
from rongtong.portals.labels import label_of
from rongtong.portals.listing import asked, listed
from rongtong.workflows.evaluations import evaluated_cases, evaluations


@require_safe
@for_roles(Role.OPERATOR, Role.REGULATOR)
def runs(request: Any) -> HttpResponse:
    """The evaluations, the newest day first."""
    return render(request, "portals/shared/evaluations.html", {"evaluations": evaluations()})


@require_safe
@for_roles(Role.OPERATOR, Role.REGULATOR)
def cases(request: Any, as_of: str) -> HttpResponse:
    """The cases of one evaluation, and what it takes for granted."""
    try:
        day = date.fromisoformat(as_of)
    except ValueError as error:
        raise Http404 from error
    run = next((one for one in evaluations() if one.as_of == day), None)
    if run is None:
        raise Http404
    wanted = asked(request)
    if wanted.export:
        return _exported(wanted.export, day)
    found, total = evaluated_cases(as_of=day, page=wanted.page)
    return render(request, "portals/shared/evaluation.html", {"run": run, "list": listed(found, total, wanted)})


def _exported(kind: str, day: date) -> HttpResponse:
    rows = whole(lambda page: evaluated_cases(as_of=day, page=page, page_size=EXPORT_PAGE))
    head = (
        _("Book"), _("As of"), _("Enterprise"), _("State"), _("Score"), _("Offers"), _("Lender"),
        _("Amount asked, yuan"), _("Amount played out, yuan"),
    )  # fmt: skip
    lines = [
        (
            label_of(one.book, "book"), day, one.enterprise_name, label_of(one.state, "case_state"), one.score,
            one.offers, one.lender_name, yuan(one.asked_minor), yuan(one.drawn_minor),
        )
        for one in rows
    ]  # fmt: skip
    return exported(kind, f"{_('Evaluation')} {day}", head, lines)
