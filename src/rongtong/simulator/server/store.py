"""Reading a region's tables: rows of some firms in a window of days, from row groups kept in a bounded cache."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rongtong.simulator.world.calendar import day_number
from rongtong.simulator.world.tables import read_summary

Columns = dict[str, NDArray[np.int64]]
_CACHE_BYTES = 384 * 1024 * 1024


class NoRegion(Exception):
    """The folder holds no region, or one that was not finished."""


class Region:
    """A generated region, opened for reading by many threads."""

    def __init__(self, folder: Path) -> None:
        summary = read_summary(folder)
        if summary is None:
            raise NoRegion(str(folder))
        self.folder, self.summary = folder, summary
        self._tables: dict[str, _Table] = {}
        self._lock = threading.Lock()
        self._cache = _Cache(_CACHE_BYTES)

    @cached_property
    def parties(self) -> dict[str, list[object]]:
        """Columns of the parties as Python lists, the region's firms first."""
        table = pq.ParquetFile(self.folder / "parties.parquet").read(use_threads=False)
        return {name: table.column(name).to_pylist() for name in table.column_names}

    @cached_property
    def index_of(self) -> dict[str, int]:
        """USCC of each firm of the region to its index."""
        return {str(code): index for index, code in enumerate(self.parties["uscc"][: self.summary.enterprises])}

    def firms(self, subjects: Sequence[str]) -> list[int]:
        """Indices of those subjects that are firms of the region, in order."""
        return sorted({self.index_of[one] for one in subjects if one in self.index_of})

    def rows(
        self, name: str, firms: Sequence[int], *, since: date | None = None, until: date | None = None,
        by: tuple[str, ...] = ("firm",),
    ) -> Columns:  # fmt: skip
        """Rows of a table where one of the `by` columns is among the firms and `day` lies in the window, in table order.

        Without dates, whole tables are read (those that are small, or whose window is not one of days).
        """
        table = self._table(name)
        wanted = np.zeros(len(self.parties["uscc"]), dtype=np.bool_)
        wanted[list(firms)] = True
        low = None if since is None else day_number(since)
        high = None if until is None else day_number(until)
        parts = []
        for group in table.groups(low, high):
            columns = self._cache.get((name, group), partial(table.read, group))
            mask = wanted[columns[by[0]]]
            for column in by[1:]:
                mask = mask | wanted[columns[column]]
            if low is not None:
                mask &= columns["day"] >= low
            if high is not None:
                mask &= columns["day"] <= high
            parts.append({key: values[mask] for key, values in columns.items()})
        if not parts:
            return {key: np.empty(0, dtype=np.int64) for key in table.names}
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    @cached_property
    def stress(self) -> NDArray[np.float32]:
        """Hidden stress, months x firms: what a debtor's answer to a collection follows."""
        table = pq.ParquetFile(self.folder / "truth_months.parquet").read(columns=["stress"], use_threads=False)
        values: NDArray[np.float32] = table.column("stress").to_numpy()
        return values.reshape(-1, self.summary.enterprises)

    @cached_property
    def closed_day(self) -> list[int]:
        """Day number of each firm's closing, -1 where it never closes."""
        table = pq.ParquetFile(self.folder / "truth.parquet").read(columns=["closed_day"], use_threads=False)
        days: list[int] = table.column("closed_day").to_pylist()
        return days

    def _table(self, name: str) -> _Table:
        with self._lock:
            if name not in self._tables:
                self._tables[name] = _Table(self.folder / f"{name}.parquet")
            return self._tables[name]


class _Table:
    """One Parquet file and the days its row groups span."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetFile(path)
        self._lock = threading.Lock()
        self.names: list[str] = self._file.schema_arrow.names
        self._spans: list[tuple[int, int] | None] = []
        position = self.names.index("day") if "day" in self.names else None
        for group in range(self._file.metadata.num_row_groups):
            self._spans.append(None if position is None else self._span(group, position))

    def _span(self, group: int, position: int) -> tuple[int, int] | None:
        statistics = self._file.metadata.row_group(group).column(position).statistics
        if statistics is None or not statistics.has_min_max:
            return None
        return int(statistics.min), int(statistics.max)

    def groups(self, low: int | None, high: int | None) -> list[int]:
        """Row groups that may hold days of a window."""
        found = []
        for group, span in enumerate(self._spans):
            if span and ((low is not None and span[1] < low) or (high is not None and span[0] > high)):
                continue
            found.append(group)
        return found

    def read(self, group: int) -> Columns:
        """The columns of a row group."""
        with self._lock:
            table = self._file.read_row_group(group, use_threads=False)
        return {name: table.column(name).to_numpy() for name in table.column_names}


class _Cache:
    """Row groups last used, up to so many bytes."""

    def __init__(self, limit: int) -> None:
        self._limit, self._held = limit, 0
        self._entries: OrderedDict[tuple[str, int], tuple[Columns, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, int], read: Callable[[], Columns]) -> Columns:
        """The entry, read if it is not held; two threads may both read it, one is kept."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key][0]
        columns = read()
        size = sum(values.nbytes for values in columns.values())
        with self._lock:
            if key not in self._entries:
                self._entries[key] = (columns, size)
                self._held += size
            while self._held > self._limit and len(self._entries) > 1:
                _, (_, freed) = self._entries.popitem(last=False)
                self._held -= freed
        return columns
