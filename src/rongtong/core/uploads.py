"""Pages that take files: each says how large and from whom, so that others are refused before anything is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any


@dataclass(frozen=True, slots=True)
class Uploads:
    """What a page takes: `largest` in bytes, all files together; `roles` that may send (empty: any member); or everybody."""

    largest: int
    roles: frozenset[str] = frozenset()
    public: bool = False


def takes_files(*, largest: int, roles: tuple[str, ...] = (), public: bool = False) -> Callable[..., Any]:
    """Let a view take files of at most `largest` bytes; the outermost decorator of the view."""

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def declared(*arguments: Any, **named: Any) -> Any:
            return view(*arguments, **named)

        declared.uploads = Uploads(largest, frozenset(map(str, roles)), public)  # type: ignore[attr-defined]  # read by the web edge
        return declared

    return declare


def uploads_of(view: Callable[..., Any]) -> Uploads | None:
    """What a view takes; None for one that takes no files."""
    found = getattr(view, "uploads", None)
    return found if isinstance(found, Uploads) else None
