"""Do for many at once what one of them may spoil: the bad ones are found, set apart and named, the others are done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import connection

from rongtong.core.errors import RongtongError

log = logging.getLogger("rongtong.core")
T = TypeVar("T")
R = TypeVar("R")
_MANY = 20
"""Where so many are tried and none can be done, it is no single one that is at fault."""


@dataclass(frozen=True, slots=True)
class Obstacle(Generic[T]):
    """Something that could not be done for one: for whom, and why."""

    item: T
    error: Exception

    @property
    def code(self) -> str:
        """The code of the error, or the name of the fault."""
        return self.error.code if isinstance(self.error, RongtongError) else type(self.error).__name__

    @property
    def detail(self) -> str:
        """What the error says, in at most 500 characters."""
        why = str(self.error.facts.get("why", "")) if isinstance(self.error, RongtongError) else ""
        return f"{self.error} {why}".strip()[:500]

    def told(self, subject: str) -> tuple[str, str, str]:
        """Whom it is about, its code and its words: as reports keep it."""
        return subject, self.code, self.detail


def do_apart(items: Sequence[T], do: Callable[[Sequence[T]], R]) -> tuple[list[R], list[Obstacle[T]]]:
    """Do `do` for all items at once; where that fails, for halves of them, down to the single bad one.

    `do` is all or nothing: a transaction of its own. Gives what it answered for each part, and the items for which it
    failed. Where the database itself is gone, or nothing can be done for any of many, the error is raised.
    """
    done: list[R] = []
    bad: list[Obstacle[T]] = []
    waiting = [list(items)] if items else []
    while waiting:
        part = waiting.pop()
        try:
            done.append(do(part))
        except Exception as error:
            if connection.needs_rollback or not connection.is_usable():
                raise
            if len(part) > 1:
                middle = len(part) // 2
                waiting += [part[middle:], part[:middle]]
                continue
            log.warning("%s is set apart", part[0], exc_info=error)
            bad.append(Obstacle(part[0], error))
            if len(bad) == _MANY and not done:
                raise
    return done, bad
