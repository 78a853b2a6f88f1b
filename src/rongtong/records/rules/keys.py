"""What makes two rows the same fact, the same content, or a correction."""

from __future__ import annotations

from rongtong.records.rules.casts import quoted
from rongtong.sources.contracts import NATURAL_KEYS, OCCURRED, SOURCE_SCHEMAS, STANDINGS, Rank, SourceKind

_GAP, _NOTHING = "chr(31)", "chr(30)"
"""Control characters are refused in values, so these two separate without ambiguity."""
_FIRST_HAND = frozenset(rank for standing in STANDINGS.values() for rank in standing.counts)


def identity_sql(kind: SourceKind) -> tuple[str, str]:
    """Expressions of `record_key` (firm and natural key) and, over it, of the content (key and values): 32 hex digits of SHA-256."""
    key = _digest([f"'{kind.value}'", "enterprise_id", *(_text(name) for name in NATURAL_KEYS[kind])])
    content = _digest(["record_key", *(_text(name) for name in SOURCE_SCHEMAS[kind].names)])
    return key, content


def row_id_sql(rank: Rank) -> str:
    """The expression of `row_id` over `content`: what counts is known by its content, any other statement by who made it too."""
    return "content" if rank in _FIRST_HAND else _digest(["content", f"'{rank.value}'"])


def occurred_sql(kind: SourceKind) -> str:
    """The first day on which a row's fact could be known."""
    names = [quoted(name) for name in OCCURRED[kind]]
    return names[0] if len(names) == 1 else f"least({', '.join(names)})"


def version_order_sql(kind: SourceKind) -> str:
    """Which of several contents of one fact in one delivery is the later: the one further down; a void one after a valid one."""
    return "status = 'void', row_number" if kind is SourceKind.INVOICES else "row_number"


def _text(name: str) -> str:
    return f"coalesce(CAST({quoted(name)} AS VARCHAR), {_NOTHING})"


def _digest(parts: list[str]) -> str:
    return f"left(sha256(concat_ws({_GAP}, {', '.join(parts)})), 32)"
