"""`rongtong loop`: the closed loop."""

from __future__ import annotations

from typing import Any

import click

from rongtong.config.business_dates import checked_day
from rongtong.config.output import with_json
from rongtong.config.ready import platform


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day decided for (YYYY-MM-DD).")
@with_json
def command(as_of: Any) -> dict[str, Any]:
    """Portray, score, match, decide, sign and pay out for all enterprises with records, as of a date.

    Run again for the same date it goes on where it stopped and does nothing twice.
    """
    day = checked_day(as_of)
    with platform():
        from rongtong.core.actors import Right, system_actor
        from rongtong.core.clock import now
        from rongtong.workflows.loop import run_loop

        return run_loop(as_of=day, actor=system_actor("loop", right=Right.COMMAND_LINE), at=now()).as_dict()
