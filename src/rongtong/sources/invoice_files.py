"""Invoice files of a firm's own or of a data set: one file of sales, one of purchases, one of enterprises.

Layout: enterprise, invoice_no, date, counterparty, amount, tax, total, status; Chinese headers are known too. Further
columns are ignored. An invoice number alone does not name an invoice (paper invoices also have a code, which the layout
lacks, and numbers come round again), so an invoice is its number, day and gross amount; who the counterparty is and
whether it is void are content that a later row corrects.
"""

from __future__ import annotations

import errno
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from rongtong.core.confined import MIB, DocumentTooCostly, Limits, read_confined
from rongtong.sources.contracts import MALFORMED, Cast, Column, RawRows, SourceKind
from rongtong.sources.delimited import ROW_LIMIT, DelimitedReader
from rongtong.sources.errors import (
    ColumnsMissing,
    ColumnsRepeated,
    EnterpriseRowMalformed,
    FileEmpty,
    FileMissing,
    FileTooLarge,
    FileUnreadable,
)
from rongtong.sources.parquet_child import write_table
from rongtong.sources.workbooks import is_old_workbook, unpacked_sheets

SIZE_LIMIT = 1024**3
CELL_LIMIT = 100_000_000
TEXT_LIMIT = 2 * 1024**3
_PARQUET = Limits(cpu_seconds=240, wall_seconds=300.0, memory=6 * 1024 * MIB, file_size=6 * 1024 * MIB, patience=600.0)
_INVOICE_COLUMNS = {
    "enterprise": ("企业代号", "企业", "纳税人识别号", "统一社会信用代码"),
    "invoice_no": ("发票号码",),
    "date": ("开票日期",),
    "counterparty": ("对方单位",),
    "amount": ("金额",),
    "tax": ("税额",),
    "total": ("价税合计",),
    "status": ("发票状态",),
}
_OTHER_PARTY = {"sale": ("购方单位代号", "购方名称"), "purchase": ("销方单位代号", "销方名称")}
"""Who the other party is: an invoice names both, and the file of sales taken for the one of purchases must not pass."""
_ENTERPRISE_COLUMNS = {"enterprise": ("企业代号", "企业", "统一社会信用代码"), "name": ("企业名称", "名称")}
_STATUS = {
    "有效发票": "valid",
    "作废发票": "void",
    "有效": "valid",
    "正常": "valid",
    "作废": "void",
    "valid": "valid",
    "void": "void",
}


@dataclass(frozen=True, slots=True)
class NamedEnterprise:
    """A row of the enterprises file; whatever else the file says of a firm (a rating, an outcome) is left out."""

    code: str
    name: str


def read_invoices(path: Path, direction: str) -> RawRows:
    """The rows of a file of invoices; `direction` is `sale` or `purchase`. Raises what `errors` names."""
    other = (*_OTHER_PARTY[direction], *_INVOICE_COLUMNS["counterparty"])
    table, malformed = _read(path, _INVOICE_COLUMNS | {"counterparty": other})
    layout = (
        Column("direction", direction, Cast.CONSTANT),
        Column("invoice_no", "invoice_no"),
        Column("issued_date", "date", Cast.DAY),
        Column("counterparty_id", "counterparty"),
        Column("counterparty_name", "counterparty"),
        Column("net_fen", "amount", Cast.FEN),
        Column("tax_fen", "tax", Cast.FEN),
        Column("gross_fen", "total", Cast.FEN),
        Column("status", "status", Cast.CODE, codes=_STATUS),
        Column("invoice_key", "invoice_no issued_date gross_fen", Cast.JOINED),
    )
    return RawRows(SourceKind.INVOICES, table, malformed, layout, subject="enterprise")


def read_enterprises(path: Path) -> tuple[NamedEnterprise, ...]:
    """The firms of an enterprises file, each code once. Raises what `errors` names."""
    table, malformed = _read(path, _ENTERPRISE_COLUMNS)
    if malformed.num_rows:
        raise EnterpriseRowMalformed(file=path.name, row=malformed["row_number"][0].as_py())
    found: dict[str, str] = {}
    for number, *texts in zip(*(table[one].to_pylist() for one in ("row_number", *_ENTERPRISE_COLUMNS)), strict=True):
        code, name = ((text or "").strip() for text in texts)
        broken = not code or not name or not code.isprintable() or not name.isprintable()
        if broken or len(code) > 80 or len(name) > 200 or found.get(code, name) != name:
            raise EnterpriseRowMalformed(file=path.name, row=number)
        found[code] = name
    return tuple(NamedEnterprise(code, name) for code, name in found.items())


