"""`rongtong verify`: check the evidence."""

from __future__ import annotations

from typing import Any

import click

from rongtong.config.output import with_json
from rongtong.config.ready import platform


@click.command()
@with_json
def command() -> dict[str, Any]:
    """Recompute the transparency log, its signed checkpoints and the digest of every row behind it; name the first that is off."""
    with platform():
        from rongtong.attest import facade as attest

        result = attest.verify_log()
        return {"leaves": result.leaves, "ok": result.ok, "first_bad": result.first_bad}
