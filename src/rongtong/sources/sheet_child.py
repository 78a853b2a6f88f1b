"""Writes the sheets of a workbook as CSV: run as a child process with little memory, time and room.

A workbook can claim more cells than any machine holds, and the reader then takes the process down with it.
Arguments: the workbook, a folder for `0.csv`, `1.csv`, …, and how many columns a sheet has at least that is wanted.
Prints the places and titles of the sheets written.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

MEMORY_LIMIT = 3 * 1024**3
FILE_LIMIT = 2 * 1024**3
SECONDS = 120
EXACT = 2**53
"""Beyond it a cell holds no whole number exactly: its last digits are lost, and that must stay visible."""


def main(workbook_path: str, folder: str, narrowest: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineWorkbook

    widths: dict[tuple[int, str], int] = {}
    with open(workbook_path, "rb") as stream, CalamineWorkbook.from_filelike(stream) as workbook:
        for place, title in enumerate(workbook.sheet_names):
            width = _write(workbook.get_sheet_by_index(place), Path(folder) / f"{place}.csv")
            if width:
                widths[place, title] = width
    wide = [one for one, width in widths.items() if width >= int(narrowest)]
    sys.stdout.write(json.dumps(wide or list(widths)[:1]))
    return 0


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


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
