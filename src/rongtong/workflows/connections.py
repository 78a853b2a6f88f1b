"""Where the data sources and the lenders' banks answer: at the configured address, and nowhere else.

Simulated ones take part where the operator said so (a demonstration) and in an evaluation, which has some of its own. A
configured address that does not answer is one that does not answer: nothing takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from rongtong.core.tenancy import Book, current_book
from rongtong.records import facade as records
from rongtong.servicing import facade as servicing
from rongtong.simulator import facade as simulator


@dataclass(frozen=True, slots=True)
class Connection:
    """An address at which sources and banks answer, or are supposed to; `simulated` ones bind nobody."""

    url: str
    token: str
    simulated: bool

    @property
    def source(self) -> records.Source:
        """The data sources there."""
        return records.Source(url=self.url, token=self.token)

    @contextmanager
    def bank(self) -> Iterator[servicing.Bank | None]:
        """The lenders' banks there; None where no address is configured: what is ordered then waits."""
        if not self.url:
            yield None
            return
        with servicing.open_bank(url=self.url, token=self.token) as bank:
            yield bank


@contextmanager
def connected(given: Connection | None = None) -> Iterator[Connection]:
    """The sources and banks that take part in what is done in the present book; simulated ones that run already may be given."""
    if given is not None and given.simulated and (settings.DEMO or current_book() is not Book.LIVE):
        yield given
        return
    if current_book() is Book.LIVE and (settings.SOURCES_URL or not settings.DEMO):
        yield Connection(settings.SOURCES_URL, settings.SOURCES_TOKEN, simulated=settings.DEMO)
        return
    books = None if current_book() is Book.LIVE else _folder("evaluation")
    with simulated(_region(), books=books) as connection:
        yield connection


@contextmanager
def simulated(region: Path, *, books: Path | None = None) -> Iterator[Connection]:
    """Simulated sources and banks of a region, for as long as the block runs; the banks keep their books where told."""
    with simulator.serving(region, books=books) as url:
        yield Connection(str(url), url.token, simulated=True)


def _region() -> Path:
    """The home's region, or where none was generated the smallest one: the banks pay and collect for strangers too."""
    folder = Path(settings.HOME) / "region"
    if simulator.region_summary(folder) is None:
        folder = _folder("evaluation") / "region"
        simulator.generate_region(enterprises=5, months=13, seed=1, end_date=date(2025, 12, 31), folder=folder)
    return folder


def _folder(name: str) -> Path:
    folder = Path(settings.HOME) / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
