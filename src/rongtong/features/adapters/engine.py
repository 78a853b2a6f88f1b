"""Runs the definitions on DuckDB in process.

Each expression is built, compiled and parsed once per process; a connection lives as long as its thread. Memory is bounded:
beyond `MEMORY` DuckDB spills to the folder for temporary files.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from rongtong.features.definitions import catalogue, series
from rongtong.features.definitions.tables import ITEMS, SUBJECTS, unbound

MEMORY = "1GB"
SMALL_ROWS = 50_000
"""Below this many rows one thread is faster than two."""

_ARROW = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
}
_local = threading.local()
_compiling = threading.Lock()

Columns = Mapping[str, np.ndarray[Any, Any]]


def schema(name: str) -> pa.Schema:
    """The Arrow schema of `subjects`, or of an item's input."""
    return pa.schema(
        [(column, _ARROW[kind]) for column, kind in (SUBJECTS if name == "subjects" else ITEMS[name]).items()]
    )


def expression(kind: str, name: str) -> ir.Table:
    """The ibis expression of a query: kind is features (a group), usage (all), series (an item) or evidence (feature/item)."""
    subjects = unbound("subjects")
    if kind == "features":
        build, items = catalogue.GROUPS[name]
        table = build(subjects, {item: unbound(item) for item in items})
        return table.mutate(
            **{column: table[column].cast("float64") for column in table.columns if column != "ordinal"}
        )
    if kind == "usage":
        return series.usage(subjects, {item: unbound(item) for item in ITEMS})
    if kind == "series":
        table = series.SERIES[name](subjects, unbound(name))
        return table.filter(table.back >= 0)
    feature, item = name.split("/")
    rows = catalogue.LINES[item](subjects, unbound(item))
    return rows.filter(catalogue.EVIDENCE[feature][item](rows)).select("row_id").distinct().order_by("row_id")


@cache
def _statement(kind: str, name: str) -> duckdb.Statement:
    with _compiling:
        sql = str(ibis.to_sql(expression(kind, name), dialect="duckdb", pretty=False))
        # parsing takes DuckDB longer than planning, so it is done once
        (statement,) = _connection().extract_statements(sql)
    return statement


def _connection() -> duckdb.DuckDBPyConnection:
    """This thread's connection, and this process's: a connection does not live through a fork."""
    if getattr(_local, "pid", None) != os.getpid():
        connection = duckdb.connect(":memory:")
        spill = Path(tempfile.gettempdir()) / f"rongtong-duckdb-{os.getpid()}"
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute(f"SET temp_directory = '{str(spill).replace(chr(39), chr(39) * 2)}'")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET autoinstall_known_extensions = false")
        connection.execute("SET autoload_known_extensions = false")
        _local.connection, _local.pid = connection, os.getpid()
    found: duckdb.DuckDBPyConnection = _local.connection
    return found


class Session:
    """A set of input tables on which queries run; use it in a `with`, in one thread."""

    def __init__(self, subjects: pa.Table, items: Mapping[str, pa.Table]) -> None:
        self._tables = {
            name: _fitted(items[name], name) if name in items else schema(name).empty_table() for name in ITEMS
        }
        self._tables["subjects"] = _fitted(subjects, "subjects")

    def __enter__(self) -> Session:
        self._connection = _connection()
        rows = sum(table.num_rows for table in self._tables.values())
        threads = 1 if rows < SMALL_ROWS else (os.cpu_count() or 1)
        self._connection.execute(f"SET threads = {threads}")
        for name, table in self._tables.items():
            self._connection.register(name, table)
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._tables:
            self._connection.unregister(name)

    def run(self, kind: str, name: str) -> Columns:
        """The result of a query as numpy columns, masked arrays where there are nulls."""
        columns: Columns = self._connection.execute(_statement(kind, name)).fetchnumpy()
        return columns


def warm(kinds: Iterable[str] = ("features", "usage", "series")) -> None:
    """Compile all queries now, so that the first portrait of a process is as fast as the next."""
    for kind in kinds:
        for name in {"features": catalogue.GROUPS, "usage": ("all",), "series": series.SERIES}[kind]:
            _statement(kind, name)


def _fitted(table: pa.Table, name: str) -> pa.Table:
    """The columns that the definitions read, in their types."""
    wanted = schema(name)
    return pa.table({field.name: table[field.name].cast(field.type) for field in wanted}, schema=wanted)
