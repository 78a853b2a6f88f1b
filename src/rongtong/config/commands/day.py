"""`rongtong day`: the close of business."""

from __future__ import annotations

from typing import Any

import click

from rongtong.config.business_dates import checked_day
from rongtong.config.output import with_json
from rongtong.config.ready import platform


@click.command()
@click.option(
    "--to", "to", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day to close (YYYY-MM-DD)."
)
@click.option(
    "--book",
    type=click.Choice(["live", "evaluation"]),
    help="Whose days; default: the live book's, or the evaluations' where only those have begun.",
)
@with_json
def command(to: Any, book: str | None) -> dict[str, Any]:
    """Close the books of each day from the last closed one up to a date: collect, book repayments, classify, watch.

    A day that is closed stays closed; a run that was interrupted goes on with the day it was in.
    """
    day = checked_day(to)
    with platform():
        from rongtong.core.actors import Right, system_actor
        from rongtong.core.clock import now
        from rongtong.core.tenancy import Book, in_book
        from rongtong.workflows.day import begun_book, close_days

        with in_book(Book(book) if book else begun_book()):
            return close_days(
                to=day, actor=system_actor("close of business", right=Right.COMMAND_LINE), at=now()
            ).as_dict()
