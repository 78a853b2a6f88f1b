"""Invoice files of a firm's own or of a data set: one file of sales, one of purchases, one of enterprises.

Layout: enterprise, invoice_no, date, counterparty, amount, tax, total, status; Chinese headers are known too. Further
columns are ignored. An invoice number alone does not name an invoice (paper invoices also have a code, which the layout
lacks, and numbers come round again), so an invoice is its number, day and gross amount; who the counterparty is and
whether it is void are content that a later row corrects.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from rongtong.sources.contracts import MALFORMED, Cast, Column, RawRows, SourceKind
from rongtong.sources.delimited import DelimitedReader
from rongtong.sources.errors import (
    ColumnsMissing,
    ColumnsRepeated,
    EnterpriseRowMalformed,
    FileEmpty,
    FileMissing,
    FileTooLarge,
    FileUnreadable,
)
from rongtong.sources.workbooks import is_old_workbook, read_workbook

SIZE_LIMIT = 1024**3
ROW_LIMIT = 10_000_000
TEXT_LIMIT = 2 * 1024**3
_INVOICE_COLUMNS = {
    "enterprise": ("企业代号", "企业", "纳税人识别号", "统一社会信用代码"),
    "invoice_no": ("发票号码",),
    "date": ("开票日期",),
    "counterparty": ("销方单位代号", "购方单位代号", "对方单位", "销方名称", "购方名称"),
    "amount": ("金额",),
    "tax": ("税额",),
    "total": ("价税合计",),
    "status": ("发票状态",),
}
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
    table, malformed = _read(path, _INVOICE_COLUMNS)
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
        places = _places(header, wanted, path.name)
    elif is_old_workbook(start):
        raise FileUnreadable(
            file=path.name, detail=_("it is an old or locked workbook; save it as .xlsx without a password")
        )
    else:
        stream: BinaryIO = read_workbook(path) if start.startswith(b"PK\x03\x04") else path.open("rb")
        with stream:
            reader = DelimitedReader(stream, path.name)
            header, places = reader.header, _places(reader.header, wanted, path.name)
            table, malformed = reader.read()
    others = {f"{at}:{name[:60]}": at for at, name in enumerate(header) if at not in places.values()}
    chosen = {**places, **others}
    table = table.select(["row_number", *(f"c{at}" for at in chosen.values())]).rename_columns(["row_number", *chosen])
    return table, malformed


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
    """Texts are read as dictionaries first: a few bytes can stand for one giant text in every row."""
    try:
        schema = pq.read_schema(path)
        texts = [field.name for field in schema if _is_text(field.type)]
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            if file.metadata.num_rows > ROW_LIMIT or len(schema) > 200:
                raise FileTooLarge(file=path.name, limit=f"{ROW_LIMIT:,} × 200")
            table = file.read()
        plain = [at for at, kind in enumerate(table.schema.types) if not pa.types.is_nested(kind)]
        if sum(_text_size(table.column(at)) for at in plain) > TEXT_LIMIT:
            raise FileTooLarge(file=path.name, limit="2 GB")
        columns = [_as_text(table.column(at)) for at in plain]
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise FileUnreadable(file=path.name, detail=_("it is damaged, or its columns are not plain values")) from error
    numbers = pa.array(range(1, table.num_rows + 1), pa.int64())
    named = pa.Table.from_arrays([numbers, *columns], names=["row_number", *(f"c{at}" for at in range(len(plain)))])
    return [table.column_names[at] for at in plain], named, MALFORMED.empty_table()


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(kind) for test in tests)


def _text_size(column: pa.ChunkedArray) -> int:
    """How many bytes the texts of a dictionary column come to once they are written out."""
    if not pa.types.is_dictionary(column.type) or not _is_text(column.type.value_type):
        return 0
    sizes = (pc.sum(pc.binary_length(one.dictionary).take(one.indices)).as_py() for one in column.chunks)
    return sum(size or 0 for size in sizes)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return pc.cast(column, pa.string())
