"""`rongtong replay`: decide again."""

from __future__ import annotations

from typing import Any

import click

from rongtong.config.output import with_json
from rongtong.config.ready import platform


@click.command()
@with_json
def command() -> dict[str, Any]:
    """Decide every recorded decision again from its stored inputs and versions, and compare the bytes."""
    with platform():
        from rongtong.origination import facade as origination

        result = origination.replay_decisions()
        answer: dict[str, Any] = {"decisions": result.decisions, "identical": result.identical}
        if result.differing:
            answer |= {"differing": [str(one) for one in result.differing[:20]], "ok": False}
        return answer
