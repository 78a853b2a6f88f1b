from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.core.ids import new_id
from rongtong.origination.contracts import APPLICATION_FIELDS, ApplicationDraft, Purpose
from rongtong.origination.rules.form import FIELD_MESSAGES, clean_text, problems_of_draft, problems_with_offer

GOOD = ApplicationDraft(
    offer_id=new_id(),
    amount_minor=50_000_000,
    term_months=12,
    purpose=Purpose.GOODS,
    contact_name="张三",
    contact_phone="+86 138-0000-0000",
    account_bank="清江银行",
    account_number="6222 0202 0011 2233 445",
    declared=True,
)


class TestTheForm:
    def test_has_at_most_fifteen_fields_each_labelled_in_both_languages(self) -> None:
        assert len(APPLICATION_FIELDS) <= 15
        assert all(field.label_zh and field.label_en for field in APPLICATION_FIELDS)

    def test_is_the_draft_field_by_field(self) -> None:
        names = set(ApplicationDraft.__dataclass_fields__) - {"channel"}
        assert {field.name for field in APPLICATION_FIELDS} == names

    def test_finds_nothing_wrong_with_a_good_draft(self) -> None:
        assert problems_of_draft(GOOD) == {}

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            ({"amount_minor": 0}, ("amount_minor", "not_positive")),
            ({"amount_minor": -1}, ("amount_minor", "not_positive")),
            ({"term_months": 0}, ("term_months", "not_positive")),
            ({"purpose": "property"}, ("purpose", "not_a_choice")),
            ({"purpose": Purpose.OTHER}, ("purpose_note", "note_missing")),
            ({"purpose_note": "长" * 201}, ("purpose_note", "too_long")),
            ({"contact_name": " \u200b "}, ("contact_name", "missing")),
            ({"contact_name": "张\x00三"}, ("contact_name", "malformed_text")),
            ({"contact_name": "张\ud800三"}, ("contact_name", "malformed_text")),
            ({"contact_phone": ""}, ("contact_phone", "missing")),
            ({"contact_phone": "打我电话"}, ("contact_phone", "malformed_phone")),
            ({"contact_phone": "1" * 21}, ("contact_phone", "too_long")),
            ({"contact_role": "king"}, ("contact_role", "not_a_choice")),
            ({"account_number": "12a45678"}, ("account_number", "malformed_account")),
            ({"account_bank": ""}, ("account_bank", "bank_missing")),
            ({"declared": False}, ("declared", "declaration_missing")),
        ],
    )
    def test_names_what_is_wrong_by_a_stable_code(self, change: dict[str, Any], problem: tuple[str, str]) -> None:
        assert problems_of_draft(replace(GOOD, **change)) == dict([problem])

    def test_names_every_problem_at_once(self) -> None:
        bad = replace(GOOD, amount_minor=0, contact_name="", declared=False)
        assert set(problems_of_draft(bad)) == {"amount_minor", "contact_name", "declared"}

    def test_keeps_amount_and_term_to_the_offer(self) -> None:
        def check(draft: ApplicationDraft) -> dict[str, str]:
            return problems_with_offer(
                draft, offered_minor=50_000_000, offered_months=12, min_minor=10_000_000, terms_months=(6, 12)
            )

        assert check(GOOD) == {}
        assert check(replace(GOOD, term_months=6)) == {}
        assert check(replace(GOOD, amount_minor=50_000_001)) == {"amount_minor": "above_offer"}
        assert check(replace(GOOD, amount_minor=9_999_999)) == {"amount_minor": "below_product"}
        assert check(replace(GOOD, term_months=18)) == {"term_months": "term_not_offered"}

    def test_has_a_message_for_each_code(self) -> None:
        assert all(str(message) for message in FIELD_MESSAGES.values())


class TestCleanText:
    @given(st.text(max_size=80))
    def test_leaves_one_line_that_stays_as_it_is(self, text: str) -> None:
        cleaned = clean_text(text)
        assert cleaned == clean_text(cleaned)
        assert "\n" not in cleaned
        assert "\x00" not in cleaned

    def test_drops_marks_that_turn_the_direction_of_writing(self) -> None:
        assert clean_text("诚信\u202e司公") == "诚信司公"

    def test_keeps_markup_as_the_text_that_it_is(self) -> None:
        assert clean_text("<b>#set</b>'; DROP TABLE x;--") == "<b>#set</b>'; DROP TABLE x;--"
