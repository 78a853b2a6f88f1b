"""`rongtong verify`: check the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rongtong.config.output import with_json
from rongtong.config.ready import platform


@click.command()
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="A signed checkpoint that somebody kept: the log must continue it, under the same key.",
)
@with_json
def command(checkpoint: Path | None) -> dict[str, Any]:
    """Recompute the transparency log, its signed checkpoints and the digest of every row behind it; name the first that is off.

    The log is also held against the checkpoints that the home and the witnesses keep.
    """
    with platform():
        from rongtong.attest import facade as attest

        kept = None if checkpoint is None else checkpoint.read_bytes().decode(errors="replace")
        result = attest.verify_log(checkpoint=kept)
        found: dict[str, Any] = {
            "leaves": result.leaves,
            "ok": result.ok,
            "first_bad": result.first_bad,
            "kept": result.kept,
        }
        found |= {"key_fingerprint": result.key_fingerprint, "restored": list(result.restored)}
        if result.state is not None:
            found |= {
                name: moment and moment.isoformat(timespec="seconds")
                for name, moment in (
                    ("rows_wait_since", result.state.rows_wait_since),
                    ("steps_wait_since", result.state.steps_wait_since),
                    ("last_seal_at", result.state.last_seal_at),
                    ("last_checkpoint_at", result.state.last_checkpoint_at),
                )
            }
        return {**found, "not_by_the_platform": list(result.foreign)}
