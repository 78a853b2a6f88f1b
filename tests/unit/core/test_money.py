from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.core.money import capital_amount, format_wan, format_yuan

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}


def read_capitals(text: str) -> int:
    """An independent reader of banker's capitals, in fen."""
    fen = 0
    if "元" in text:
        integer, _, text = text.partition("元")
        total, section, digit = 0, 0, 0
        for letter in integer:
            if letter in DIGITS:
                digit = DIGITS[letter]
            elif letter in "拾佰仟":
                section += digit * {"拾": 10, "佰": 100, "仟": 1000}[letter]
                digit = 0
            elif letter == "万":
                total += (section + digit) * 10**4
                section = digit = 0
            elif letter == "亿":
                total = (total + section + digit) * 10**8
                section = digit = 0
        fen += (total + section + digit) * 100
    digit = 0
    for letter in text:
        if letter in DIGITS:
            digit = DIGITS[letter]
        elif letter in "角分":
            fen += digit * {"角": 10, "分": 1}[letter]
            digit = 0
    return fen


class TestFormat:
    @pytest.mark.parametrize(
        ("minor", "text"),
        [
            (0, "0.00元"),
            (1234567, "1.23万元"),
            (999999, "9,999.99元"),
            (1000000, "1万元"),
            (15_259_000_000_000, "1,525.9亿元"),
            (-5000000, "-5万元"),
            (9_999_999_999, "1亿元"),
        ],
    )
    def test_writes_amounts_as_chinese_users_read_them(self, minor: int, text: str) -> None:
        assert format_wan(minor) == text

    def test_writes_the_exact_amount_too(self) -> None:
        assert (format_yuan(123456789), format_yuan(-5)) == ("1,234,567.89", "-0.05")


class TestCapitalAmount:
    @pytest.mark.parametrize(
        ("minor", "text"),
        [
            (0, "零元整"),
            (100, "壹元整"),
            (1234567, "壹万贰仟叁佰肆拾伍元陆角柒分"),
            (32504, "叁佰贰拾伍元零肆分"),
            (140950, "壹仟肆佰零玖元伍角整"),
            (1640902, "壹万陆仟肆佰零玖元零贰分"),
            (600714, "陆仟零柒元壹角肆分"),
            (10_000_000_000, "壹亿元整"),
            (100_000_000_00 * 100, "壹佰亿元整"),
        ],
    )
    def test_follows_the_writing_rules_of_payment_and_settlement(self, minor: int, text: str) -> None:
        assert capital_amount(minor) == text

    @given(st.integers(min_value=0, max_value=10**17))
    def test_reads_back_to_the_same_amount(self, minor: int) -> None:
        assert read_capitals(capital_amount(minor)) == minor

    @given(st.integers(min_value=0, max_value=10**17))
    def test_never_writes_two_zeros_in_a_row(self, minor: int) -> None:
        assert "零零" not in capital_amount(minor)
