"""`rongtong restore`: an installation out of its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rongtong.config.output import with_json


@click.command()
@click.option(
    "--from",
    "source",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    required=True,
    help="What `rongtong backup` wrote.",
)
@click.option(
    "--set-aside",
    is_flag=True,
    help="First rename what the home and its database hold, so that the backup can come in its place.",
)
@with_json
def command(source: Path, set_aside: bool) -> dict[str, Any]:
    """Bring a backup back into an empty home and an empty database. Then `verify` and `replay` prove it.

    Cut off, it is run again. Records come back to the folder that they were taken from. The restore is written down beside
    the checkpoints that the home keeps, and `verify` says from then on how many leaves of the log it cut off.
    """
    from rongtong.config.archive import restore

    return restore(source, set_aside=set_aside)
