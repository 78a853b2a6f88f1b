"""Regions that several tests look at; none of them needs the database."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rongtong.simulator.contracts import RegionSummary
from rongtong.simulator.facade import generate_region


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> RegionSummary:
    """Sixty firms, two years and six months ahead."""
    folder = tmp_path_factory.mktemp("region")
    return generate_region(enterprises=60, months=24, seed=11, end_date=date(2026, 6, 30), folder=folder)


@pytest.fixture
def empty_folder(tmp_path: Path) -> Path:
    return tmp_path / "region"
