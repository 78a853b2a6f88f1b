"""Progress of long work, on standard error, so that standard output stays data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Teller(Console):
    """Says things to whoever watches; a stream that cannot be written (a full disk) stops nothing."""

    def print(self, *objects: Any, **options: Any) -> None:
        with suppress(OSError):
            super().print(*objects, **options)


stderr = Teller(stderr=True)


@contextmanager
def progress_bar(label: str, total: int | None = None) -> Iterator[ProgressHandle]:
    """A bar while the block runs; on a stream that is not a terminal, one line at the end."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=stderr
    ) as progress:
        yield ProgressHandle(progress, progress.add_task(label, total=total))


class ProgressHandle:
    """What moves a bar."""

    def __init__(self, progress: Progress, task: object) -> None:
        self._progress, self._task = progress, task

    def advance(self, steps: int = 1) -> None:
        self._progress.advance(self._task, steps)  # type: ignore[arg-type]  # rich's TaskID is an int alias

    def total(self, total: int) -> None:
        self._progress.update(self._task, total=total)  # type: ignore[arg-type]  # as above
