"""Every component on one page, for whoever changes the design."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.core.clock import now
from rongtong.parties.contracts import Role
from rongtong.portals import charts
from rongtong.portals.labels import LABELS, label_of
from rongtong.portals.listing import Listed

_MONTHS = [f"{2025 + (m + 3) // 12}-{(m + 3) % 12 + 1:02d}" for m in range(18)]
_WAVE = [62, 70, 81, 77, 90, 96, 58, 41, 84, 93, 99, 104, 97, 88, 110, 119, 113, 125]


@require_safe
def gallery(request: Any) -> HttpResponse:
    """The components with sample values; open to the operator, and to all in a demonstration."""
    membership = request.membership
    if not settings.DEMO and (membership is None or membership.role != Role.OPERATOR):
        raise Http404
    at = now()
    sales = [value * 1_000_000 for value in _WAVE]
    bought = [value * 640_000 + 6_000_000 for value in reversed(_WAVE)]
    context = {
        "families": {family: list(names) for family, names in LABELS.items()},
        "amounts": [99, 1_234_567, 123_456_789, 12_345_678_900],
        "at": at,
        "list": Listed(rows=[{"name": n, "minor": m} for n, m in zip("甲乙丙", sales, strict=False)], number=3, total=260, sort="name"),
        "steps": [
            {"title": label_of("submitted", "application_state"), "at": at - timedelta(hours=3), "state": "done", "actor": _("Owner")},
            {"title": label_of("referred", "application_state"), "at": at, "state": "now", "next_actor": _("Bank"), "deadline": at + timedelta(days=2)},
            {"title": label_of("signed", "application_state"), "state": ""},
        ],
        "sales": charts.months_chart(_("Invoices"), _MONTHS, {_("Sales"): sales, _("Purchases"): bought}),
        "flows": charts.flows_chart(_("Bank flows"), _MONTHS, sales, bought),
        "dimensions": charts.dimensions_chart(_("Dimension"), [(label_of(i, "item"), 40 + 7 * n) for n, i in enumerate(list(LABELS["item"])[:6])]),
        "classes": charts.classes_chart(_("Class"), [(label_of(c, "class"), 9**(6 - n) * 10**5) for n, c in enumerate(LABELS["class"])]),
        "gauge": charts.gauge_chart(_("Score"), 668, low=300, high=850, cuts=[(300, "E"), (520, "D"), (580, "C"), (640, "B"), (700, "A")]),
        "history": charts.history_chart(_("Score"), [("2026-01-31", 640), ("2026-02-28", 652), ("2026-03-31", 668)], low=500, high=850, what=_("Score")),
    }  # fmt: skip
    return render(request, "portals/gallery.html", context)
