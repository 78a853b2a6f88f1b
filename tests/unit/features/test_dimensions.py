"""The sides of a portrait: between 0 and 100, by published lines, worse when things are worse."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.core.ids import new_id
from rongtong.features.contracts import Portrait, PortraitId
from rongtong.features.definitions.catalogue import catalogue, names
from rongtong.features.rules.changes import changes
from rongtong.features.rules.dimensions import DriverRule, dimension_rules, dimensions
from rongtong.parties.contracts import OrganisationId

DEFINITIONS = {one.name: one for one in catalogue()}
VALUES = st.dictionaries(
    st.sampled_from(names()), st.none() | st.floats(-1e13, 1e13, allow_nan=False), max_size=len(names())
)


def score(code: str, **values: float | None) -> int | None:
    return next(one.score for one in dimensions(values, DEFINITIONS) if one.code == code)


class TestDriverRule:
    RULE = DriverRule("x", 1, ((0.0, 0.0), (10.0, 50.0), (30.0, 100.0)))

    @pytest.mark.parametrize(
        ("value", "expected"), [(-5, 0), (0, 0), (5, 25), (10, 50), (20, 75), (30, 100), (99, 100)]
    )
    def test_runs_straight_between_knots_and_flat_beyond(self, value: float, expected: float) -> None:
        assert self.RULE.score(value) == expected


class TestDimensionRules:
    def test_name_features_that_there_are_once_each(self) -> None:
        used = [driver.feature for rule in dimension_rules() for driver in rule.drivers]
        assert len(used) == len(set(used))
        assert set(used) <= set(names())

    def test_have_knots_in_order_and_scores_from_0_to_100(self) -> None:
        for rule in dimension_rules():
            for driver in rule.drivers:
                points = [value for value, _ in driver.knots]
                assert points == sorted(set(points)), driver.feature
                assert all(0 <= one <= 100 for _, one in driver.knots)
                assert driver.weight > 0


class TestDimensions:
    @given(values=VALUES)
    def test_are_between_0_and_100_or_unknown(self, values: dict[str, float | None]) -> None:
        for one in dimensions(values, DEFINITIONS):
            known = [driver for driver in one.drivers if driver.value is not None]
            assert (one.score is None) == (not known)
            assert one.score is None or 0 <= one.score <= 100

    def test_are_unknown_where_nothing_is_known(self) -> None:
        assert {one.score for one in dimensions({}, DEFINITIONS)} == {None}

    def test_leave_out_what_is_unknown(self) -> None:
        assert score("counterparties", inv_top1_buyer_share=0.3) == 75

    def test_withholding_the_courts_is_no_clean_record(self) -> None:
        values = {"reg_abnormal": 0.0, "nws_negative_90d": 0.0}
        courts = ("crt_dishonest", "crt_enforced_amount_fen", "crt_defendant_count_24m")
        side = next(one for one in dimensions(values, DEFINITIONS, courts) if one.code == "legal_reputation")
        assert (side.score, set(side.unknown)) == (None, set(courts))

    def test_count_the_unknown_part_as_the_worst(self) -> None:
        values = {
            "crt_dishonest": 0.0,
            "crt_enforced_amount_fen": 0.0,
            "crt_defendant_count_24m": 0.0,
            "reg_abnormal": 0.0,
        }
        side = next(
            one for one in dimensions(values, DEFINITIONS, ["nws_negative_90d"]) if one.code == "legal_reputation"
        )
        assert side.score == 92  # 1,100 of 1,200

    def test_are_the_mean_by_weight(self) -> None:
        # top1 0.3 -> 75 (weight 2), retention 0.6 -> 80 (weight 3): 390/5
        assert score("counterparties", inv_top1_buyer_share=0.3, inv_buyer_retention=0.6) == 78

    def test_a_dishonest_debtor_has_no_standing_left(self) -> None:
        clean = {"crt_enforced_amount_fen": 0.0, "crt_defendant_count_24m": 0.0, "reg_abnormal": 0.0}
        assert score("legal_reputation", crt_dishonest=0.0, **clean) == 100
        assert score("legal_reputation", crt_dishonest=1.0, **clean) == 0

    def test_name_the_strongest_effect_first(self) -> None:
        side = next(
            one
            for one in dimensions({"tax_grade_points": 0.0, "tax_late_filings_12m": 1.0}, DEFINITIONS)
            if one.code == "tax_compliance"
        )
        assert side.drivers[0].feature == "tax_grade_points"
        assert side.drivers[-1].value is None


def portrait(as_of: date, **values: float | None) -> Portrait:
    full = dict.fromkeys(names()) | values
    return Portrait(
        id=PortraitId(new_id()),
        enterprise_id=OrganisationId(new_id()),
        as_of=as_of,
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        version="1",
        values=full,
        dimensions=dimensions(full, DEFINITIONS),
        freshness={},
        monthly={},
        row_counts={},
        snapshot_ids={},
        content_digest="",
        digest="",
        generated=False,
    )


class TestChanges:
    def test_the_first_portrait_changes_nothing(self) -> None:
        first = changes(portrait(date(2026, 1, 1), reg_age_months=5.0), None, DEFINITIONS)
        assert (first.dimensions, first.features, first.previous_id) == ((), (), None)

    def test_name_the_largest_move_first(self) -> None:
        before = portrait(date(2026, 1, 1), reg_age_months=24.0, crt_dishonest=0.0)
        after = portrait(date(2026, 2, 1), reg_age_months=25.0, crt_dishonest=1.0)
        moved = changes(after, before, DEFINITIONS)
        assert [(one.code, one.before, one.after) for one in moved.dimensions] == [
            ("legal_reputation", 100, 0),
            ("stability", 50, 51),
        ]
        assert {one.feature: (one.before, one.after) for one in moved.features} == {
            "reg_age_months": (24.0, 25.0),
            "crt_dishonest": (0.0, 1.0),
        }

    def test_tell_what_became_known(self) -> None:
        moved = changes(portrait(date(2026, 2, 1), crt_dishonest=0.0), portrait(date(2026, 1, 1)), DEFINITIONS)
        assert [(one.feature, one.before, one.after) for one in moved.features] == [("crt_dishonest", None, 0.0)]
