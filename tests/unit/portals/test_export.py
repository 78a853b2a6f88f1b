"""Tables as files."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal

from openpyxl import load_workbook

from rongtong.portals.export import exported, yuan

HEAD = ["名称", "金额", "时间"]
ROWS = [
    ["=cmd|' /C calc'!A0", yuan(123_456), datetime(2026, 3, 1, tzinfo=UTC)],
    ["+1", Decimal("-3.00"), None],
    ["江左, “纺织”", 7, None],
]


class TestExported:
    def test_csv_opens_in_excel_and_runs_nothing(self) -> None:
        response = exported("csv", "组合", HEAD, ROWS)
        assert response.content.startswith(b"\xef\xbb\xbf")
        lines = response.content.decode("utf-8-sig").splitlines()
        assert lines[1] == "'=cmd|' /C calc'!A0,1234.56,2026-03-01 08:00:00"
        assert lines[2] == "'+1,-3.00,"
        assert lines[3] == '"江左, “纺织”",7,'
        assert "%E7%BB%84%E5%90%88.csv" in response["Content-Disposition"]

    def test_xlsx_keeps_numbers_as_numbers_and_formulas_as_text(self) -> None:
        sheet = load_workbook(io.BytesIO(exported("xlsx", "a/b[c]", HEAD, ROWS).content)).active
        assert sheet is not None
        assert [cell.value for cell in sheet[2]][:2] == ["=cmd|' /C calc'!A0", 1234.56]
        assert sheet["A2"].data_type == "s"
        assert sheet["B4"].value == 7
