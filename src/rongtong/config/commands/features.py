"""`rongtong features`: values of features in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rongtong.config.output import with_json
from rongtong.config.ready import platform


@click.group()
def command() -> None:
    """Values of features in files, as a model's training set needs them."""


@command.command()
@click.option(
    "--entities",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Which firms as of which days: CSV or Parquet with the columns enterprise and as_of (YYYY-MM-DD).",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The Parquet file to write."
)
@with_json
def build(*, entities: Path, out: Path) -> dict[str, Any]:
    """Write all features of each firm as of its day: a row out for each row in, null for what is not known.

    Firms of whose authorisation an importer only tells are read as an evaluation; others on their own consents.
    """
    with platform():
        from rongtong.core.actors import Right, system_actor
        from rongtong.core.clock import now
        from rongtong.workflows.feature_files import build_feature_file

        actor = system_actor("features build", right=Right.COMMAND_LINE)
        return build_feature_file(entities=entities, out=out, actor=actor, at=now()).as_dict()
