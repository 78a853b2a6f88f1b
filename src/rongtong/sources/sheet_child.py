"""Reads the first sheet of a workbook and prints it as CSV: run as a child process with little memory and time.

A workbook can claim more cells than any machine holds, and the reader then takes the process down with it.
"""

from __future__ import annotations

import csv
import os
import resource
import sys
from datetime import date, datetime, time, timedelta

MEMORY_LIMIT = 3 * 1024**3
SECONDS = 120


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineWorkbook

    with open(sys.argv[1], "rb") as stream, CalamineWorkbook.from_filelike(stream) as workbook:
        sheet = workbook.get_sheet_by_index(0)
        with os.fdopen(os.dup(1), "w", encoding="utf-8", newline="") as output:
            writer = csv.writer(output, lineterminator="\n")
            for row in sheet.iter_rows():
                values = [_text(value) for value in row]
                if any(values):
                    writer.writerow(values)
    return 0


def _text(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
