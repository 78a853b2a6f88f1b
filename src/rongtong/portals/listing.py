"""A list on a page: which page of it, what is searched for, how it is sorted, all in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.http import HttpRequest

T = TypeVar("T")
PAGE_SIZE = 20


@dataclass(frozen=True)
class Asked:
    """What the address asks of a list."""

    page: int
    text: str
    sort: str
    """A column's key, or empty; falling where `falling`."""
    falling: bool
    export: str
    """`csv`, `xlsx` or empty."""


def asked(request: HttpRequest, *, sorts: Sequence[str] = (), sort: str = "") -> Asked:
    """Read the address; what cannot be used counts as not asked."""
    given = request.GET.get("sort", sort)
    key = given.removeprefix("-")
    if key not in (*sorts, sort.removeprefix("-")):
        given, key = sort, sort.removeprefix("-")
    export = request.GET.get("export", "")
    return Asked(
        page=page_number(request.GET.get("page")),
        text=request.GET.get("q", "").strip()[:100],
        sort=key,
        falling=given.startswith("-"),
        export=export if export in {"csv", "xlsx"} else "",
    )


def page_number(text: str | None) -> int:
    """A page's number from an address: 1 where it is missing or nonsense."""
    return max(1, min(int(text), 100_000)) if text and text.isascii() and text.isdecimal() and len(text) < 9 else 1


@dataclass(frozen=True)
class Listed(Generic[T]):
    """One page of a list as its table shows it."""

    rows: Sequence[T]
    number: int
    total: int
    page_size: int = PAGE_SIZE
    sort: str = ""
    falling: bool = False
    text: str = ""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.page_size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.page_size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def before(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None

    @property
    def window(self) -> list[int | None]:
        """The numbers to offer, None for a gap."""
        near = sorted({1, self.pages, *range(max(1, self.number - 1), min(self.pages, self.number + 1) + 1)})
        numbers: list[int | None] = []
        for number in near:
            if numbers and number - (numbers[-1] or 0) > 1:
                numbers.append(None)
            numbers.append(number)
        return numbers


def listed(rows: Sequence[T], total: int, wanted: Asked, page_size: int = PAGE_SIZE) -> Listed[T]:
    """A page that a facade has already cut."""
    return Listed(
        rows=rows, number=wanted.page, total=total, page_size=page_size,
        sort=wanted.sort, falling=wanted.falling, text=wanted.text,
    )  # fmt: skip


def cut(
    rows: Sequence[T],
    wanted: Asked,
    *,
    keys: dict[str, Callable[[T], Any]] | None = None,
    words: Callable[[T], str] | None = None,
    page_size: int = PAGE_SIZE,
) -> Listed[T]:
    """Search, sort and cut a list that is short by nature (the loans of one firm, a rulebook)."""
    kept = list(rows)
    if wanted.text and words:
        kept = [row for row in kept if wanted.text.casefold() in words(row).casefold()]
    if keys and wanted.sort in keys:
        by = keys[wanted.sort]
        kept.sort(key=lambda row: (by(row) is not None, by(row) if by(row) is not None else 0), reverse=wanted.falling)
    number = min(wanted.page, max(1, -(-len(kept) // page_size)))
    return Listed(
        rows=kept[(number - 1) * page_size : number * page_size],
        number=number, total=len(kept), page_size=page_size,
        sort=wanted.sort, falling=wanted.falling, text=wanted.text,
    )  # fmt: skip
