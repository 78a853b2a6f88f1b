"""Rules that came after the package, by the command line; and those that nothing applies yet, told as such."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

from rongtong.config.commands import rules as rules_command
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform
from rongtong.rulebook import facade as rulebook

LPR = """
[[rule]]
id = "rate.lpr_1y"
unit = "per year"
title_en = "Loan prime rate, 1 year"
title_zh = "一年期贷款市场报价利率"
source = "全国银行间同业拆借中心 2027-01-20"
value = "0.0295"
effective_from = 2027-01-20
"""


@pytest.fixture
def run(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]  # a function
    monkeypatch.setattr(rules_command, "platform", as_platform_at_hand)

    def run(text: str):  # type: ignore[no-untyped-def]  # click's
        path = tmp_path / "rules.toml"
        path.write_text(text)
        return CliRunner().invoke(rules_command.command, [str(path), "--json"], standalone_mode=False)

    return run


def as_platform_at_hand():  # type: ignore[no-untyped-def]  # a context
    """The tests' platform is ready; only the viewer is set."""
    return as_platform() or nullcontext()


class TestRulesCommand:
    def test_records_a_rule_once_and_names_the_command_line(self, run) -> None:  # type: ignore[no-untyped-def]  # fixture
        first, again = run(LPR), run(LPR)
        assert json.loads(first.output)["added"] == 1, first.output
        assert json.loads(again.output)["added"] == 0
        with as_platform():
            entry = AuditEntry.objects.get(action="rule.recorded")
        assert (entry.actor_kind, entry.actor_right, entry.subject) == ("system", "command_line", "rate.lpr_1y")

    @pytest.mark.parametrize("text", ["[[rule", "[[rule]]\nid = 'x'", LPR.replace('"0.0295"', "0.0295")])
    def test_refuses_what_is_no_rule(self, run, text: str) -> None:  # type: ignore[no-untyped-def]  # fixture
        answer = run(text)
        assert isinstance(answer.exception, rules_command.RulesMalformed)


@pytest.mark.django_db
class TestPlannedRules:
    def test_are_told_over_the_api(self) -> None:
        rule = next(iter(rulebook.planned_rules()))
        assert Client().get(f"/api/rulebook/rules/{rule}").json()["planned"] == rulebook.planned_rules()[rule]
        assert Client().get("/api/rulebook/rules/rate.lpr_1y").json()["planned"] == ""
