"""A table as a file: CSV that Excel opens with Chinese intact, or XLSX; no cell is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

from django.http import HttpResponse
from django.utils import timezone

T = TypeVar("T")
MOST_EXPORTED = 20_000
EXPORT_PAGE = 200
"""Rows fetched at a time, the most that a facade gives."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def exported(kind: str, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """The file as a download: `kind` is `csv` or `xlsx`, `name` goes without its ending.

    Amounts are passed in yuan as Decimal, so that a spreadsheet can add them up.
    """
    if kind == "xlsx":
        response = HttpResponse(_xlsx(name, head, rows), content_type=_XLSX)
    else:
        response = HttpResponse(_csv(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}.{kind}')}"
    response["Cache-Control"] = "no-store"
    return response


def whole(fetch: Callable[[int], tuple[Sequence[T], int]]) -> list[T]:
    """All rows of a paged list, up to MOST_EXPORTED: `fetch` gives a page of EXPORT_PAGE rows by number, and how many there are."""
    rows: list[T] = []
    for number in range(1, MOST_EXPORTED // EXPORT_PAGE + 1):
        found, total = fetch(number)
        rows += found
        if not found or number * EXPORT_PAGE >= total:
            break
    return rows


def yuan(minor: int | None) -> Decimal | None:
    """Fen as yuan for a spreadsheet."""
    return None if minor is None else Decimal(minor) / 100


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([_safe(str(name)) for name in head])
    for row in rows:
        writer.writerow([_safe(_plain(value)) for value in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()  # the mark tells Excel that this is UTF-8


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S") if timezone.is_aware(value) else str(value)
    return "" if value is None else value if isinstance(value, int | Decimal) else str(value)


def _safe(value: Any) -> Any:
    """A text that a spreadsheet would run is led by an apostrophe (OWASP: CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value


def _xlsx(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(name[:31].translate(str.maketrans("", "", "[]:*?/\\'")) or "1")
    bold, amount = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "#,##0.00"})
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(head):
        sheet.write_string(0, column, str(title), bold)
        sheet.set_column(column, column, 18)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, Decimal):
                sheet.write_number(number, column, value, amount)
            elif isinstance(value, int):
                sheet.write_number(number, column, value)
            elif value is not None:
                sheet.write_string(number, column, value.isoformat() if type(value) is date else str(_plain(value)))
    book.close()
    return stream.getvalue()
