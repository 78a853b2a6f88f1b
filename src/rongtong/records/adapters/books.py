"""Which book is worked in decides whose word counts."""

from __future__ import annotations

from rongtong.core.tenancy import Book, current_book


def assertions_count() -> bool:
    """Whether the word of whoever imported a file stands in for that of a source: in an evaluation, and nowhere else."""
    return current_book() is Book.EVALUATION
