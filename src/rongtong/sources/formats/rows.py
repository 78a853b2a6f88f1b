"""Raw rows from lists of texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from rongtong.sources.contracts import MALFORMED, Column, RawRows, SourceKind


class RowBuilder:
    """Collects the rows of a message; each is counted, whether it could be split into values or not."""

    def __init__(
        self, kind: SourceKind, layout: Sequence[Column], subject: str = "subject", *, beside: Sequence[str] = ()
    ) -> None:
        self._kind, self._layout, self._subject = kind, tuple(layout), subject
        self._names = list(dict.fromkeys([subject, *(one.raw for one in layout), *beside]))
        self._rows: list[tuple[str | None, ...]] = []
        self._numbers: list[int] = []
        self._malformed: list[tuple[int, str, str]] = []

    def add(self, values: Mapping[str, str | None]) -> None:
        """A row, by the raw names of its columns."""
        self._numbers.append(len(self._numbers) + len(self._malformed) + 1)
        self._rows.append(tuple(values.get(name) for name in self._names))

    def refuse(self, reason: str, verbatim: str) -> None:
        """A row that could not be split."""
        self._malformed.append((len(self._numbers) + len(self._malformed) + 1, reason, verbatim))

    def rows(self) -> RawRows:
        columns: Iterable[Sequence[str | None]] = (
            zip(*self._rows, strict=True) if self._rows else [()] * len(self._names)
        )
        arrays = [pa.array(self._numbers, pa.int64()), *(pa.array(column, pa.string()) for column in columns)]
        broken = zip(*self._malformed, strict=True) if self._malformed else [()] * 3
        malformed = [pa.array(column, kind) for column, kind in zip(broken, MALFORMED.types, strict=True)]
        return RawRows(
            kind=self._kind,
            table=pa.Table.from_arrays(arrays, names=["row_number", *self._names]),
            malformed=pa.Table.from_arrays(malformed, schema=MALFORMED),
            layout=self._layout,
            subject=self._subject,
        )


def joined(parts: Sequence[RawRows]) -> RawRows:
    """The rows of several messages of one kind as one delivery, numbered on."""
    tables: list[pa.Table] = []
    malformed: list[pa.Table] = []
    offset = 0
    for part in parts:
        for table, into in ((part.table, tables), (part.malformed, malformed)):
            numbers = pc.add(table["row_number"], offset)
            place = table.schema.get_field_index("row_number")
            into.append(table.set_column(place, "row_number", numbers))
        offset += part.count
    first = parts[0]
    return RawRows(first.kind, pa.concat_tables(tables), pa.concat_tables(malformed), first.layout, first.subject)
