"""The rulebook as the regulator reads it: every threshold with its source, and what still wants a lawyer's eye."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.core.clock import china_date, now
from rongtong.parties.contracts import Role
from rongtong.portals import wording
from rongtong.portals.access import for_roles
from rongtong.portals.export import exported
from rongtong.portals.labels import LABELS, label_of
from rongtong.portals.labels.rules import source_name
from rongtong.portals.listing import asked, cut
from rongtong.rulebook import facade as rulebook
from rongtong.rulebook.contracts import Rule


@dataclass(frozen=True)
class Shown:
    """A rule and its value as one reads it; a table is folded away, as rows where it is flat."""

    rule: Rule
    short: str = ""
    unit: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    table: str = ""
    planned: str = ""
    """The capability that will apply it, where nothing does yet."""


@require_safe
@for_roles(Role.REGULATOR, Role.OPERATOR)
def rules(request: Any) -> HttpResponse:
    """Every rule in force on a day."""
    on = _day(request.GET.get("on")) or china_date(now())
    wanted = asked(request, sorts=("id", "effective_from"), sort="id")
    review = request.GET.get("review") == "yes"
    everything = rulebook.rules(on=on)
    planned = rulebook.planned_rules()
    chosen = [rule for rule in everything if rule.needs_review or not review]
    if wanted.export:
        head = [
            "id",
            _("Rule"),
            _("Value"),
            _("Unit"),
            _("Source"),
            _("From"),
            _("To"),
            _("Needs review"),
            _("Applied"),
        ]
        rows = [
            [
                r.id, _title(r), r.value, label_of(r.unit, "unit"), source_name(r.source), r.effective_from,
                r.effective_to, _("yes") if r.needs_review else "", _("no") if r.id in planned else _("yes"),
            ]
            for r in chosen
        ]  # fmt: skip
        return exported(wanted.export, f"rulebook-{on}", head, rows)
    page = cut(
        chosen,
        wanted,
        keys={"id": lambda r: r.id, "effective_from": lambda r: r.effective_from},
        words=lambda r: f"{r.id} {r.title_zh} {r.title_en} {r.source} {source_name(r.source)}",
        page_size=50,
    )
    context = {
        "list": page,
        "shown": [replace(_shown(rule), planned=planned.get(rule.id, "")) for rule in page.rows],
        "on": on,
        "review": review,
        "total": len(everything),
        "reviews": sum(rule.needs_review for rule in everything),
        "version": rulebook.version(on=on),
    }
    return render(request, "portals/regulator/rulebook.html", context)


def _shown(rule: Rule) -> Shown:
    text, unit = rule.value, rule.unit
    if text.startswith(("{", "[")):
        table = _table(text)
        flat = isinstance(table, dict) and not any(isinstance(one, dict | list) for one in table.values())
        rows = tuple((str(key), str(value)) for key, value in table.items()) if flat else ()
        pre = "" if rows else json.dumps(table, ensure_ascii=False, indent=1)
        return Shown(rule, unit=label_of(unit, "unit"), rows=rows, table=pre)
    if text in LABELS["rule_value"]:
        return Shown(rule, label_of(text, "rule_value"))
    if unit in {"CNY", "fen"}:
        return Shown(rule, wording.amount_words(int(Decimal(text) * (100 if unit == "CNY" else 1))))
    if unit.startswith("CNY "):
        return Shown(rule, f"{Decimal(text):,f}", label_of(unit, "unit"))
    if unit.startswith(("fraction", "share", "per ")):
        return Shown(rule, f"{(Decimal(text) * 100).normalize():f}%", label_of(unit, "unit"))
    return Shown(rule, text, label_of(unit, "unit"))


def _table(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _title(rule: Rule) -> str:
    return rule.title_zh if wording.in_chinese() else rule.title_en


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
