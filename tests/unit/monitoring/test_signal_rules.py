from __future__ import annotations

import pytest

from rongtong.monitoring.contracts import Detected, Level
from rongtong.monitoring.rules import NEWS, READS, RULES, View, can_pass, combined_level, detect, is_news

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
            ({"inv_last3_over_prior3": -0.60, "inv_last3_yoy": -0.10}, {}, []),  # the Spring Festival
            ({"inv_last3_over_prior3": 0.20, "inv_last3_yoy": -0.40}, {}, [("sales_drop", Level.ORANGE)]),
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

    def test_is_a_signal_of_its_own(self) -> None:
        orange = {"pow_drop_2m": 0.5, "inv_last3_over_prior3": -0.9, "soc_arrears_months_12m": 3}
        assert found(orange)[0] == ("several_signals", Level.RED)
        assert found({**orange, "crt_dishonest": 1})[0] == ("dishonest_debtor", Level.RED)
        assert "several_signals" not in [code for code, _ in found({**orange, "crt_dishonest": 1})]


class TestIsNews:
    @pytest.mark.parametrize(
        ("code", "level", "facts", "expected"),
        [
            ("enforced_debtor", Level.RED, {"enforced_fen": 10}, False),
            ("enforced_debtor", Level.RED, {"enforced_fen": 11}, True),
            ("power_stopped", Level.RED, {"zero_days": 30}, False),
            ("tax_grade_down", Level.ORANGE, {}, True),
            ("lawsuit_cluster", Level.ORANGE, {"new_cases_90d": 4}, True),
        ],
    )
    def test_is_what_is_graver_or_has_grown(self, code: str, level: Level, facts: dict, expected: bool) -> None:  # type: ignore[type-arg]  # a table
        before = {"enforced_fen": 10, "zero_days": 15, "new_cases_90d": 3}
        dismissed = {"tax_grade_down": Level.YELLOW}.get(code, level)
        assert is_news(Detected(code, level, facts), dismissed, before) is expected

    def test_is_read_off_figures_that_the_rules_give(self) -> None:
        given = {
            one.code: set(one.facts)
            for one in detect(
                View(
                    {
                        "crt_enforced_amount_fen": 5,
                        "tax_late_fee_12m_fen": 500,
                        "crt_defendant_count_24m": 5,
                        "reg_changes_12m": 4,
                        "nws_negative_90d": 5,
                        "pow_drop_2m": 0.5,
                        "soc_arrears_months_12m": 3,
                    },
                    {"tax_late_fee_12m_fen": 0, "crt_defendant_count_24m": 0},
                    3,
                ),
                LIMITS | {"monitoring.combine_count": 1},
            )
        }
        assert all(name in given[code] for code, name in NEWS.items() if code in given)
        assert set(NEWS) - set(given) <= {"several_signals"}


class TestCanPass:
    def test_asks_for_the_records_of_each_rule(self) -> None:
        assert not can_pass("dishonest_debtor", View({}, {}))
        assert can_pass("dishonest_debtor", View({"crt_dishonest": 0}, {}))
        assert can_pass("overdue_here", View({}, {}))
        assert len(READS) == len(RULES) - 1, "all but what is overdue here is read from records"
