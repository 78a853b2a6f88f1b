"""The house's multiples of the contract rate stay within those of the law, whatever row was recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from rongtong.core.actors import system_actor
from rongtong.core.tenancy import as_platform
from rongtong.origination.actions.prepare_agreement import _multiple
from rongtong.rulebook import facade as rulebook

DAY = date(2026, 6, 1)
AT = datetime(2026, 6, 1, 2, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
class TestMultiples:
    @pytest.mark.parametrize(
        ("rule_id", "bounded_by", "recorded", "used"),
        [
            ("loan.overdue_multiplier", "loan.overdue_multiplier", "3", "1.5"),
            ("loan.overdue_multiplier", "loan.overdue_multiplier", "1", "1.3"),
            ("loan.overdue_multiplier", "loan.overdue_multiplier", "1.4", "1.4"),
            ("origination.misuse_multiplier", "loan.misuse_multiplier", "5", "2.0"),
            ("origination.misuse_multiplier", "loan.misuse_multiplier", "1", "1.5"),
        ],
    )
    def test_are_held_within_the_law(self, rule_id: str, bounded_by: str, recorded: str, used: str) -> None:
        with as_platform():
            row = replace(rulebook.rule(rule_id, on=DAY), value=recorded)
            rulebook.record_rules(rules=[row], actor=system_actor("test"), at=AT)
            assert _multiple(rule_id, bounded_by, DAY) == Decimal(used)
