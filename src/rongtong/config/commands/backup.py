"""`rongtong backup`: the whole installation in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rongtong.config.output import with_json


@click.command()
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file.")
@with_json
def command(target: Path) -> dict[str, Any]:
    """Write database, records and secrets to one file, while everything goes on running.

    The file holds the keys that sign: keep it closed. It is written whole or not at all.
    """
    from rongtong.config.archive import back_up

    return back_up(target)
