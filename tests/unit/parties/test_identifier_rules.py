"""Identifiers check as the standards say; vectors are public codes, each with the embedded check of its standard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.parties.contracts import CheckResult
from rongtong.parties.rules.identifiers import (
    USCC_ALPHABET,
    check_bank_account,
    check_identifier,
    check_lei,
    check_org_code,
    check_resident_id,
    check_uscc,
    suggest_uscc,
    uscc_check_character,
)

VALID, FORMAT_ERROR, MISMATCH = CheckResult.VALID, CheckResult.FORMAT_ERROR, CheckResult.CHECK_MISMATCH

PUBLIC = [
    "914403001922038216",
    "91440300708461136T",
    "9144030071526726XG",
    "91330100716105852F",
    "91330100799655058B",
    "91110000802100433B",
    "91110108551385082Q",
    "91440300192317458F",
    "91350900587527783P",
    "91440606722473344C",
    "91440400192548256N",
    "91100000100003962T",
    "9144030010001686XA",
]
SYNTHETIC = ["91440300MA5X00006X", "92330106MA2ABCDEX4", "12110000MB0A123424", "52310000MJ1234561M"]


class TestCheckUscc:
    @pytest.mark.parametrize("code", PUBLIC + SYNTHETIC)
    def test_accepts_what_the_standard_makes(self, code: str) -> None:
        assert check_uscc(code) == (VALID, code)

    @pytest.mark.parametrize("code", PUBLIC)
    def test_finds_an_organisation_code_inside_that_checks_too(self, code: str) -> None:
        assert check_org_code(code[8:17])[0] is VALID

    @pytest.mark.parametrize("code", ["914403001922038217", "91520000714307805P"])
    def test_says_mismatch_for_a_wrong_check_character(self, code: str) -> None:
        assert check_uscc(code)[0] is MISMATCH

    def test_says_mismatch_and_no_more_for_a_legal_pilot_code(self) -> None:
        assert check_uscc("91350203M0001FUE2P")[0] is MISMATCH
        assert uscc_check_character("91350203M0001FUE2") == "J"

    @pytest.mark.parametrize(
        "code",
        [
            "91440300I92203821 6",
            "",
            "9144030019220382",
            "9144O3001922038216",
            "９１４４",
            "x" * 500,
            "91٤403001922038216",
        ],
    )
    def test_says_format_error_for_what_cannot_be_one(self, code: str) -> None:
        assert check_uscc(code)[0] is FORMAT_ERROR

    def test_normalises_width_case_spaces_and_hyphens(self) -> None:
        assert check_uscc(" ９１440300-71526726 xg\u3000") == (VALID, "9144030071526726XG")

    def test_catches_each_transposition_of_neighbours(self) -> None:
        code = "914403001922038216"
        swapped = {code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(17)} - {code}
        assert swapped
        assert all(check_uscc(one)[0] is not VALID for one in swapped)

    @given(st.text(USCC_ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(USCC_ALPHABET))
    def test_catches_each_single_wrong_character(self, body: str, place: int, letter: str) -> None:
        body = body[:2] + "330100" + body[8:]
        code = body + uscc_check_character(body)
        assert check_uscc(code)[0] is VALID
        wrong = code[:place] + letter + code[place + 1 :]
        assert (check_uscc(wrong)[0] is VALID) == (wrong == code)


class TestSuggestUscc:
    def test_names_what_was_meant_by_a_letter_o(self) -> None:
        assert suggest_uscc("9144O3001922O38216") == "914403001922038216"

    def test_is_silent_about_a_valid_code_and_about_nonsense(self) -> None:
        assert suggest_uscc("914403001922038216") is None
        assert suggest_uscc("OOO") is None


class TestCheckOrgCode:
    def test_accepts_that_of_a_public_company(self) -> None:
        assert check_org_code("19220382-1") == (VALID, "192203821")

    def test_says_mismatch_for_another_check_digit(self) -> None:
        assert check_org_code("192203822")[0] is MISMATCH


class TestCheckResidentId:
    @pytest.mark.parametrize("code", ["11010519491231002X", "440524188001010014", "11010519491231002x"])
    def test_accepts_the_examples_of_the_standard(self, code: str) -> None:
        assert check_resident_id(code)[0] is VALID

    def test_says_mismatch_for_another_check_digit(self) -> None:
        assert check_resident_id("110105194912310021")[0] is MISMATCH

    def test_knows_no_digits_but_ours(self) -> None:
        assert check_resident_id("١1010519491231002X")[0] is FORMAT_ERROR
        assert check_lei("5493002ERZU2K9PZDL٤0")[0] is FORMAT_ERROR

    def test_says_format_error_for_a_day_that_never_was(self) -> None:
        assert check_resident_id("11010519490231002X")[0] is FORMAT_ERROR


class TestCheckBankAccount:
    @pytest.mark.parametrize("card", ["6222021234567890128", "6228480000000000000", "6217000000000000004"])
    def test_accepts_a_card_by_luhn(self, card: str) -> None:
        assert check_bank_account(card, corporate=False)[0] is VALID

    def test_says_mismatch_for_a_card_with_a_wrong_digit(self) -> None:
        assert check_bank_account("6222021234567890129", corporate=False)[0] is MISMATCH

    def test_never_holds_a_corporate_account_against_luhn(self) -> None:
        assert check_bank_account("1001 2007 0901 4420 011", corporate=True) == (
            CheckResult.UNCHECKED,
            "1001200709014420011",
        )

    @pytest.mark.parametrize("text", ["", "12", "6222 ABCD", "١٢٣٤٥٦٧٨٩٠١٢٣"])
    def test_says_format_error_for_what_is_no_account(self, text: str) -> None:
        assert check_bank_account(text, corporate=True)[0] is FORMAT_ERROR


class TestCheckLei:
    LEIS = ["5493002ERZU2K9PZDL40", "54930053HGCFWVHYZX42", "5493001NTNQJDH60PM02", "529900T8BM49AURSDO55"]

    @pytest.mark.parametrize("code", LEIS)
    def test_accepts_published_ones(self, code: str) -> None:
        assert check_lei(code)[0] is VALID

    @pytest.mark.parametrize("code", LEIS)
    def test_catches_a_flipped_digit_anywhere(self, code: str) -> None:
        for place, letter in enumerate(code):
            if letter.isdigit():
                flipped = code[:place] + str((int(letter) + 1) % 10) + code[place + 1 :]
                assert check_lei(flipped)[0] is MISMATCH


class TestCheckIdentifier:
    def test_keeps_a_value_of_an_unknown_scheme_unchecked(self) -> None:
        assert check_identifier("dataset", " E12 ") == (CheckResult.UNCHECKED, "E12")

    @pytest.mark.parametrize("value", ["", "  ", "a\x00b", "x" * 81])
    def test_refuses_what_cannot_be_kept(self, value: str) -> None:
        assert check_identifier("dataset", value)[0] is FORMAT_ERROR
