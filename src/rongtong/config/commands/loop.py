"""`rongtong loop`: the closed loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rongtong.config.business_dates import checked_day
from rongtong.config.output import with_json
from rongtong.config.ready import platform
from rongtong.config.texts import speak
from rongtong.core.progress import stderr


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day decided for (YYYY-MM-DD).")
@click.option(
    "--enterprises",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Only these firms: a file of their codes, one a line, or CSV with a column uscc.",
)
@click.option(
    "--yes-apply-for-them",
    is_flag=True,
    help="Make live applications in the names of the firms that authorised it; they and the lenders sign themselves.",
)
@with_json
def command(as_of: Any, enterprises: Path | None, yes_apply_for_them: bool) -> dict[str, Any]:
    """Portray, score, match, decide, sign and pay out for enterprises with records, as of a date.

    Firms of whose authorisation an importer only tells, and generated ones, are evaluated: the same steps in a book of their
    own, which binds nobody; simulated banks pay. A live application says what the firm itself named as contact and account, and
    waits for the firm to accept and for both sides to sign. What is going to be done is said before it is done, and a firm
    at which it could not go on is named with the reason. Run again for the same date it goes on where it stopped and does
    nothing twice.
    """
    day = checked_day(as_of)
    with platform():
        from rongtong.core.actors import Right, system_actor
        from rongtong.core.clock import now
        from rongtong.workflows.enterprise_files import read_enterprise_ids
        from rongtong.workflows.loop import run_loop
        from rongtong.workflows.plans import plan_loop

        wanted = read_enterprise_ids(enterprises) if enterprises else None
        plan = plan_loop(as_of=day, at=now(), enterprise_ids=wanted, apply_for_them=yes_apply_for_them)
        with speak():
            for line in plan.lines():
                stderr.print(line, markup=False, highlight=False, soft_wrap=True)
        return run_loop(plan=plan, actor=system_actor("loop", right=Right.COMMAND_LINE)).as_dict()
