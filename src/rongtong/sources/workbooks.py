"""XLSX workbooks, safely: what a workbook unpacks to is measured first, and a child process reads it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from rongtong.sources.errors import FileEmpty, FileTooLarge, FileUnreadable

UNPACKED_LIMIT = 1024**3
_CHUNK = 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0"


@contextmanager
def unpacked_sheets(path: Path, *, narrowest: int) -> Iterator[list[tuple[str, Path]]]:
    """Each sheet that can hold a table, by its title, as UTF-8 CSV, for as long as the block lasts.

    A sheet of fewer columns than `narrowest` (a cover, notes) is left out, unless there is no other.
    Raises FileTooLarge, FileUnreadable, FileEmpty.
    """
    _measure(path)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "rongtong.sources.sheet_child", str(path), folder, str(narrowest)]
        try:
            child = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=180,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise FileTooLarge(file=path.name, limit="180 s") from error
        if child.returncode:
            raise FileUnreadable(file=path.name, detail=_("a sheet of it is damaged, locked or beyond all measure"))
        titles = json.loads(child.stdout)
        if not titles:
            raise FileEmpty(file=path.name)
        yield [(title, Path(folder) / f"{place}.csv") for place, title in titles]


def is_old_workbook(start: bytes) -> bool:
    """Whether a file starts like an .xls or an encrypted workbook, which are not read."""
    return start.startswith(_OLE)


def _measure(path: Path) -> None:
    """Unpack every part without keeping it: what a zip says about its sizes is the sender's word only."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist() and "xl/workbook.bin" not in archive.namelist():
                raise FileUnreadable(file=path.name, detail=_("it is a zip archive but no workbook"))
            if len(parts) > 10_000 or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
                raise FileTooLarge(file=path.name, limit="1 GB")
        with path.open("rb") as stream:
            budget = UNPACKED_LIMIT
            for part in parts:
                budget = _unpacked(stream, part, budget)
                if budget < 0:
                    raise FileTooLarge(file=path.name, limit="1 GB")
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError) as error:
        raise FileUnreadable(file=path.name, detail=_("it is damaged")) from error


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
