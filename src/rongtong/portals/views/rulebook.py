"""The rulebook as the regulator reads it: every threshold with its source, and what still wants a lawyer's eye."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.core.clock import china_date, now
from rongtong.parties.contracts import Role
from rongtong.portals.access import for_roles
from rongtong.portals.export import exported
from rongtong.portals.listing import asked, cut
from rongtong.rulebook import facade as rulebook
from rongtong.rulebook.contracts import Rule

_SHORT = 40


@dataclass(frozen=True)
class Shown:
    """A rule and its value as it fits a cell: the table of a rule is folded away."""

    rule: Rule
    short: str
    table: str


@require_safe
@for_roles(Role.REGULATOR, Role.OPERATOR)
def rules(request: Any) -> HttpResponse:
    """Every rule in force on a day."""
    on = _day(request.GET.get("on")) or china_date(now())
    wanted = asked(request, sorts=("id", "effective_from"), sort="id")
    review = request.GET.get("review") == "yes"
    everything = rulebook.rules(on=on)
    chosen = [rule for rule in everything if rule.needs_review or not review]
    if wanted.export:
        head = ["id", _("Rule"), _("Value"), _("Unit"), _("Source"), _("From"), _("To"), _("Needs review")]
        rows = [
            (r.id, _title(r), r.value, r.unit, r.source, r.effective_from, r.effective_to, r.needs_review and _("yes"))
            for r in chosen
        ]
        return exported(wanted.export, f"rulebook-{on}", head, rows)
    page = cut(
        chosen,
        wanted,
        keys={"id": lambda r: r.id, "effective_from": lambda r: r.effective_from},
        words=lambda r: f"{r.id} {r.title_zh} {r.title_en} {r.source}",
        page_size=50,
    )
    context = {
        "list": page,
        "shown": [_shown(rule) for rule in page.rows],
        "on": on,
        "review": review,
        "total": len(everything),
        "reviews": sum(rule.needs_review for rule in everything),
        "version": rulebook.version(on=on),
    }
    return render(request, "portals/regulator/rulebook.html", context)


def _shown(rule: Rule) -> Shown:
    if len(rule.value) <= _SHORT:
        return Shown(rule, rule.value, "")
    try:
        return Shown(rule, "", json.dumps(json.loads(rule.value), ensure_ascii=False, indent=1))
    except ValueError:
        return Shown(rule, rule.value, "")


def _title(rule: Rule) -> str:
    from rongtong.portals.wording import in_chinese

    return rule.title_zh if in_chinese() else rule.title_en


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
