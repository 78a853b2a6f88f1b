"""XLSX workbooks, safely: a child process of few means reads them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from rongtong.core.confined import MIB, DocumentTooCostly, Limits, read_confined
from rongtong.sources.errors import FileEmpty, FileTooLarge, FileUnreadable
from rongtong.sources.sheet_child import write_sheets

_LIMITS = Limits(cpu_seconds=120, wall_seconds=180.0, memory=3 * 1024 * MIB, file_size=2 * 1024 * MIB, patience=600.0)
UNPACKED_LIMIT = 1024 * MIB
_OLE = b"\xd0\xcf\x11\xe0"


@contextmanager
def unpacked_sheets(path: Path, *, narrowest: int) -> Iterator[list[tuple[str, Path]]]:
    """Each sheet that can hold a table, by its title, as UTF-8 CSV, for as long as the block lasts.

    A sheet of fewer columns than `narrowest` (a cover, notes) is left out, unless there is no other.
    Raises FileTooLarge, FileUnreadable, FileEmpty.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            answer = json.loads(
                read_confined(
                    write_sheets,
                    b"",
                    limits=_LIMITS,
                    path=str(path.absolute()),
                    folder=folder,
                    narrowest=narrowest,
                    unpacked=UNPACKED_LIMIT,
                )
            )
        except DocumentTooCostly as error:
            raise FileUnreadable(file=path.name, detail=_refusals()["sheet"]) from error
        refused = answer.get("refused")
        if refused == "too_large":
            raise FileTooLarge(file=path.name, limit="1 GB")
        if refused:
            raise FileUnreadable(file=path.name, detail=_refusals()[refused])
        titles = answer["sheets"]
        if not titles:
            raise FileEmpty(file=path.name)
        yield [(title, Path(folder) / f"{place}.csv") for place, title in titles]


def is_old_workbook(start: bytes) -> bool:
    """Whether a file starts like an .xls or an encrypted workbook, which are not read."""
    return start.startswith(_OLE)


def _refusals() -> dict[str, str]:
    return {
        "no_workbook": _("it is a zip archive but no workbook"),
        "damaged": _("it is damaged"),
        "sheet": _("a sheet of it is damaged, locked or beyond all measure"),
    }
