"""A Parquet file as an Arrow file of texts: read in a child process with little memory, time and room (`core/confined.py`).

Texts are read as dictionaries first: a few bytes can stand for one giant text in every row, and a page may claim to
unpack to any size.
"""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_MOST_COLUMNS = 200


def write_table(_document: bytes, arguments: dict[str, Any]) -> bytes:
    """Write the plain columns of a file as `c0`, `c1`, …, after `row_number`; answer their titles, or why not.

    Arguments: `path` of the Parquet file, `output`, where the Arrow file goes, and the most `rows`, `cells` and bytes of `text`.
    """
    try:
        answer = _written(arguments["path"], Path(arguments["output"]), arguments)
    except (pa.ArrowException, OSError, ValueError) as error:
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        answer = {"refused": "no_room" if full else "damaged"}
    return json.dumps(answer).encode()


def _written(path: str, output: Path, most: dict[str, Any]) -> dict[str, Any]:
    schema = pq.read_schema(path)
    plain = [field.name for field in schema if _is_plain(field.type) and schema.names.count(field.name) == 1]
    texts = [name for name in plain if _is_text(schema.field(name).type)]
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        about = file.metadata
        cells = about.num_rows * max(len(schema), 1)
        if about.num_rows > most["rows"] or cells > most["cells"] or len(schema) > _MOST_COLUMNS:
            return {"refused": "too_many"}
        if sum(about.row_group(at).total_byte_size for at in range(about.num_row_groups)) > most["text"]:
            return {"refused": "too_large"}
        table = file.read(columns=plain)
    if sum(_text_size(column) for column in table.columns) > most["text"]:
        return {"refused": "too_large"}
    numbers = pa.array(range(1, table.num_rows + 1), pa.int64())
    titles, columns = table.column_names, [_as_text(column) for column in table.columns]
    named = pa.Table.from_arrays([numbers, *columns], names=["row_number", *(f"c{at}" for at in range(len(columns)))])
    with pa.ipc.new_file(output, named.schema) as stream:
        stream.write_table(named)
    return {"titles": titles}


def _is_plain(kind: pa.DataType) -> bool:
    return not pa.types.is_nested(kind) and not pa.types.is_fixed_size_binary(kind)


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
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = pc.local_timestamp(column.cast(pa.timestamp(column.type.unit, "Asia/Shanghai")))
    return pc.cast(column, pa.string())
