"""Which statements count, and what rank the rows have that landed before ranks were kept."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from rongtong.sources.contracts import STANDINGS, Rank, SourceKind


def counting_ranks(kind: SourceKind, *, asserted: bool) -> frozenset[str]:
    """The ranks of a kind that scores, limits and decisions rest on; `asserted` adds the word of whoever imported a file."""
    ranks = {rank.value for rank in STANDINGS[kind].counts}
    return frozenset(ranks | {Rank.ASSERTED.value} if asserted else ranks)


def rank_of_source(kind: SourceKind, source: str) -> Rank:
    """The rank of a row without one, by the source that was written with it.

    A statement of an account that was pushed stays a claim: whether its sender kept the account was not asked then.
    """
    channel = source.partition(":")[0]
    if channel == "own":
        return Rank.OWN
    if channel == "file":
        return Rank.ASSERTED
    if channel == "push" and STANDINGS[kind].bank is not None:
        return Rank.CLAIMED
    return STANDINGS[kind].collected


def with_ranks(kind: SourceKind, rows: pa.Table) -> pa.Table:
    """Rows with `rank` filled in from `source` where it is null; both columns must be there."""
    if not rows["rank"].null_count:
        return rows
    sources = pc.unique(rows["source"])
    ranks = pa.array([rank_of_source(kind, source).value for source in sources.to_pylist()], pa.string())
    told = ranks.take(pc.index_in(rows["source"], value_set=sources).combine_chunks())
    place = rows.schema.get_field_index("rank")
    return rows.set_column(place, rows.schema.field(place), pc.coalesce(rows["rank"], told))
