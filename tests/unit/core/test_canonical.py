from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from rongtong.core.canonical import canonical_json, digest


class TestCanonicalJson:
    def test_is_the_same_for_the_same_value_however_it_is_ordered(self) -> None:
        assert canonical_json({"b": 1, "a": "中"}) == canonical_json({"a": "中", "b": 1}) == '{"a":"中","b":1}'.encode()

    def test_writes_one_moment_in_one_way(self) -> None:
        moment = datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8)))
        assert canonical_json(moment) == canonical_json(moment.astimezone(UTC)) == b'"2026-03-01T00:00:00Z"'

    def test_keeps_decimals_and_dates_as_text(self) -> None:
        assert canonical_json([Decimal("0.0385"), date(2026, 3, 1)]) == b'["0.0385","2026-03-01"]'

    def test_refuses_what_has_no_one_form(self) -> None:
        with pytest.raises(ValueError):
            canonical_json(float("nan"))
        with pytest.raises(TypeError):
            canonical_json(object())


class TestDigest:
    def test_is_sha_256_of_the_bytes(self) -> None:
        assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
