"""The simulator's door: generate a region, introduce its firms, serve it, and tell the truth about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from rongtong.simulator.contracts import FirmTruth, GeneratedFirm, RegionSummary
from rongtong.simulator.launch import ServedUrl, launch
from rongtong.simulator.world.region import Progress

__all__ = [
    "FirmTruth",
    "GeneratedFirm",
    "RegionSummary",
    "ServedUrl",
    "enterprise_drafts",
    "generate_region",
    "region_summary",
    "serving",
    "truth",
]


def generate_region(
    *,
    enterprises: int,
    months: int,
    seed: int,
    end_date: date,
    folder: Path,
    horizon: int = 6,
    progress: Progress | None = None,
) -> RegionSummary:
    """Generate a region into `folder`: `months` up to `end_date` and `horizon` months beyond, in whole calendar months.

    Equal arguments give equal bytes; where they were generated already, they are left as they are. A region of other
    arguments is replaced, the lender banks' books in the folder are kept. Raises ValueError for sizes out of range.
    """
    from rongtong.simulator.world.region import play_region

    if not (1 <= enterprises <= 1_000_000 and 1 <= months <= 240 and 0 <= horizon <= 60):
        raise ValueError("enterprises 1..1,000,000, months 1..240, horizon 0..60")
    return play_region(
        enterprises=enterprises,
        months=months,
        seed=seed,
        end_date=end_date,
        folder=Path(folder),
        horizon=horizon,
        progress=progress,
    )


def region_summary(folder: Path) -> RegionSummary | None:
    """The summary of the region in a folder; None where there is none."""
    from rongtong.simulator.world.tables import read_summary

    return read_summary(Path(folder))


def enterprise_drafts(folder: Path) -> tuple[GeneratedFirm, ...]:
    """The region's firms, in a stable order."""
    import pyarrow.parquet as pq

    from rongtong.simulator.world.calendar import date_of

    table = pq.ParquetFile(Path(folder) / "parties.parquet").read(use_threads=False)
    return tuple(
        GeneratedFirm(
            name=row["name"],
            uscc=row["uscc"],
            region_code=row["region_code"],
            industry_code=row["industry_code"],
            established_date=date_of(row["established_day"]),
            staff=row["staff"],
            revenue_minor=row["revenue_fen"],
            assets_minor=row["assets_fen"],
            legal_rep_name=row["legal_rep"],
            small_scale=row["small_scale"],
        )
        for row in table.to_pylist()
        if row["inside"]
    )


def truth(folder: Path) -> tuple[FirmTruth, ...]:
    """The hidden course of each firm, in the order of `enterprise_drafts`: for evaluation only."""
    import pyarrow.parquet as pq

    from rongtong.simulator.world.calendar import date_of

    def day(number: int) -> date | None:
        return None if number < 0 else date_of(number)

    return tuple(
        FirmTruth(
            uscc=row["uscc"],
            distress_month=day(row["distress_day"]),
            default_month=day(row["default_day"]),
            closed_month=day(row["closed_day"]),
            recovered=row["recovered"],
            shock=row["shock"],
            quality=row["quality"],
        )
        for row in pq.ParquetFile(Path(folder) / "truth.parquet").read(use_threads=False).to_pylist()
    )


@contextmanager
def serving(folder: Path, port: int = 0, *, token: str | None = None, books: Path | None = None) -> Iterator[ServedUrl]:
    """Serve the region of a folder from a child process while the block runs; yields its base URL (see ServedUrl).

    The lender banks keep their books in the folder `books`, or else in the region's own.
    The child ends with the block and with this process, however that ends. Raises SimulatorUnavailable.
    """
    with launch(Path(folder), port=port, token=token, books=Path(books or folder)) as url:
        yield url


PLANNED = {
    "truth": "credit",
}
"""What nothing outside of the tests calls yet, each with the capability that will."""
