"""How figures and dates are written for the reader's language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from rongtong.portals import wording


class TestAmountWords:
    @pytest.mark.parametrize(
        ("minor", "chinese", "english"),
        [
            (0, "0元", "¥0"),
            (99, "0.99元", "¥0.99"),
            (1_234_567, "1.23万元", "¥12,345.67"),
            (123_456_789, "123.46万元", "¥1.23 million"),
            (12_345_678_900, "1.23亿元", "¥123.46 million"),
            (-500_000_000, "-500万元", "-¥5 million"),
            (None, "—", "—"),
        ],
    )
    def test_reads_as_its_readers_do(self, minor: int | None, chinese: str, english: str) -> None:
        with translation.override("zh-hans"):
            assert wording.amount_words(minor) == chinese
        with translation.override("en"):
            assert wording.amount_words(minor) == english

    @pytest.mark.parametrize(
        ("stored", "english"),
        [
            ("652万元", "¥6.52 million"),
            ("1.23亿元", "¥123 million"),
            ("4,520元", "¥4,520"),
            ("2.00%", "2.00%"),
            ("", ""),
        ],
    )
    def test_reads_stored_amounts_in_either_language(self, stored: str, english: str) -> None:
        with translation.override("en"):
            assert wording.amount_of_text(stored) == english
        with translation.override("zh-hans"):
            assert wording.amount_of_text(stored) == stored


class TestDayWords:
    def test_writes_chinese_days_and_iso_days(self) -> None:
        with translation.override("zh-hans"):
            assert wording.day_words(date(2026, 3, 1)) == "2026年3月1日"
            assert wording.day_words("2026-03-01") == "2026年3月1日"
            assert wording.day_words("someday") == "someday"
            assert wording.moment_words(datetime(2026, 2, 28, 17, 5, tzinfo=UTC)) == "2026年3月1日 01:05"
        with translation.override("en"):
            assert wording.day_words(date(2026, 3, 1)) == "2026-03-01"
        assert wording.day_words(None) == "—"


class TestPercentWords:
    def test_rounds_half_up_and_shows_what_is_absent(self) -> None:
        assert wording.percent_words(Decimal("0.0435")) == "4.35%"
        assert wording.percent_words(Decimal("0.000450"), 2) == "0.05%"
        assert wording.percent_words(0.5, 0) == "50%"
        assert wording.percent_words(None) == "—"
