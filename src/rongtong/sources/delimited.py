"""Delimited text as firms export it: unknown encoding, stray quotes, rows of the wrong length; no line is ever dropped."""

from __future__ import annotations

import codecs
import csv
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from rongtong.sources.contracts import MALFORMED
from rongtong.sources.errors import FileEmpty, FileTooLarge, FileUnreadable

ROW_LIMIT = 10_000_000
_BLOCK = 4 * 1024 * 1024
_LINE_LIMIT = 32 * 1024 * 1024
_HEADER_LIMIT = 64 * 1024
_JOIN_LIMIT = 20
"""How many lines a quoted value may span; beyond, its quote counts as stray and spoils its own line only."""


class DelimitedReader:
    """Splits a stream into rows of as many values as the header names; raises FileEmpty, FileTooLarge, FileUnreadable.

    `header` holds the names; `read` gives the rows as text columns `c0`, `c1`, … with `row_number`, and the malformed rows.
    """

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self._file = file
        self._stream, self._encoding = _decodable(stream)
        self._lines = self._line_blocks()
        first: list[str] = []
        while not first:
            block = next(self._lines, None)
            if block is None:
                raise FileEmpty(file=file)
            lines, damaged = block
            while lines and not lines[0].strip():
                lines.pop(0)
                damaged = {index - 1 for index in damaged}
            first = lines
        header, self._rest = first[0], (first[1:], {index - 1 for index in damaged})
        if len(header) > _HEADER_LIMIT or "\x00" in header or 0 in damaged:
            raise FileUnreadable(file=file, detail=_("its first line is not a header"))
        self._separator = max(",\t;|", key=header.count)
        self.header = [name.strip() for name in _split(header, self._separator) or [header]]
        while len(self.header) > 1 and not self.header[-1]:
            self.header.pop()
        self._width = len(self.header)
        self._count = 0
        self._malformed: list[tuple[int, str, str]] = []

    def read(self) -> tuple[pa.Table, pa.Table]:
        tables: list[pa.Table] = []
        block: tuple[list[str], set[int]] | None = self._rest
        carried: list[str] = []
        seen = 0
        while block is not None:
            following = next(self._lines, None)
            lines, damaged = carried + block[0], {index + len(carried) for index in block[1]}
            carried = []
            seen += len(block[0])
            if self._count > ROW_LIMIT or seen > 2 * ROW_LIMIT:  # empty lines are no rows, but take time too
                raise FileTooLarge(file=self._file, limit=_("%(rows)s rows") % {"rows": f"{ROW_LIMIT:,}"})
            if not damaged and not any('"' in line for line in lines):
                tables.append(self._plain(lines))
            else:
                used, numbers, rows = self._rows(lines, damaged, last=following is None)
                carried = lines[used:]
                tables.append(self._table(numbers, list(zip(*rows, strict=True)) or [()] * self._width))
            block = following
        malformed = [pa.array(column, kind) for column, kind in zip(self._set_aside(), MALFORMED.types, strict=True)]
        return pa.concat_tables(tables), pa.Table.from_arrays(malformed, schema=MALFORMED)

    def _table(self, numbers: Any, columns: Any) -> pa.Table:
        names = ["row_number", *(f"c{index}" for index in range(self._width))]
        arrays = [pa.array(numbers, pa.int64()), *(pa.array(column, pa.string()) for column in columns)]
        return pa.Table.from_arrays(arrays, names=names)

    def _plain(self, lines: list[str]) -> pa.Table:
        """The same as `_rows` for lines without quotes or damage, at once."""
        texts = pa.array(lines, pa.string())
        texts = texts.filter(pc.not_equal(pc.utf8_trim_whitespace(texts), ""))
        numbers = pc.add(pa.array(np.arange(1, len(texts) + 1)), self._count)
        self._count += len(texts)
        fits = pc.equal(pc.count_substring(texts, self._separator), self._width - 1)
        values = pc.split_pattern(texts.filter(fits), self._separator).flatten()
        columns = [values.take(pa.array(np.arange(at, len(values), self._width))) for at in range(self._width)]
        table = self._table(numbers.filter(fits), columns)
        odd, kept = pc.invert(fits), []
        for number, line in zip(numbers.filter(odd).to_pylist(), texts.filter(odd).to_pylist(), strict=True):
            fitted = self._fitted(line, line.split(self._separator), number)
            if fitted is not None:
                kept.append((number, *fitted))
        if kept:
            odd_numbers, *odd_columns = zip(*kept, strict=True)
            table = pa.concat_tables([table, self._table(odd_numbers, odd_columns)])
        return table

    def _rows(self, lines: list[str], damaged: set[int], *, last: bool) -> tuple[int, list[int], list[list[str]]]:
        """How many lines were used up, and the rows of the right width with their numbers; the others are set aside."""
        rows: list[list[str]] = []
        numbers: list[int] = []
        index = 0
        while index < len(lines):
            line = lines[index]
            span = 1
            if not line.strip():
                index += 1
                continue
            values: list[str] | None = None
            if index in damaged:
                self._count += 1
                self._malformed.append((self._count, "row_undecodable", line))
            else:
                if '"' not in line:
                    values = line.split(self._separator)
                else:
                    span, values = self._quoted(lines, index)
                    if values is None and not last and len(lines) - index < _JOIN_LIMIT:
                        return index, numbers, rows  # the rest of the value may stand in the next block
                self._count += 1
                values = self._fitted("\n".join(lines[index : index + span]), values, self._count)
            index += span
            if values is not None:
                numbers.append(self._count)
                rows.append(values)
        return index, numbers, rows

    def _quoted(self, lines: list[str], start: int) -> tuple[int, list[str] | None]:
        """The row that starts on a line with quotes: how many lines it spans, and its values; (1, None) for a stray quote."""
        text = ""
        for span, line in enumerate(lines[start : start + _JOIN_LIMIT], 1):
            text = f"{text}\n{line}" if text else line
            if text.count('"') % 2 == 0:
                values = _split(text, self._separator)
                if values is not None and (span == 1 or len(values) == self._width):
                    return span, values
                break
        return 1, None

    def _fitted(self, line: str, values: list[str] | None, number: int) -> list[str] | None:
        if values is None:
            reason = "quote_unclosed"
        elif len(values) > self._width and any(value.strip() for value in values[self._width :]):
            reason = "row_too_long"
        elif len(values) < self._width:
            reason = "row_too_short"
        else:
            return values[: self._width]
        self._malformed.append((number, reason, line))
        return None

    def _set_aside(self) -> list[tuple[object, ...]]:
        return list(zip(*self._malformed, strict=True)) if self._malformed else [(), (), ()]

    def _line_blocks(self) -> Iterator[tuple[list[str], set[int]]]:
        """Blocks of decoded lines, and the places of those that could not be decoded (kept with backslash escapes)."""
        tail, newline = b"", b""
        while True:
            read = self._stream.read(_BLOCK)
            newline = newline or (b"\r" if b"\r" in read and b"\n" not in read else b"\n")
            block, cut, rest = (tail + read).rpartition(newline) if read else (tail, b"", b"")
            if read and not cut:
                block, rest = b"", tail + read
            if len(rest) > _LINE_LIMIT:
                raise FileUnreadable(file=self._file, detail=_("it has a line of more than 32 MB"))
            tail = rest
            if block:
                yield _decoded(block, newline, self._encoding)
            if not read:
                return


