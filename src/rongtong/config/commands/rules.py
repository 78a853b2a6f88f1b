"""`rongtong rules`: rules that came after the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from django.utils.translation import gettext_lazy as _

from rongtong.config.output import with_json
from rongtong.config.ready import platform
from rongtong.core.errors import Invalid


class RulesMalformed(Invalid):
    """A file of rules is not TOML of the packaged form, or names a rule with what cannot be kept."""

    code = "rules_malformed"
    message = _("The file cannot be used: %(why)s")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_json
def command(source: Path) -> dict[str, Any]:
    """Record the rules of a TOML file of the form of the packaged ones (`[[rule]]` with id, value, unit, titles, source, dates).

    A row of a known rule and first day supersedes it; nothing is ever overwritten, and each row stays to be read. Recording a
    file again adds nothing.
    """
    with platform():
        from rongtong.core.actors import Right, system_actor
        from rongtong.core.clock import now
        from rongtong.rulebook import facade as rulebook

        try:
            rules = rulebook.read_rules(source.read_text(encoding="utf-8"), source.name)
        except ValueError as error:
            raise RulesMalformed(why=str(error)) from error
        actor = system_actor("command line", right=Right.COMMAND_LINE)
        added = rulebook.record_rules(rules=rules, actor=actor, at=now())
        return {"read": len(rules), "added": len(added), "rules": sorted({one.id for one in added})}
