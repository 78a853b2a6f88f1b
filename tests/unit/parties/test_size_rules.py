"""Size classes by 工信部联企业〔2011〕300号; cases computed by two independent algorithms."""

import pytest

from rongtong.parties.contracts import SizeClass
from rongtong.parties.rules.sizes import FEN_PER_WAN, classify_size, section_of, thresholds_for
from rongtong.rulebook.adapters.packaged import packaged_rules

LARGE, MEDIUM, SMALL, MICRO = SizeClass.LARGE, SizeClass.MEDIUM, SizeClass.SMALL, SizeClass.MICRO


@pytest.fixture(scope="module")
def table():
    import json

    (rule,) = [rule for rule in packaged_rules() if rule.id == "parties.size_thresholds"]
    return json.loads(rule.value)


def wan(amount: int | None) -> int | None:
    return None if amount is None else amount * FEN_PER_WAN


CASES = [
    ("C33", 1200, 39999, None, MEDIUM),
    ("C33", 1000, 40000, None, LARGE),
    ("C33", 299, 50000, None, SMALL),
    ("C33", 300, 2000, None, MEDIUM),
    ("C33", 19, 50000, None, MICRO),
    ("C33", 20, 299, None, MICRO),
    ("F51", 4, 99999, None, MICRO),
    ("F51", 5, 1000, None, SMALL),
    ("E47", None, 6000, 4999, SMALL),
    ("K701", None, 300000, 9999, MEDIUM),
    ("L72", 100, None, 8000, MEDIUM),
    ("M73", 10, None, None, SMALL),
    ("I65", 9, 100000, None, MICRO),
]


class TestClassifySize:
    @pytest.mark.parametrize(("code", "staff", "revenue", "assets", "expected"), CASES)
    def test_wants_all_lower_bounds(self, table, code, staff, revenue, assets, expected) -> None:
        assert (
            classify_size(table, industry_code=code, staff=staff, revenue_minor=wan(revenue), assets_minor=wan(assets))
            is expected
        )

    def test_counts_one_fen_below_a_bound_as_below(self, table) -> None:
        figures = {"industry_code": "C33", "staff": 1000, "assets_minor": None}
        assert classify_size(table, revenue_minor=40000 * FEN_PER_WAN, **figures) is LARGE
        assert classify_size(table, revenue_minor=40000 * FEN_PER_WAN - 1, **figures) is MEDIUM

    def test_cannot_say_where_a_needed_figure_is_missing(self, table) -> None:
        assert classify_size(table, industry_code="C33", staff=10, revenue_minor=None, assets_minor=None) is None

    @pytest.mark.parametrize("code", ["J66", "P83", "Q84", "S91", "T97", "G53", "", "??", "33Z"])
    def test_leaves_out_what_the_standard_leaves_out(self, table, code) -> None:
        assert classify_size(table, industry_code=code, staff=10, revenue_minor=1, assets_minor=1) is None


class TestThresholdsFor:
    @pytest.mark.parametrize(
        ("code", "name"),
        [
            ("G591", "transport"),
            ("G5911", "transport"),
            ("G592", "storage"),
            ("5990", "storage"),
            ("K701", "real_estate_development"),
            ("K702", "property_management"),
            ("K703", "other"),
            ("3311", "industry"),
            ("C", "industry"),
            ("06", "industry"),
            ("Q85", "other"),
            ("R90", "other"),
            ("N77", "other"),
            ("i65", "software"),
            ("I63", "telecommunication"),
        ],
    )
    def test_takes_the_longest_code(self, table, code, name) -> None:
        row = thresholds_for(table, code)
        assert row is not None
        assert row["name"] == name


class TestSectionOf:
    @pytest.mark.parametrize(
        ("division", "letter"), [(1, "A"), (5, "A"), (6, "B"), (43, "C"), (97, "T"), (98, ""), (0, "")]
    )
    def test_follows_the_classification(self, division, letter) -> None:
        assert section_of(division) == letter