def _decoded(block: bytes, newline: bytes, encoding: str) -> tuple[list[str], set[int]]:
    try:
        lines, damaged = block.decode(encoding).split(newline.decode()), set[int]()
    except UnicodeDecodeError:
        lines, damaged = [], set()
        for index, line in enumerate(block.split(newline)):
            try:
                lines.append(line.decode(encoding))
            except UnicodeDecodeError:
                lines.append(line.decode(encoding, errors="backslashreplace"))
                damaged.add(index)
    return [line.removesuffix("\r") for line in lines], damaged


def _decodable(stream: BinaryIO) -> tuple[BinaryIO, str]:
    """The stream, set behind a byte order mark, and its encoding: UTF-8 or GB18030 (UTF-16 is rewritten as UTF-8)."""
    mark = stream.read(3)
    if mark[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return _rewritten(stream), "utf-8"
    start = 3 if mark == codecs.BOM_UTF8 else 0
    stream.seek(start)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := stream.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
        encoding = "utf-8"
    except UnicodeDecodeError:
        stream.seek(start)
        encoding = "utf-8" if start or _mostly_utf8(stream) else "gb18030"
    stream.seek(start)
    return stream, encoding


def _mostly_utf8(stream: BinaryIO) -> bool:
    """Whether a few lines of UTF-8 are damaged (True) or the text is not UTF-8 at all; GB18030 would read both as something."""
    good = bad = 0
    while line := stream.readline(_LINE_LIMIT):
        if not line.isascii():
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return good > bad


def _rewritten(stream: BinaryIO) -> BinaryIO:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-16")(errors="backslashreplace")
    copy = tempfile.TemporaryFile()  # noqa: SIM115  closed with its reader
    while block := stream.read(_BLOCK):
        copy.write(decoder.decode(block).encode("utf-8", "backslashreplace"))
    copy.seek(0)
    return copy  # type: ignore[return-value]  # a temporary file is a binary stream


def _split(line: str, separator: str) -> list[str] | None:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), None)
    except csv.Error:
        return None
