"""The view of a table as of a date: the latest version of each fact, and nothing in a row that lies after the date."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from rongtong.records.rules.ranks import counting_ranks
from rongtong.sources.contracts import KNOWN_LATER, SourceKind

_ORDER = ("enterprise_id", "occurred_date", "row_id")


def view_needs(kind: SourceKind, names: Sequence[str]) -> tuple[str, ...]:
    """The columns that `view` needs to give the named ones, in a stable order."""
    later = KNOWN_LATER.get(kind, {})
    return tuple(dict.fromkeys([*names, *_ORDER, "record_key", "version", "recorded_at", "rank", *later]))


def view(
    kind: SourceKind,
    landed: pa.Table,
    names: Sequence[str],
    *,
    as_of: date,
    known_at: datetime | None = None,
    ranks: Collection[str] | None = None,
) -> pa.Table:
    """The named columns of the facts that occurred on or before `as_of`, in their latest version recorded by `known_at`.

    `ranks` leaves out what was stated in another standing (None: all). Whatever came later, a version that counts comes
    before one that does not. Ordered by firm, occurred date and row id, so that equal states give equal bytes.
    """
    if known_at is not None:
        moment = pa.scalar(known_at, landed.schema.field("recorded_at").type)
        landed = landed.filter(pc.less_equal(landed["recorded_at"], moment))
    if ranks is not None:
        landed = landed.filter(pc.is_in(landed["rank"], value_set=pa.array(sorted(ranks), pa.string())))
    if landed.num_rows and pc.max(landed["version"]).as_py() > 1:
        landed = _latest(kind, landed)
    table = landed.filter(pc.less_equal(landed["occurred_date"], pa.scalar(as_of, pa.date32())))
    for day, amounts in KNOWN_LATER.get(kind, {}).items():
        told = pc.less_equal(table[day], pa.scalar(as_of, pa.date32()))
        for amount in amounts:
            if amount in names:
                seen = pc.if_else(pc.fill_null(told, True), table[amount], pa.scalar(0, table[amount].type))
                table = _with(table, amount, seen)
        table = _with(table, day, pc.if_else(told, table[day], pa.scalar(None, table[day].type)))
    return table.sort_by([(name, "ascending") for name in _ORDER]).select(list(names))


def within_spans(kind: SourceKind, table: pa.Table, spans: Mapping[UUID, tuple[date, date]]) -> pa.Table:
    """The rows of firms without a span (the reader's own), and of the others those that occurred within it, both days inclusive.

    A register shows a firm since its founding, to everybody: its rows are cut at the end only.
    """
    if not spans or not table.num_rows:
        return table
    day = pa.date32()
    firms, bounds = pa.array([str(one) for one in spans], pa.string()), list(spans.values())
    place = pc.index_in(table["enterprise_id"], value_set=firms)
    occurred = table["occurred_date"]
    inside = pc.less_equal(occurred, pa.array([last for _, last in bounds], day).take(place))
    if kind is not SourceKind.REGISTRATION:
        begun = pc.greater_equal(occurred, pa.array([first for first, _ in bounds], day).take(place))
        inside = pc.and_(inside, begun)
    return table.filter(pc.fill_null(inside, True))


def count_ranks(landed: pa.Table, *, as_of: date, ranks: Collection[str]) -> dict[UUID, dict[str, int]]:
    """By firm and rank, the facts that occurred on or before `as_of`: those of `ranks`, and those that are known otherwise only."""
    seen = landed.filter(pc.less_equal(landed["occurred_date"], pa.scalar(as_of, pa.date32())))
    counting = pc.is_in(seen["rank"], value_set=pa.array(sorted(ranks), pa.string()))
    known, waiting = seen.filter(counting), seen.filter(pc.invert(counting))
    if waiting.num_rows:
        waiting = waiting.filter(pc.invert(pc.is_in(waiting["record_key"], value_set=pc.unique(known["record_key"]))))
    facts = (
        pa.concat_tables([known, waiting])
        .group_by(["enterprise_id", "rank"])
        .aggregate([("record_key", "count_distinct")])
    )
    found: dict[UUID, dict[str, int]] = {}
    for row in facts.to_pylist():
        found.setdefault(UUID(row["enterprise_id"]), {})[row["rank"]] = row["record_key_count_distinct"]
    return found


def _latest(kind: SourceKind, landed: pa.Table) -> pa.Table:
    """Each fact once; only the few that were ever corrected are compared."""
    corrected = pc.unique(landed.filter(pc.greater(landed["version"], 1))["record_key"])
    several = pc.is_in(landed["record_key"], value_set=corrected)
    rows = _best(kind, landed.filter(several))
    last = rows.group_by("record_key").aggregate([("version", "max")]).rename_columns(["record_key", "version"])
    latest = rows.join(last, keys=["record_key", "version"], join_type="inner").select(landed.column_names)
    return pa.concat_tables([landed.filter(pc.invert(several)), latest.cast(landed.schema)])


def _best(kind: SourceKind, rows: pa.Table) -> pa.Table:
    """Of facts with a version that counts, those versions alone."""
    counting = pc.is_in(rows["rank"], value_set=pa.array(sorted(counting_ranks(kind, asserted=False)), pa.string()))
    first_hand = pc.unique(rows.filter(counting)["record_key"])
    return rows.filter(pc.or_(counting, pc.invert(pc.is_in(rows["record_key"], value_set=first_hand))))


def _with(table: pa.Table, name: str, values: pa.ChunkedArray) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(place), values)
