from __future__ import annotations

import pytest

from rongtong.monitoring.contracts import Level
from rongtong.monitoring.rules import RULES, View, combined_level, detect

LIMITS = {
    "monitoring.enforced_share": 0.10,
    "monitoring.overdue_red_days": 8,
    "monitoring.power_zero_days": 15,
    "monitoring.power_drop": 0.30,
    "monitoring.sales_drop": 0.40,
    "monitoring.sales_silent_days": 60,
    "monitoring.social_arrears_months": 2,
    "monitoring.headcount_drop": 0.30,
    "monitoring.lawsuits_90d": 3,
    "monitoring.registration_changes": 3,
    "monitoring.negative_news": 3,
    "monitoring.combine_count": 3,
}


def found(
    now: dict[str, float | None], before: dict[str, float | None] | None = None, overdue: int = 0
) -> list[tuple[str, Level]]:
    return [(one.code, one.level) for one in detect(View(now, before or {}, overdue), LIMITS)]


class TestDetect:
    def test_says_nothing_where_there_is_no_data(self) -> None:
        assert found({}) == []
        assert found({"crt_dishonest": None, "pow_drop_2m": None, "tax_grade_points": None}) == []

    def test_has_at_least_ten_signals(self) -> None:
        assert len(RULES) >= 10

    @pytest.mark.parametrize(
        ("now", "before", "expected"),
        [
            ({"crt_dishonest": 1}, {}, [("dishonest_debtor", Level.RED)]),
            ({"crt_enforced_amount_fen": 11, "inv_sales_12m_fen": 100}, {}, [("enforced_debtor", Level.RED)]),
            ({"crt_enforced_amount_fen": 10, "inv_sales_12m_fen": 100}, {}, [("enforced_debtor", Level.ORANGE)]),
            ({"crt_enforced_amount_fen": 10}, {}, [("enforced_debtor", Level.RED)]),
            ({"pow_zero_run_days": 15}, {}, [("power_stopped", Level.RED)]),
            ({"pow_zero_run_days": 14}, {}, []),
            ({"pow_drop_2m": 0.30}, {}, [("power_drop", Level.ORANGE)]),
            ({"inv_last3_over_prior3": -0.40}, {}, [("sales_drop", Level.ORANGE)]),
            ({"inv_last3_over_prior3": -0.39, "inv_days_since_last_sale": 59}, {}, []),
            ({"inv_days_since_last_sale": 60}, {}, [("sales_drop", Level.ORANGE)]),
            ({"tax_late_fee_12m_fen": 500}, {"tax_late_fee_12m_fen": 0}, [("tax_arrears", Level.ORANGE)]),
            ({"tax_late_fee_12m_fen": 500}, {"tax_late_fee_12m_fen": 500}, []),
            ({"soc_arrears_months_12m": 2}, {}, [("social_insurance", Level.ORANGE)]),
            ({"soc_headcount_change_3m": -0.30}, {}, [("social_insurance", Level.ORANGE)]),
            ({"crt_defendant_count_24m": 4}, {"crt_defendant_count_24m": 1}, [("lawsuit_cluster", Level.ORANGE)]),
            ({"tax_grade_points": 3}, {"tax_grade_points": 4}, [("tax_grade_down", Level.YELLOW)]),
            ({"tax_grade_points": 1}, {"tax_grade_points": 3}, [("tax_grade_down", Level.ORANGE)]),
            ({"reg_abnormal": 1}, {}, [("registration_change", Level.YELLOW)]),
            ({"nws_negative_90d": 3}, {}, [("negative_news", Level.YELLOW)]),
        ],
    )
    def test_finds_each_signal_at_its_threshold(self, now: dict, before: dict, expected: list) -> None:  # type: ignore[type-arg]  # a table
        assert found(now, before) == expected

    def test_is_graver_the_longer_a_loan_is_overdue(self) -> None:
        assert found({}, overdue=7) == [("overdue_here", Level.ORANGE)]
        assert found({}, overdue=8) == [("overdue_here", Level.RED)]

    def test_puts_the_gravest_first(self) -> None:
        codes = [code for code, _ in found({"nws_negative_90d": 5, "crt_dishonest": 1, "pow_drop_2m": 0.9})]
        assert codes == ["dishonest_debtor", "power_drop", "negative_news"]


class TestCombinedLevel:
    def test_is_that_of_the_gravest(self) -> None:
        assert combined_level([Level.YELLOW, Level.ORANGE], LIMITS) == Level.ORANGE

    def test_rises_where_several_stand_together(self) -> None:
        assert combined_level([Level.ORANGE] * 3, LIMITS) == Level.RED
        assert combined_level([Level.YELLOW] * 3, LIMITS) == Level.ORANGE

    def test_is_none_without_signals(self) -> None:
        assert combined_level([], LIMITS) is None
