"""Unified social credit codes of the region."""

from __future__ import annotations

import numpy as np
import pytest

from rongtong.simulator.world.uscc import check_character, unified_codes

# the published code of a large firm and made-up fixtures known to pass
KNOWN = ("914403001922038216", "91440300708461136T", "9144030071526726XG", "91330100716105852F", "92330106MA2ABCDEX4")


class TestUnifiedCodes:
    @pytest.mark.parametrize("code", KNOWN)
    def test_check_character_agrees_with_known_codes(self, code: str) -> None:
        assert check_character(code) == code[17]

    def test_codes_are_valid_distinct_and_carry_the_region(self) -> None:
        count = 20_000
        codes = unified_codes(
            region_codes=np.full(count, "330106"), modern=np.arange(count) % 2 == 0, offset=89_000_000
        )
        assert len(np.unique(codes)) == count
        for code in codes[:500].tolist():
            assert code[:8] == "91330106"
            assert code[17] == check_character(code)
            assert not set(code) & set("IOSVZ")

    def test_organisation_code_inside_checks_too(self) -> None:
        weights = (3, 7, 9, 10, 5, 8, 4, 2)
        codes = unified_codes(region_codes=np.full(200, "330782"), modern=np.arange(200) < 100, offset=5)
        for code in codes.tolist():
            rest = 11 - sum(int(letter, 36) * weight for letter, weight in zip(code[8:16], weights, strict=True)) % 11
            assert code[16] == {10: "X", 11: "0"}.get(rest, str(rest))
