"""`rongtong replay`: decide again."""

from __future__ import annotations

from typing import Any

import click

from rongtong.config.output import with_json
from rongtong.config.ready import platform


@click.command()
@with_json
def command() -> dict[str, Any]:
    """Decide every recorded decision again, those of evaluations too, from its stored inputs and versions, and compare the bytes."""
    with platform():
        from rongtong.core.tenancy import Book, in_book
        from rongtong.origination import facade as origination

        with in_book(Book.ALL):
            result = origination.replay_decisions()
        answer: dict[str, Any] = {"decisions": result.decisions, "identical": result.identical}
        if result.differing:
            answer |= {"differing": [str(one) for one in result.differing[:20]], "ok": False}
        return answer
