"""`rongtong down`: stop what runs for this home."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import click

from rongtong.config import embedded_postgres
from rongtong.config.output import with_json
from rongtong.config.processes import alive, end_leftovers, written_down


@click.command()
@with_json
def command() -> dict[str, Any]:
    """Stop `rongtong up`, its processes and the embedded database of this home. Safe to call when nothing runs."""
    up = written_down().get("up")
    was_up = alive(up)
    if up and was_up:
        os.kill(int(up["pid"]), signal.SIGTERM)
        deadline = time.monotonic() + 60
        while alive(up) and time.monotonic() < deadline:
            time.sleep(0.05)
    left = end_leftovers()
    return {"up_stopped": was_up, "processes_ended": left, "postgres_stopped": embedded_postgres.stop()}
