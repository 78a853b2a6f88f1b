"""Invoice files: three formats, one result; and every file that is meant to hurt ends in a clear error."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from rongtong.core.confined import MIB, Limits
from rongtong.core.errors import RongtongError
from rongtong.sources import delimited, invoice_files, workbooks
from rongtong.sources.facade import (
    ColumnsMissing,
    ColumnsRepeated,
    EnterpriseRowMalformed,
    FileEmpty,
    FileMissing,
    FileTooLarge,
    FileUnreadable,
    read_enterprises,
    read_invoices,
)

HEADER = ["enterprise", "invoice_no", "date", "counterparty", "amount", "tax", "total", "status"]
ROWS = [
    ["E1", "3390939", dt.date(2017, 7, 18), "A00297", -943.4, -56.6, -1000.0, "有效发票"],
    ["E1", "3390940", dt.date(2017, 7, 18), "A00298", 4780.24, 286.81, 5067.05, " 作废发票"],
]


def as_csv(path: Path) -> Path:
    path.write_text("\n".join([",".join(HEADER), *(",".join(map(str, row)) for row in ROWS)]), encoding="utf-8")
    return path


def as_xlsx(path: Path, rows: list[list[object]] = ROWS) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADER)
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                if isinstance(value, dt.date):
                    sheet.write_datetime(number, place, dt.datetime(value.year, value.month, value.day), day)
                else:
                    sheet.write(number, place, value)
    return path


def as_parquet(path: Path) -> Path:
    columns = dict(zip(HEADER, zip(*ROWS, strict=True), strict=True))
    columns["date"] = [dt.datetime(day.year, day.month, day.day) for day in columns["date"]]
    pq.write_table(pa.table(columns), path)
    return path


def varint(number: int, *, length: int = 0) -> bytes:
    """A number as Thrift writes it, seven bits a byte, in as many bytes as are asked for."""
    found = bytearray()
    while number or len(found) < max(length, 1):
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found[-1] &= 0x7F
    return bytes(found)


class TestReadInvoices:
    @pytest.mark.parametrize(("write", "name"), [(as_csv, "f.csv"), (as_xlsx, "f.xlsx"), (as_parquet, "f.parquet")])
    def test_gives_the_same_rows_from_every_format(self, tmp_path: Path, write, name: str) -> None:
        rows = read_invoices(write(tmp_path / name), "sale")
        assert rows.count == 2
        first, second = rows.table.to_pylist()
        assert (first["enterprise"], first["invoice_no"], first["date"][:10]) == ("E1", "3390939", "2017-07-18")
        assert (float(first["amount"]), float(first["tax"]), float(first["total"])) == (-943.4, -56.6, -1000)
        assert second["status"].strip() == "作废发票"

    def test_goes_by_content_and_not_by_suffix(self, tmp_path: Path) -> None:
        assert read_invoices(as_parquet(tmp_path / "f.csv"), "sale").count == 2
        assert read_invoices(as_csv(tmp_path / "f.xlsx"), "sale").count == 2

    def test_knows_the_chinese_headers(self, tmp_path: Path) -> None:
        path = tmp_path / "f.csv"
        path.write_bytes(
            "企业代号,发票号码,开票日期,购方单位代号,金额,税额,价税合计,发票状态\nE1,1,2017/7/18,B1,100,13,113,有效发票\n".encode(
                "gb18030"
            )
        )
        assert read_invoices(path, "sale").table.to_pylist()[0]["counterparty"] == "B1"

    def test_keeps_further_columns_for_the_quarantine_but_maps_none_of_them(self, tmp_path: Path) -> None:
        path = tmp_path / "f.csv"
        path.write_text(
            ",".join([*HEADER, "rating"]) + "\nE1,1,2017-07-18,B1,100,13,113,有效发票,A\n", encoding="utf-8"
        )
        rows = read_invoices(path, "sale")
        assert "8:rating" in rows.table.column_names
        assert not any("rating" in column.raw for column in rows.layout)

    @pytest.mark.parametrize(("direction", "party"), [("sale", "买方"), ("purchase", "卖方")])
    def test_takes_the_other_party_where_the_file_names_both(self, tmp_path: Path, direction: str, party: str) -> None:
        path = tmp_path / "f.csv"
        path.write_text(
            "企业,发票号码,开票日期,销方名称,购方名称,金额,税额,价税合计,发票状态\n"
            "E1,1,2017-07-18,卖方,买方,100,13,113,有效发票\n",
            encoding="utf-8",
        )
        assert read_invoices(path, direction).table["counterparty"].to_pylist() == [party]

    def test_reads_a_moment_of_parquet_as_its_day_in_china(self, tmp_path: Path) -> None:
        path = tmp_path / "f.parquet"
        columns = dict(zip(HEADER, zip(*ROWS, strict=True), strict=True))
        columns["date"] = [dt.datetime(2017, 7, 17, 16, tzinfo=dt.UTC)] * len(ROWS)
        pq.write_table(pa.table(columns), path)
        assert read_invoices(path, "sale").table["date"].to_pylist()[0].startswith("2017-07-18 00:00:00")

    def test_reads_a_header_without_rows_as_no_rows(self, tmp_path: Path) -> None:
        path = tmp_path / "f.csv"
        path.write_text(",".join(HEADER), encoding="utf-8")
        assert read_invoices(path, "sale").count == 0


class TestWorkbooks:
    @staticmethod
    def book(path: Path, **sheets: list[list[object]]) -> Path:
        with xlsxwriter.Workbook(str(path)) as book:
            for title, rows in sheets.items():
                sheet = book.add_worksheet(title)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
        return path

    @staticmethod
    def row(number: object) -> list[object]:
        return ["E1", number, "2017-07-18", "B1", 100, 13, 113, "有效发票"]

    def test_reads_every_sheet_and_numbers_the_rows_on(self, tmp_path: Path) -> None:
        path = self.book(
            tmp_path / "f.xlsx",
            cover=[["Invoices of 2017"]],
            january=[HEADER, self.row("1"), self.row("2")],
            february=[[*HEADER[1:], HEADER[0]], [*self.row("3")[1:], "E2"]],
            empty=[],
        )
        table = read_invoices(path, "sale").table
        assert table["row_number"].to_pylist() == [1, 2, 3]
        assert table["invoice_no"].to_pylist() == ["1", "2", "3"]
        assert table["enterprise"].to_pylist() == ["E1", "E1", "E2"]

    def test_drops_no_sheet_that_may_hold_rows_for_want_of_a_header(self, tmp_path: Path) -> None:
        path = self.book(tmp_path / "f.xlsx", first=[HEADER, self.row("1")], more=[self.row("2")])
        with pytest.raises(ColumnsMissing) as caught:
            read_invoices(path, "sale")
        assert caught.value.facts["file"] == "f.xlsx [more]"

    def test_shows_that_the_last_digits_of_a_long_number_are_lost(self, tmp_path: Path) -> None:
        rows = [HEADER, self.row(26322000000000000001), self.row(1234567890123456), self.row("26322000000000000001")]
        table = read_invoices(self.book(tmp_path / "f.xlsx", a=rows), "sale").table
        assert table["invoice_no"].to_pylist() == [
            "2.632200000000000e+19",
            "1234567890123456",
            "26322000000000000001",
        ]


class TestFilesThatCannotBeRead:
    def refused(self, path: Path, error: type[RongtongError]) -> RongtongError:
        with pytest.raises(error) as caught:
            read_invoices(path, "sale")
        assert "Traceback" not in str(caught.value)
        assert str(caught.value)
        return caught.value

    def test_names_what_is_not_there(self, tmp_path: Path) -> None:
        self.refused(tmp_path / "none.csv", FileMissing)

    def test_refuses_a_folder(self, tmp_path: Path) -> None:
        self.refused(tmp_path, FileUnreadable)

    @pytest.mark.parametrize("content", [b"", b"\n\n"])
    def test_calls_empty_what_is_empty(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "f.csv"
        path.write_bytes(content)
        self.refused(path, FileEmpty)

    def test_names_the_columns_that_are_missing_and_those_found(self, tmp_path: Path) -> None:
        path = tmp_path / "f.csv"
        path.write_text("enterprise,invoice_no,<script>alert(1)</script>\n1,2,3\n", encoding="utf-8")
        error = self.refused(path, ColumnsMissing)
        assert error.facts["missing"] == "date, counterparty, amount, tax, total, status"

    def test_refuses_a_column_named_twice(self, tmp_path: Path) -> None:
        path = tmp_path / "f.csv"
        path.write_text(",".join([*HEADER, "tax"]) + "\n", encoding="utf-8")
        self.refused(path, ColumnsRepeated)

    def test_refuses_a_file_that_looks_like_10_gb_before_reading_it(self, tmp_path: Path) -> None:
        path = as_csv(tmp_path / "f.csv")
        with path.open("r+b") as stream:
            stream.truncate(10 * 1024**3)  # sparse: it takes no room
        self.refused(path, FileTooLarge)

    def test_refuses_a_header_line_that_never_ends(self, tmp_path: Path) -> None:
        path = tmp_path / "f.csv"
        path.write_bytes(b"enterprise," * 1_000_000)
        self.refused(path, FileUnreadable)

    @pytest.mark.parametrize(
        "content",
        [
            b"PAR1" + b"\xff" * 100 + b"PAR1",
            b"PK\x03\x04 and then nothing of the kind",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
            b"\x00" * 5000,
        ],
        ids=["parquet", "zip", "old workbook", "picture", "pdf", "zeros"],
    )
    def test_refuses_damaged_and_foreign_files(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "f.csv"
        path.write_bytes(content)
        with pytest.raises((FileUnreadable, ColumnsMissing)):
            read_invoices(path, "sale")

    def test_refuses_a_workbook_cut_in_half(self, tmp_path: Path) -> None:
        path = as_xlsx(tmp_path / "f.xlsx")
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        self.refused(path, FileUnreadable)

    def test_refuses_a_zip_bomb_by_what_it_unpacks_to_and_not_by_what_it_says(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workbooks, "UNPACKED_LIMIT", 20 * 1024**2)
        path = tmp_path / "f.xlsx"
        inner = as_xlsx(tmp_path / "good.xlsx")
        with zipfile.ZipFile(inner) as good, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bad:
            for name in good.namelist():
                bad.writestr(name, good.read(name))
            with bad.open("xl/worksheets/huge.xml", "w", force_zip64=True) as stream:
                for _ in range(30):
                    stream.write(b"\x00" * 1024 * 1024)
        content = bytearray(path.read_bytes())
        for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):  # let the headers say: ten bytes
            place = content.rfind(signature, 0, content.rfind(b"huge.xml") if signature == b"PK\x01\x02" else None)
            content[place + offset : place + offset + 4] = (10).to_bytes(4, "little")
        path.write_bytes(bytes(content))
        with zipfile.ZipFile(path) as archive:
            assert sum(part.file_size for part in archive.infolist()) < 100_000
        self.refused(path, FileTooLarge)

    def test_survives_a_workbook_with_one_cell_at_the_end_of_the_world(self, tmp_path: Path) -> None:
        path = tmp_path / "f.xlsx"
        with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, HEADER)
            sheet.write(1_048_575, 16_383, "far")
        with pytest.raises((FileUnreadable, FileTooLarge)):
            read_invoices(path, "sale")

    def test_refuses_parquet_in_which_one_giant_text_stands_in_every_row(self, tmp_path: Path) -> None:
        path = tmp_path / "f.parquet"
        giant = pa.DictionaryArray.from_arrays(pa.array([0] * 5000, pa.int32()), pa.array(["长" * 200_000]))
        pq.write_table(pa.table(dict.fromkeys(HEADER, giant)), path)
        assert path.stat().st_size < 2_000_000
        self.refused(path, FileTooLarge)

    def test_never_opens_what_is_no_plain_value(self, tmp_path: Path) -> None:
        path = tmp_path / "f.parquet"
        zeros = pa.array([bytes(20_000)] * 20_000, pa.binary(20_000))
        pq.write_table(pa.table({**{name: ["1"] * 20_000 for name in HEADER}, "blob": zeros}), path)
        assert path.stat().st_size < 100_000
        assert read_invoices(path, "sale").table.nbytes < 50_000_000

    def test_refuses_parquet_of_too_many_cells_before_reading_it(self, tmp_path: Path) -> None:
        path = tmp_path / "f.parquet"
        zeros = pa.array(np.zeros(2_000_000, np.int64))
        pq.write_table(pa.table({**dict.fromkeys(HEADER, zeros), **{f"x{at}": zeros for at in range(50)}}), path)
        self.refused(path, FileTooLarge)

    def test_refuses_parquet_whose_footer_tells_of_more_than_is_read_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "f.parquet"
        giant = pa.array(["长" * 20_000_000] * 40)
        table = pa.table({**{name: ["1"] * 40 for name in HEADER}, "note": giant})
        pq.write_table(table, path, use_dictionary=False, compression="zstd", row_group_size=10)
        assert path.stat().st_size < 1_000_000
        self.refused(path, FileTooLarge)

    def test_ends_the_reader_of_parquet_whose_footer_understates_what_it_unpacks_to(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(invoice_files, "_PARQUET", Limits(memory=300 * MIB, file_size=MIB))
        path = tmp_path / "f.parquet"
        giant = pa.array(["长" * 5_000_000] * 40)
        table = pa.table({**{name: ["1"] * 40 for name in HEADER}, "note": giant})
        pq.write_table(table, path, use_dictionary=False, compression="zstd")
        size = pq.read_metadata(path).row_group(0).total_byte_size
        content, footer = path.read_bytes(), path.read_bytes().rfind(varint(2 * size))
        told = varint(2 * 10, length=len(varint(2 * size)))
        path.write_bytes(content[:footer] + told + content[footer + len(told) :])
        assert pq.read_metadata(path).row_group(0).total_byte_size == 10
        self.refused(path, FileUnreadable)

    def test_refuses_delimited_text_of_too_many_rows(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(delimited, "ROW_LIMIT", 10_000)
        path = tmp_path / "f.csv"
        for content in ("a\n", "\n"):
            path.write_text(",".join(HEADER) + "\n" + content * 3_000_000, encoding="utf-8")
            self.refused(path, FileTooLarge)

    def test_refuses_the_file_of_purchases_as_one_of_sales(self, tmp_path: Path) -> None:
        path = tmp_path / "f.csv"
        path.write_text("企业代号,发票号码,开票日期,销方单位代号,金额,税额,价税合计,发票状态\n", encoding="utf-8")
        assert self.refused(path, ColumnsMissing).facts["missing"] == "counterparty"

    def test_refuses_parquet_with_nested_columns_in_place_of_values(self, tmp_path: Path) -> None:
        path = tmp_path / "f.parquet"
        pq.write_table(pa.table({name: [[1]] for name in HEADER}), path)
        self.refused(path, ColumnsMissing)


class TestReadEnterprises:
    def test_takes_code_and_name_and_leaves_rating_and_outcome_out(self, tmp_path: Path) -> None:
        path = tmp_path / "e.csv"
        path.write_text("enterprise,name,rating,default\nE1,***电器销售有限公司,A,0\n", encoding="utf-8")
        (firm,) = read_enterprises(path)
        assert (firm.code, firm.name) == ("E1", "***电器销售有限公司")
        assert {"rating", "default"}.isdisjoint(dir(firm))

    def test_takes_names_with_sql_and_html_as_the_text_that_they_are(self, tmp_path: Path) -> None:
        path = tmp_path / "e.csv"
        path.write_text("enterprise,name\nE1,<b>甲</b>'; DROP TABLE parties_organisation;--\n", encoding="utf-8")
        assert read_enterprises(path)[0].name == "<b>甲</b>'; DROP TABLE parties_organisation;--"

    @pytest.mark.parametrize("row", ["E1,", ",甲", "E1", "E1,\x00甲", "E1,甲\nE1,乙", "E1," + "长" * 300])
    def test_names_the_row_that_is_no_firm(self, tmp_path: Path, row: str) -> None:
        path = tmp_path / "e.csv"
        path.write_text(f"enterprise,name\n{row}\n", encoding="utf-8")
        with pytest.raises(EnterpriseRowMalformed):
            read_enterprises(path)
