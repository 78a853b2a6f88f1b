"""The long lists as files: all rows, in the reader's words."""

from __future__ import annotations

import csv
import io
from typing import Any


def rows_of(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


class TestDecisionQueue:
    def test_comes_as_a_file_with_reasons_and_deadline(self, world: Any, ids: dict[str, str]) -> None:
        page = world.page("funder", "/desk")
        assert "export=csv" in page.content.decode()
        head, *rows = rows_of(world.page("funder", "/desk?export=csv"))
        assert head[-2:] == ["转人工原因", "答复期限"]
        waiting = next(row for row in rows if row[0] == ids["waiting"])
        assert waiting[1] == world.waiting.enterprise_name
        assert waiting[head.index("状态")] == "机构人工审批中"
        assert waiting[-1].count("-") == 2


class TestDecisions:
    def test_come_as_a_file_in_words_not_in_codes(self, world: Any, ids: dict[str, str]) -> None:
        _head, *rows = rows_of(world.page("regulator", "/decisions?export=csv"))
        numbers = {row[0]: row for row in rows}
        assert {ids["app"], ids["waiting"]} <= numbers.keys()
        assert "已签署" in numbers[ids["app"]]


class TestDeliveries:
    def test_come_as_a_file_with_their_counts(self, world: Any) -> None:
        head, *rows = rows_of(world.page("operator", "/data?export=csv"))
        assert rows
        for row in rows:
            read, landed, known, refused = (int(row[head.index(name)]) for name in ("读取", "入库", "重复", "拒收"))
            assert read == landed + known + refused
