"""The rulebook for everybody: which thresholds hold on a day, and what they were before. No login: rules are no secret."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from rongtong.core.bounds import Day
from rongtong.core.clock import china_date, now
from rongtong.rulebook import facade as rulebook
from rongtong.rulebook.contracts import Rule

router = Router(auth=None)


class RuleOut(Schema):
    """One parameter over one span of time; `note` says where it stands in for an earlier day.

    `planned` names the capability that will apply it, where nothing does yet.
    """

    id: str
    value: str
    unit: str
    title_en: str
    title_zh: str
    source: str
    effective_from: date
    effective_to: date | None
    needs_review: bool
    note: str
    planned: str


class RulesOut(Schema):
    """Every rule on a day, and the version that decisions of that day keep."""

    on: date
    version: str
    rules: list[RuleOut]


@router.get("/rules", response=RulesOut, summary="The rules in force on a day, today's where none is named")
def list_rules(request: HttpRequest, on: Day | None = None) -> dict[str, Any]:
    day = on or china_date(now())
    return {"on": day, "version": rulebook.version(on=day), "rules": list(map(_out, rulebook.rules(on=day)))}


@router.get("/rules/{rule_id}", response=RuleOut, summary="One rule on a day")
def show_rule(request: HttpRequest, rule_id: str, on: Day | None = None) -> dict[str, Any]:
    return _out(rulebook.rule(rule_id, on=on or china_date(now())))


@router.get("/rules/{rule_id}/history", response=list[RuleOut], summary="Every row of one rule, superseded ones too")
def list_history(request: HttpRequest, rule_id: str) -> list[dict[str, Any]]:
    return [_out(rule) for rule in rulebook.history(rule_id)]


def _out(rule: Rule) -> dict[str, Any]:
    return asdict(rule) | {"planned": rulebook.planned_rules().get(rule.id, "")}
