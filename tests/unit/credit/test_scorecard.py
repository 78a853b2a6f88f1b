from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.credit.scorecards.card import Scale, load_scorecard, sheet_of
from rongtong.credit.scorecards.derived import DERIVED, two_year_sales
from rongtong.credit.scorecards.wording import describe_bin, describe_value

CARD = load_scorecard()
INPUTS = {feature.name for feature in CARD.features} - DERIVED.keys() | {"inv_sales_12m_fen"}
VALUES = st.fixed_dictionaries(
    {name: st.none() | st.just(float("nan")) | st.floats(-1e13, 1e13) for name in sorted(INPUTS)}
)


class TestScale:
    @pytest.mark.parametrize(
        ("pd", "score"), [("0.01", "619.71"), ("0.02", "599.42"), ("0.05", "572.08"), ("0.10", "550.52")]
    )
    def test_agrees_with_the_worked_scores(self, pd, score):
        assert round(CARD.scale.score_of(Decimal(pd)), 2) == Decimal(score)

    def test_agrees_with_the_worked_factor_and_offset(self):
        assert round(CARD.scale.factor, 6) == Decimal("28.853901")
        assert round(CARD.scale.offset, 6) == Decimal("487.122876")
        other = Scale(score=600, odds=20, pdo=50)
        assert (round(other.factor, 6), round(other.offset, 6)) == (Decimal("72.134752"), Decimal("383.903595"))

    def test_twenty_points_double_the_odds(self):
        assert round((1 - CARD.scale.pd(620)) / CARD.scale.pd(620)) == 100
        assert round(CARD.scale.pd(640) * 100, 5) == Decimal("0.49751")


class TestScore:
    @given(VALUES)
    def test_contributions_sum_to_the_score_exactly(self, values):
        result = CARD.score(values)
        assert result.base_points + sum(one.points for one in result.contributions) == result.score
        assert 0 < result.pd < 1
        assert CARD.score(values) == result

    @given(VALUES)
    def test_reasons_name_every_lost_point_of_what_is_known(self, values):
        result = CARD.score(values)
        lost = {one.feature: one.best_points - one.points for one in result.contributions if one.value is not None}
        assert {one.code: one.points_lost for one in result.reasons} == {
            code: points for code, points in lost.items() if points
        }
        assert [one.points_lost for one in result.reasons] == sorted(
            (one.points_lost for one in result.reasons), reverse=True
        )

    def test_figures_that_do_not_apply_are_neutral(self):
        result = CARD.score({})
        assert result.score == result.base_points == result.score_low == result.score_high
        assert not result.reasons
        assert {one.bin_zh for one in result.contributions} == {"不适用"}

    @given(VALUES, st.sets(st.sampled_from(sorted(INPUTS))))
    def test_what_is_unknown_is_never_better_than_any_value(self, values, unknown):
        known = CARD.score(values)
        masked = CARD.score(values, unknown=frozenset(unknown))
        assert masked.score <= known.score
        assert masked.score_low <= known.score_low
        assert masked.score_low <= masked.score <= masked.score_high
        assert masked.score_high >= known.score

    @given(VALUES, st.sets(st.sampled_from(sorted(INPUTS))))
    def test_what_is_assumed_lies_between_the_bounds(self, values, assumed):
        absent = {name: value for name, value in values.items() if name not in assumed}
        result = CARD.score(absent, assumed=frozenset(assumed))
        assert result.score_low <= CARD.score(values).score_low
        assert result.score_low <= result.score <= result.score_high

    def test_a_firm_of_which_nothing_is_known_has_the_worst_grade_and_is_told_why(self):
        result = CARD.score({}, unknown=frozenset(INPUTS))
        assert result.grade == "E"
        assert {one.standing for one in result.contributions} == {"unknown"}
        assert "未知" in result.reasons[0].text_zh

    def test_the_card_of_before_scores_as_it_did(self):
        old = load_scorecard("1.0.0")
        assert (old.version, old.score({}).score, old.score({"crt_dishonest": 1.0}).score) == ("1.0.0", 575, 455)
        assert {feature.missing for feature in old.features} == {0}

    def test_more_points_never_mean_a_worse_grade_or_a_higher_pd(self):
        weak = CARD.score({"crt_dishonest": 1.0})
        strong = CARD.score({"crt_dishonest": 0.0, "inv_sales_12m_fen": 2e9})
        assert (weak.grade, strong.pd < weak.pd) == ("E", True)

    def test_says_what_would_help_in_both_languages(self):
        (reason,) = CARD.score({"inv_months_observed": 30.0}).reasons
        assert (
            reason.text_en
            == "The invoice history is shorter than three years (now 30 months; 36 months or more would add 6 points)."
        )
        assert reason.text_zh == "开票记录未满三年（当前30个月，若为36个月及以上可再得6分）。"


class TestTwoYearSales:
    def test_is_the_mean_of_this_year_and_the_one_before(self):
        assert two_year_sales({"inv_sales_12m_fen": 120.0, "inv_sales_growth_12m": 0.2}) == pytest.approx(110.0)

    @pytest.mark.parametrize("growth", [None, float("nan"), -1.0, -0.995])
    def test_is_this_year_where_the_one_before_is_not_known(self, growth):
        assert two_year_sales({"inv_sales_12m_fen": 120.0, "inv_sales_growth_12m": growth}) == 120.0

    def test_is_missing_where_sales_are(self):
        assert two_year_sales({"inv_sales_12m_fen": None, "inv_sales_growth_12m": 0.2}) is None


class TestSheet:
    def test_is_a_plausible_scorecard(self):
        for feature in CARD.features:
            assert list(feature.cuts) == sorted(set(feature.cuts)), feature.name
            assert len(feature.points) == len(feature.cuts) + 1 <= 8, feature.name
            rising = list(feature.points) == sorted(feature.points)
            assert rising or list(feature.points) == sorted(feature.points, reverse=True), f"{feature.name} is monotone"

    def test_never_asks_for_what_nearly_is_the_label(self):
        assert not any("rating" in feature.name for feature in CARD.features)

    def test_publishes_every_bin_in_both_languages(self):
        sheet = sheet_of(CARD)
        assert all(one.bins[-1].points == min(two.points for two in one.bins) for one in sheet.features)
        assert all(one.text_en and one.text_zh for feature in sheet.features for one in feature.bins)
        assert dict(sheet.grades)["A"] == 630


class TestWording:
    def test_reads_as_people_write(self):
        assert describe_value("fen", 120_000_000) == ("CNY 1,200,000", "120万元")
        assert describe_value("percent", 0.25) == ("25%", "25%")
        assert describe_value("grade", 3) == ("B", "B级")
        assert describe_value("flag", 1) == ("yes", "是")
        assert describe_bin("firms", 3, 10) == ("3 to 9 firms", "3至9家")
        assert describe_bin("firms", None, 1) == ("0 firms", "0家")
        assert describe_bin("days", 185, None) == ("185 days or more", "185天及以上")
        assert describe_bin("grade", 4, None) == ("A", "A级")
        assert describe_bin("percent", 0.1, 0.25) == ("10% to below 25%", "10%至25%（不含）")
