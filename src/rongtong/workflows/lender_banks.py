"""Where the lenders' banks answer: at SOURCES_URL, or else, for the length of a command, in a process of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx
from django.conf import settings

from rongtong.core.http import open_client
from rongtong.simulator import facade as simulator


@contextmanager
def lender_banks() -> Iterator[str]:
    """Make sure that the lenders' banks and the data sources answer while the block runs; give their URL."""
    if settings.SOURCES_URL and _answers(settings.SOURCES_URL):
        yield settings.SOURCES_URL
        return
    before = settings.SOURCES_URL
    with simulator.serving(_region(), token=settings.SOURCES_TOKEN) as url:
        settings.SOURCES_URL = url
        try:
            yield url
        finally:
            settings.SOURCES_URL = before


def _region() -> Path:
    """The home's region, or where none was generated the smallest one: the banks pay and collect for strangers too."""
    folder = Path(settings.HOME) / "region"
    if simulator.region_summary(folder) is None:
        folder = Path(settings.HOME) / "lender banks"
        simulator.generate_region(enterprises=5, months=13, seed=1, end_date=date(2025, 12, 31), folder=folder)
    return folder


def _answers(url: str) -> bool:
    try:
        with open_client(seconds=2) as client:
            return client.get(f"{url}/health").status_code < 500
    except httpx.HTTPError:
        return False