def _read(path: Path, wanted: dict[str, tuple[str, ...]]) -> tuple[pa.Table, pa.Table]:
    """All columns as text, the wanted ones under their own names first, and the malformed rows."""
    start = _start(path)
    if start.startswith(b"PAR1"):
        header, table, malformed = _read_parquet(path)
        return _chosen(header, table, wanted, path.name), malformed
    if is_old_workbook(start):
        raise FileUnreadable(
            file=path.name, detail=_("it is an old or locked workbook; save it as .xlsx without a password")
        )
    if not start.startswith(b"PK\x03\x04"):
        with path.open("rb") as stream:
            return _read_text(stream, wanted, path.name)
    parts = []
    with unpacked_sheets(path, narrowest=len(wanted)) as sheets:
        for title, sheet in sheets:
            name = path.name if len(sheets) == 1 else f"{path.name} [{title}]"
            with sheet.open("rb") as stream:
                parts.append(_read_text(stream, wanted, name))
    return _as_one(parts)


def _read_text(stream: BinaryIO, wanted: dict[str, tuple[str, ...]], name: str) -> tuple[pa.Table, pa.Table]:
    reader = DelimitedReader(stream, name)
    _places(reader.header, wanted, name)
    table, malformed = reader.read()
    return _chosen(reader.header, table, wanted, name), malformed


def _chosen(header: list[str], table: pa.Table, wanted: dict[str, tuple[str, ...]], name: str) -> pa.Table:
    places = _places(header, wanted, name)
    others = {f"{at}:{title[:60]}": at for at, title in enumerate(header) if at not in places.values()}
    chosen = {**places, **others}
    return table.select(["row_number", *(f"c{at}" for at in chosen.values())]).rename_columns(["row_number", *chosen])


def _as_one(parts: list[tuple[pa.Table, pa.Table]]) -> tuple[pa.Table, pa.Table]:
    """The rows of several sheets, numbered on."""
    tables: list[pa.Table] = []
    malformed: list[pa.Table] = []
    offset = 0
    for part in parts:
        for table, into in zip(part, (tables, malformed), strict=True):
            place = table.schema.get_field_index("row_number")
            into.append(table.set_column(place, "row_number", pc.add(table["row_number"], offset)))
        offset += sum(table.num_rows for table in part)
    return pa.concat_tables(tables, promote_options="default"), pa.concat_tables(malformed)


def _start(path: Path) -> bytes:
    """The first bytes of a regular file that is not empty and not too large."""
    try:
        status = path.stat()
        if not path.is_file():
            raise FileUnreadable(file=path.name, detail=_("it is not a file"))
        if status.st_size > SIZE_LIMIT:
            raise FileTooLarge(file=path.name, limit="1 GB")
        if not status.st_size:
            raise FileEmpty(file=path.name)
        with path.open("rb") as stream:
            return stream.read(8)
    except FileNotFoundError as error:
        raise FileMissing(file=path.name) from error
    except (OSError, ValueError) as error:
        raise FileUnreadable(file=path.name, detail=type(error).__name__) from error


def _places(header: list[str], wanted: dict[str, tuple[str, ...]], file: str) -> dict[str, int]:
    """Where each wanted column stands, by its name or the first of its other names."""
    names = [name.strip().strip("\ufeff").lower() for name in header]
    places: dict[str, int] = {}
    for column, others in wanted.items():
        for name in (column, *others):
            if names.count(name) > 1:
                raise ColumnsRepeated(file=file, column=name)
            if name in names:
                places[column] = names.index(name)
                break
    missing = [column for column in wanted if column not in places]
    if missing:
        found = ", ".join(name[:40] if name.isprintable() else "?" for name in names[:20])
        raise ColumnsMissing(file=file, missing=", ".join(missing), found=found)
    return places


def _read_parquet(path: Path) -> tuple[list[str], pa.Table, pa.Table]:
    """The titles and all rows as texts; a child process of few means reads the file."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "table.arrow"
        limits = {"rows": ROW_LIMIT, "cells": CELL_LIMIT, "text": TEXT_LIMIT}
        named = {"path": str(path.absolute()), "output": str(output)}
        try:
            answer = json.loads(read_confined(write_table, b"", limits=_PARQUET, **named, **limits))
        except DocumentTooCostly:
            answer = {"refused": "damaged"}
        refused = answer.get("refused")
        if refused == "no_room":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), folder)
        if refused == "damaged":
            raise FileUnreadable(file=path.name, detail=_("it is damaged, or its columns are not plain values"))
        if refused:
            many = f"{ROW_LIMIT:,} × {CELL_LIMIT // ROW_LIMIT}"
            raise FileTooLarge(file=path.name, limit=many if refused == "too_many" else "2 GB")
        table = pa.ipc.open_file(pa.memory_map(str(output))).read_all()  # the pages stay after the file's name is gone
    return answer["titles"], table, MALFORMED.empty_table()
