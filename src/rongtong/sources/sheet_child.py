"""The sheets of a workbook as CSV: read in a child process with little memory, time and room (`core/confined.py`).

A workbook can claim more cells than any machine holds, and the reader then takes the process down with it. What it
unpacks to is measured first: a zip's word about its sizes is the sender's only.
"""

from __future__ import annotations

import csv
import json
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from rongtong.core.confined import MIB

_CHUNK = MIB
EXACT = 2**53
"""Beyond it a cell holds no whole number exactly: its last digits are lost, and that must stay visible."""


class _Refused(Exception):
    """Why a workbook is not read: `no_workbook`, `too_large` or `damaged`."""


def write_sheets(_document: bytes, arguments: dict[str, Any]) -> bytes:
    """Write each sheet that has a table into the folder, as `0.csv`, `1.csv`, …; answer their places and titles, or why not.

    Arguments: `path` of the workbook, `folder`, `unpacked`, the most bytes it may hold, and `narrowest`, how many columns a sheet has at least that is wanted.
    """
    try:
        _measure(Path(arguments["path"]), arguments["unpacked"])
        answer: dict[str, Any] = {
            "sheets": _sheets(arguments["path"], Path(arguments["folder"]), arguments["narrowest"])
        }
    except _Refused as refusal:
        answer = {"refused": str(refusal)}
    return json.dumps(answer).encode()


def _sheets(path: str, folder: Path, narrowest: int) -> list[tuple[int, str]]:
    from python_calamine import CalamineWorkbook

    widths: dict[tuple[int, str], int] = {}
    try:
        with open(path, "rb") as stream, CalamineWorkbook.from_filelike(stream) as workbook:
            for place, title in enumerate(workbook.sheet_names):
                width = _write(workbook.get_sheet_by_index(place), folder / f"{place}.csv")
                if width:
                    widths[place, title] = width
    except Exception as error:  # a damaged sheet fails in as many ways as it has bytes
        raise _Refused("sheet") from error
    return [one for one, width in widths.items() if width >= narrowest] or list(widths)[:1]


def _write(sheet: Any, path: Path) -> int:
    """How many columns of a sheet have anything in them."""
    width = 0
    with path.open("w", encoding="utf-8", newline="") as output:
        writer = csv.writer(output, lineterminator="\n")
        for row in sheet.iter_rows():
            values = [_text(value) for value in row]
            while values and not values[-1]:
                values.pop()
            if values:
                width = max(width, len(values))
                writer.writerow(values + [""] * (len(row) - len(values)))
    return width


def _text(value: object) -> str:
    if isinstance(value, float):
        if not value.is_integer():
            return repr(value)
        return str(int(value)) if abs(value) < EXACT else f"{value:.15e}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _measure(path: Path, limit: int) -> None:
    """Unpack every part without keeping it: what a zip says about its sizes is the sender's word only."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist() and "xl/workbook.bin" not in archive.namelist():
                raise _Refused("no_workbook")
            if len(parts) > 10_000 or sum(part.file_size for part in parts) > limit:
                raise _Refused("too_large")
        with path.open("rb") as stream:
            budget = limit
            for part in parts:
                budget = _unpacked(stream, part, budget)
                if budget < 0:
                    raise _Refused("too_large")
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError) as error:
        raise _Refused("damaged") from error


def _unpacked(stream: BinaryIO, part: zipfile.ZipInfo, budget: int) -> int:
    """What is left of the budget after a part."""
    stream.seek(part.header_offset)
    head = stream.read(30)
    stream.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    if part.compress_type != zipfile.ZIP_DEFLATED:
        return budget - part.compress_size
    inflater, left = zlib.decompressobj(-15), part.compress_size
    while left > 0 and budget >= 0 and not inflater.eof:
        chunk = inflater.unconsumed_tail or stream.read(min(left, _CHUNK))
        if not chunk:
            raise zipfile.BadZipFile("cut off")
        if not inflater.unconsumed_tail:
            left -= len(chunk)
        budget -= len(inflater.decompress(chunk, _CHUNK))
    while inflater.unconsumed_tail and budget >= 0 and not inflater.eof:
        budget -= len(inflater.decompress(inflater.unconsumed_tail, _CHUNK))
    return budget
