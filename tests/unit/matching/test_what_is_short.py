from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from rongtong.matching.contracts import Exposure
from rongtong.matching.rules.reasons import what_is_short

WAN = 1_000_000


def short(lines: list[tuple[str, int]], *, least: int, left: int, owed: int) -> tuple[str, int, str]:
    """The code, the gap and the sentence of a product whose limit came to nothing."""
    product = SimpleNamespace(
        code="p", name_en="P", name_zh="产品", lender_id="x", lender_name="银行", min_minor=least * WAN
    )
    limit = SimpleNamespace(lines=[SimpleNamespace(code=code, amount_minor=amount * WAN) for code, amount in lines])
    exposure = SimpleNamespace(total_minor=owed * WAN, limit_minor=(owed + left) * WAN, headroom_minor=left * WAN)
    found = what_is_short(cast(Any, product), cast(Any, limit), cast(Exposure, exposure))
    assert found.gap is not None
    return found.code, int(found.gap) // WAN, found.text_zh


class TestWhatIsShort:
    def test_is_the_products_own_measure_where_that_never_reached(self) -> None:
        lines = [("tax", 9), ("open", -9)]
        assert short(lines, least=10, left=74, owed=30) == ("limit", 1, "测算额度距起贷金额10万元还差1万元")

    def test_is_the_measure_less_what_is_owed_where_enough_is_left_elsewhere(self) -> None:
        code, gap, text = short([("sales", 52), ("open", -50), ("below_minimum", -2)], least=5, left=15, owed=50)
        assert (code, gap) == ("limit", 3)
        assert "扣减已有融资及在途申请50万元后" in text
        assert "剩余部分不足" not in text

    def test_is_the_room_at_all_lenders_where_that_is_too_small(self) -> None:
        lines = [("sales", 100), ("open", -74), ("room", -11), ("below_minimum", -15)]
        code, gap, text = short(lines, least=20, left=15, owed=74)
        assert (code, gap) == ("exposure", 5)
        assert "剩余部分不足起贷金额20万元" in text

    @pytest.mark.parametrize("lines", [[("unknown", 0)], [("sales", 40), ("need_unknown", -40)]])
    def test_is_all_of_it_where_nothing_can_be_measured(self, lines: list[tuple[str, int]]) -> None:
        assert short(lines, least=10, left=74, owed=30)[:2] == ("limit", 10)
