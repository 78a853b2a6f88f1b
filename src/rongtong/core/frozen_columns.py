"""Columns of a table as evidence, frozen by version: a column that is added later changes no digest made before.

A version that rows were attested with never changes. A table with a new column gets one more version; the rows
written from then on are attested with it, the older ones are checked with theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Model

Versions = Mapping[str, int]
"""The version of each column list that a digest was made with; a list that is not named stands at its first."""


@dataclass(frozen=True, slots=True)
class FrozenColumns:
    """The column lists of a table, oldest first. `annual_rate:8` is a Decimal written with eight places."""

    name: str
    table: str
    versions: tuple[tuple[str, ...], ...]
    left_out: frozenset[str]
    """Columns in no version: they change in the life of a row, or are derived from others. Seals cover them."""

    @property
    def current(self) -> int:
        """The version that new rows are attested with."""
        return len(self.versions)

    def version_in(self, versions: Versions | None) -> int:
        """The version that a digest was made with; None asks for the present one. Raises ValueError where there is none such."""
        version = self.current if versions is None else versions.get(self.name, 1)
        if version not in range(1, self.current + 1):
            raise ValueError(f"{self.name} has no version {version}")
        return version

    def names(self, version: int) -> tuple[str, ...]:
        """The bare column names of a version."""
        return tuple(entry.partition(":")[0] for entry in self.versions[version - 1])

    def values(self, row: Model | Mapping[str, Any], versions: Versions | None = None) -> dict[str, Any]:
        """The columns of a row in the version that `versions` names (None: the present one), for canonical JSON."""
        found = {}
        for entry in self.versions[self.version_in(versions) - 1]:
            name, _, places = entry.partition(":")
            value = row[name] if isinstance(row, Mapping) else getattr(row, name)
            found[name] = f"{Decimal(value):.{places}f}" if places and value is not None else value
        return found

    def added(self, row: Model | Mapping[str, Any], versions: Versions | None = None) -> dict[str, Any]:
        """Only the columns that came after the first version: for evidence whose first form was written out by hand."""
        first = self.names(1)
        return {name: value for name, value in self.values(row, versions).items() if name not in first}


_declared: dict[str, FrozenColumns] = {}


def frozen_columns(table: str, *versions: str, left_out: str = "", name: str = "") -> FrozenColumns:
    """Declare the column lists of a table, each as names with spaces between; the last one is for new rows.

    A second list of the same table (a row that is attested again at a later state) has a `name` of its own.
    """
    columns = FrozenColumns(
        name=name or table,
        table=table,
        versions=tuple(tuple(version.split()) for version in versions),
        left_out=frozenset(left_out.split()),
    )
    if _declared.setdefault(columns.name, columns) != columns:
        raise ValueError(f"the columns of {columns.name} are declared twice")
    return columns


def declared_columns() -> tuple[FrozenColumns, ...]:
    """All that were declared, by name."""
    return tuple(_declared[name] for name in sorted(_declared))
