"""Delimited text: whatever a firm exports is split into rows, or set aside line by line; no line is lost."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.sources.delimited import DelimitedReader
from rongtong.sources.errors import FileEmpty, FileUnreadable


def read(payload: bytes) -> tuple[list[str], list[tuple[str, ...]], list[tuple[int, str, str]]]:
    reader = DelimitedReader(BytesIO(payload), "f.csv")
    table, malformed = reader.read()
    names = [name for name in table.column_names if name != "row_number"]
    rows = list(zip(*(table[name].to_pylist() for name in names), strict=True))
    return reader.header, rows, [tuple(row.values()) for row in malformed.to_pylist()]


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
    def test_reads_what_chinese_programs_write(self, encoding: str) -> None:
        text = "企业,名称\nE1,杭州甲电器\nE2,宁波乙贸易\n"
        payload = ("\ufeff" + text).encode(encoding) if encoding == "utf-16-be" else text.encode(encoding)
        assert read(payload) == (["企业", "名称"], [("E1", "杭州甲电器"), ("E2", "宁波乙贸易")], [])

    def test_sets_aside_a_damaged_line_of_utf8_instead_of_reading_the_file_as_gb18030(self) -> None:
        payload = "a,b\n1,张三\n2,李四\n".encode() + b"3,\xff\xfe\n" + "4,王五\n".encode()
        _, rows, malformed = read(payload)
        assert rows == [("1", "张三"), ("2", "李四"), ("4", "王五")]
        assert malformed == [(3, "row_undecodable", "3,\\xff\\xfe")]

    def test_sets_aside_a_damaged_line_of_gb18030(self) -> None:
        payload = "a,b\n1,张三\n2,李四\n".encode("gb18030") + b"3,\xff\n"
        _, rows, malformed = read(payload)
        assert rows == [("1", "张三"), ("2", "李四")]
        assert [reason for _, reason, _ in malformed] == ["row_undecodable"]


class TestRows:
    def test_reads_quoted_values_with_commas_quotes_and_line_breaks(self) -> None:
        _, rows, malformed = read(b'a,b\n1,"x,y"\n2,"say ""hi"""\n3,"two\nlines"\n')
        assert rows == [("1", "x,y"), ("2", 'say "hi"'), ("3", "two\nlines")]
        assert malformed == []

    def test_lets_a_stray_quote_spoil_its_own_line_only(self) -> None:
        _, rows, malformed = read(b'a,b\n1,x\n2,"stray\n' + b"3,z\n" * 50)
        assert len(rows) == 51
        assert malformed == [(2, "quote_unclosed", '2,"stray')]

    def test_sets_aside_rows_of_the_wrong_length_word_for_word(self) -> None:
        _, rows, malformed = read(b"a,b\n1,2\n3\n4,5,6\n7,8,\n")
        assert rows == [("1", "2"), ("7", "8")]
        assert malformed == [(2, "row_too_short", "3"), (3, "row_too_long", "4,5,6")]

    @pytest.mark.parametrize(
        "payload", [b"a,b\r\n1,2\r\n", b"a,b\r1,2\r", b"a;b\n1;2\n", b"a\tb\n1\t2", b"\n\na,b\n1,2\n\n"]
    )
    def test_takes_every_line_end_and_separator_and_passes_over_blank_lines(self, payload: bytes) -> None:
        assert read(payload) == (["a", "b"], [("1", "2")], [])

    def test_reads_a_quoted_value_across_the_edge_of_two_blocks(self) -> None:
        filler = b"1," + b"x" * 1000 + b"\n"
        payload = b"a,b\n" + filler * 4186 + b'2,"one\ntwo"\n' + filler * 10
        _, rows, malformed = read(payload)
        assert len(rows) == 4197
        assert rows[4186] == ("2", "one\ntwo")
        assert malformed == []


class TestLimits:
    @pytest.mark.parametrize("payload", [b"", b"\n \n\r\n", b"\xef\xbb\xbf"])
    def test_calls_a_file_without_a_line_empty(self, payload: bytes) -> None:
        with pytest.raises(FileEmpty):
            read(payload)

    @pytest.mark.parametrize("payload", [b"a" * 70_000 + b",b\n1,2\n", b"\x00\x01\x02\n1,2\n", b"\xff\xff,\xfe\n1,2\n"])
    def test_refuses_what_has_no_header(self, payload: bytes) -> None:
        with pytest.raises(FileUnreadable):
            read(payload)

    def test_refuses_a_line_beyond_all_measure(self) -> None:
        with pytest.raises(FileUnreadable):
            read(b"a,b\n" + b"x" * (33 * 1024 * 1024))


class TestNothingIsLost:
    @given(
        st.lists(
            st.text(st.characters(exclude_characters='"\r\n', exclude_categories=("Cs",)), max_size=12), max_size=30
        )
    )
    def test_every_line_without_quotes_is_a_row_or_set_aside(self, lines: list[str]) -> None:
        _, rows, malformed = read("\n".join(["a,b", *lines]).encode())
        assert len(rows) + len(malformed) == sum(1 for line in lines if line.strip())

    @given(st.binary(max_size=400))
    def test_any_bytes_after_a_header_are_read_without_a_fault(self, payload: bytes) -> None:
        _, rows, malformed = read(b"a,b\n" + payload)
        for row in rows:
            assert len(row) == 2
        assert all(verbatim for _, _, verbatim in malformed)
