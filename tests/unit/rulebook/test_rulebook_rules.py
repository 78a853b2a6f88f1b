"""The pure rules of the rulebook: reading files, choosing the row in force, naming a version."""

from datetime import date

import pytest

from rongtong.rulebook.adapters.packaged import packaged_rules
from rongtong.rulebook.contracts import Rule
from rongtong.rulebook.rules import in_force, parse_rules, version_of

HEAD = '[[rule]]\nid = "x.y"\nunit = "days"\ntitle_en = "X"\ntitle_zh = "甲"\nsource = "art. 1"\n'


def row(start: str, value: str, end: str | None = None) -> Rule:
    return Rule("x.y", value, "days", "X", "甲", "art. 1", date.fromisoformat(start), end and date.fromisoformat(end))


class TestParseRules:
    def test_reads_a_value(self) -> None:
        (rule,) = parse_rules(HEAD + 'value = "3"\neffective_from = 2020-01-01\neffective_to = 2021-01-01\n')
        assert rule == row("2020-01-01", "3", "2021-01-01")

    def test_makes_one_row_for_each_date_of_a_series(self) -> None:
        rows = parse_rules(HEAD + 'series = [[2020-01-01, "1"], [2021-01-01, "2"]]\n')
        assert rows == (row("2020-01-01", "1", "2021-01-01"), row("2021-01-01", "2"))

    def test_keeps_a_table_as_canonical_json(self) -> None:
        (rule,) = parse_rules(HEAD + 'table = { b = [1, 2], a = "一" }\neffective_from = 2020-01-01\n')
        assert rule.value == '{"a":"一","b":[1,2]}'

    @pytest.mark.parametrize(
        "rest",
        [
            "value = 3\neffective_from = 2020-01-01\n",
            'value = "3"\n',
            'value = "3"\neffective_from = 2020-01-01\neffective_to = 2020-01-01\n',
            'value = "3"\neffective_from = 2020-01-01\ncolour = "red"\n',
            'series = [[2021-01-01, "1"], [2020-01-01, "2"]]\n',
        ],
    )
    def test_names_the_entry_that_is_wrong(self, rest: str) -> None:
        with pytest.raises(ValueError, match=r"f\.toml: rule 'x\.y'"):
            parse_rules(HEAD + rest, "f.toml")


class TestInForce:
    def test_takes_the_latest_that_has_begun(self) -> None:
        rows = [row("2020-01-01", "1"), row("2021-01-01", "2")]
        assert in_force(rows, date(2020, 12, 31)) == rows[0]
        assert in_force(rows, date(2021, 1, 1)) == rows[1]

    def test_takes_the_earliest_with_a_note_before_all_of_them(self) -> None:
        found = in_force([row("2020-01-01", "1"), row("2021-01-01", "2")], date(2019, 1, 1))
        assert found is not None
        assert (found.value, "2019-12-31" in found.note) == ("1", True)

    def test_lets_a_correction_of_the_same_day_win(self) -> None:
        found = in_force([row("2020-01-01", "1"), row("2020-01-01", "9")], date(2020, 1, 1))
        assert found is not None
        assert found.value == "9"

    def test_finds_nothing_once_the_rule_has_ended(self) -> None:
        assert in_force([row("2020-01-01", "1", "2021-01-01")], date(2021, 1, 1)) is None


class TestVersionOf:
    def test_is_independent_of_order_and_of_notes(self) -> None:
        one, two = row("2020-01-01", "1"), row("2021-01-01", "2")
        assert version_of([one, two]) == version_of([two.noted("n"), one])

    def test_changes_with_one_value(self) -> None:
        assert version_of([row("2020-01-01", "1")]) != version_of([row("2020-01-01", "2")])


class TestPackagedRules:
    def test_cite_a_source_and_speak_both_languages(self) -> None:
        for rule in packaged_rules():
            assert all(text.strip() for text in (rule.source, rule.title_en, rule.title_zh)), rule.id
            assert (len(rule.id) <= 80, len(rule.source) <= 400, len(rule.unit) <= 80) == (True,) * 3, rule.id

    def test_hold_the_lpr_of_each_month_since_it_was_reformed(self) -> None:
        lpr = [rule for rule in packaged_rules() if rule.id == "rate.lpr_1y"]
        for day, value in ((date(2020, 3, 1), "0.0405"), (date(2021, 12, 19), "0.0385"), (date(2026, 4, 20), "0.0300")):
            found = in_force(lpr, day)
            assert found is not None
            assert found.value == value
