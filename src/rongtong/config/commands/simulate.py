"""`rongtong simulate`: generate a region."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from rongtong.config.business_dates import today, within
from rongtong.config.home import home
from rongtong.config.output import with_json
from rongtong.config.ready import platform


@click.command()
@click.option(
    "--enterprises", type=click.IntRange(5, 1_000_000), default=300, show_default=True, help="How many firms."
)
@click.option("--months", type=click.IntRange(13, 120), default=24, show_default=True, help="Months of history.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=20,
    show_default=True,
    help="The same seed gives the same region.",
)
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the history; default: yesterday.")
@click.option("--files-only", is_flag=True, help="Only write the region's files; register and collect nothing.")
@with_json
def command(enterprises: int, months: int, seed: int, end: datetime | None, files_only: bool) -> dict[str, Any]:
    """Generate a region of firms with known truth, register them with their consents and collect their records.

    What comes of it is generated data: every page and figure about these firms says so.
    """
    last = within(end, today()) if end else today() - timedelta(days=1)
    with platform():
        from rongtong.workflows.region import simulate_region

        folder = Path(home() / "region")
        return simulate_region(
            folder, enterprises=enterprises, months=months, seed=seed, end_date=last, collect=not files_only
        )
