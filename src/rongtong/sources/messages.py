"""Messages of others, sent of their own accord or asked for: parsed in a child process of few means (`core/confined.py`)."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext as _

from rongtong.core.canonical import plain
from rongtong.core.confined import MIB, DocumentTooCostly, Limits, read_confined
from rongtong.sources import formats
from rongtong.sources.contracts import Cast, Column, RawRows, SourceKind
from rongtong.sources.errors import (
    ColumnsMissing,
    ColumnsRepeated,
    FileEmpty,
    FileTooLarge,
    FileUnreadable,
    MessageMalformed,
)
from rongtong.sources.formats import einvoices

_PUSHED = Limits(cpu_seconds=30, wall_seconds=60.0, memory=1024 * MIB, answer=256 * MIB, patience=1.0)
_PULLED = Limits(cpu_seconds=120, wall_seconds=240.0, memory=3 * 1024 * MIB, answer=512 * MIB, patience=600.0)
"""An answer about fifty firms is larger, and who waits for it is a job."""
_REFUSALS = {
    error.code: error
    for error in (ColumnsMissing, ColumnsRepeated, FileEmpty, FileTooLarge, FileUnreadable, MessageMalformed)
}


def parse(
    kind: SourceKind, payload: bytes, subjects: frozenset[str], *, anchors: str = "", at: datetime | None = None
) -> RawRows:
    """The rows of a pushed message about the given subjects (USCCs). Raises MessageMalformed, FileEmpty, ColumnsMissing.

    Signatures of invoices are verified against `anchors` (certificates in PEM) as of a moment, where both are given.
    """
    trust = {"anchors": anchors, "at": at.isoformat()} if anchors and at else {}
    return _rows(kind, _read(kind, payload, _PUSHED, subjects=sorted(subjects), **trust))


def parse_pulled(kind: SourceKind, payload: bytes, subjects: frozenset[str]) -> RawRows:
    """The rows of a source's answer about the given subjects. Raises as `parse` does."""
    return _rows(kind, _read(kind, payload, _PULLED, subjects=sorted(subjects)))


def _rows(kind: SourceKind, answer: bytes) -> RawRows:
    head, table, malformed = _parts(answer)
    layout = tuple(Column(**one | {"cast": Cast(one["cast"])}) for one in head["layout"])
    return RawRows(kind, _table(table), _table(malformed), layout, head["subject"])


def parties_of_invoices(payload: bytes) -> set[str]:
    """The codes of all sellers and buyers; what cannot be read is left to `parse`."""
    head, *_rest = _parts(_read(SourceKind.INVOICES, payload, _PUSHED, subjects=None))
    return set(head["parties"])


def read_message(document: bytes, arguments: dict[str, Any]) -> bytes:
    """What the child does: parse; answer a head in JSON, its length before it, and the two tables as Arrow streams."""
    kind = SourceKind(arguments["kind"])
    try:
        if arguments["subjects"] is None:
            return _whole({"parties": sorted(einvoices.parties_of_invoices(document))})
        subjects = frozenset(arguments["subjects"])
        if kind is SourceKind.INVOICES and arguments.get("anchors"):
            at = datetime.fromisoformat(arguments["at"])
            rows = einvoices.parse_invoices(document, subjects, anchors=arguments["anchors"], at=at)
        else:
            rows = formats.parse(kind, document, subjects)
    except tuple(_REFUSALS.values()) as refusal:
        return _whole({"refused": refusal.code, "facts": refusal.facts})
    layout = [asdict(column) | {"codes": dict(column.codes)} for column in rows.layout]
    return _whole({"layout": layout, "subject": rows.subject}, rows.table, rows.malformed)


def _read(kind: SourceKind, payload: bytes, limits: Limits, *, subjects: list[str] | None, **trust: str) -> bytes:
    try:
        return read_confined(read_message, payload, limits=limits, kind=str(kind), subjects=subjects, **trust)
    except DocumentTooCostly as error:
        raise MessageMalformed(kind=str(kind), detail=_("it takes more time or memory than any proper one")) from error


def _whole(head: dict[str, Any], *tables: pa.Table) -> bytes:
    parts = [json.dumps(head, default=plain).encode()]
    for table in tables:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        parts.append(sink.getvalue().to_pybytes())
    return b"".join(len(part).to_bytes(8) + part for part in parts)


def _parts(answer: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    parts, place = [], 0
    while place < len(answer):
        size = int.from_bytes(answer[place : place + 8])
        parts.append(answer[place + 8 : place + 8 + size])
        place += 8 + size
    head: dict[str, Any] = json.loads(parts[0])
    if "refused" in head:
        facts = head["facts"]
        if isinstance(facts.get("detail"), str):  # the child knows no language
            facts["detail"] = _(facts["detail"])
        raise _REFUSALS[head["refused"]](**facts)
    table, malformed = [*parts[1:], b"", b""][:2]
    return head, table, malformed


def _table(stream: bytes) -> pa.Table:
    return pa.ipc.open_stream(stream).read_all()
