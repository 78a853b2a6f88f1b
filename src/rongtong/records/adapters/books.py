"""Which book is worked in decides whose word counts."""

from __future__ import annotations

from rongtong.core.tenancy import Book, current_book


def assertions_count() -> bool:
    """Whether the word of whoever imported a file stands in for that of a source: in an evaluation."""
    return current_book() in {Book.EVALUATION, Book.LIVE}
