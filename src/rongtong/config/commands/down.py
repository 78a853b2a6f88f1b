"""`rongtong down`: stop what runs for this home; with `--remove`, take all of it away."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import click

from rongtong.config import embedded_postgres, leavings
from rongtong.config.home import home
from rongtong.config.output import with_json
from rongtong.config.processes import alive, end_leftovers, written_down


@click.command()
@click.option(
    "--remove",
    is_flag=True,
    help="Then take away all of this home: its records, its secrets, its database, wherever that stands.",
)
@click.option("--yes", is_flag=True, help="Remove without asking.")
@with_json
def command(*, remove: bool, yes: bool) -> dict[str, Any]:
    """Stop `rongtong up`, its processes and the embedded database of this home. Safe to call when nothing runs."""
    if remove and not yes:
        _ask()
    up = written_down().get("up")
    was_up = alive(up)
    if up and was_up:
        os.kill(int(up["pid"]), signal.SIGTERM)
        deadline = time.monotonic() + 60
        while alive(up) and time.monotonic() < deadline:
            time.sleep(0.05)
    left = end_leftovers()
    result: dict[str, Any] = {
        "up_stopped": was_up,
        "processes_ended": left,
        "postgres_stopped": embedded_postgres.stop(),
    }
    if remove:
        if alive(up):
            raise click.ClickException("it still runs: nothing was removed")
        result["removed"] = [str(path) for path in leavings.remove_all()]
    return result


def _ask() -> None:
    for path in leavings.belongings():
        click.echo(f"  {leavings.size_of(path) // 2**20:>6} MiB  {path}", err=True)
    click.echo("This removes all of it for good, the keys of its evidence included.", err=True)
    if click.prompt("Type the path of the home to go on", err=True, default="", show_default=False) != str(home()):
        raise click.ClickException("nothing was removed")
