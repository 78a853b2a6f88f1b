"""The command line: `rongtong --help`."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from rongtong import __version__

_COMMANDS = {
    "up": "Start everything and serve until Ctrl-C.",
    "down": "Stop what runs for this home.",
    "doctor": "Say what is installed, running or wrong, and the mend.",
    "import": "Bring one's own data in.",
    "user": "Open accounts for the people who may log in.",
    "rules": "Record rules that came after the package, such as next month's LPR.",
    "simulate": "Generate a region of firms with known truth.",
    "features": "Write values of features to files.",
    "loop": "Play the closed loop over all enterprises with records.",
    "day": "Close the books of each day up to a date.",
    "replay": "Decide every decision again from its record and compare the bytes.",
    "verify": "Check the transparency log and all evidence behind it.",
    "backup": "Write database, records and secrets to one file.",
    "restore": "Bring a backup back into an empty home.",
}


class Lazy(click.Group):
    """Loads a command's module only when it is called, so that --help is quick."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"rongtong.config.commands.{name if name != 'import' else 'import_'}")
        command: click.Command = module.command
        return command

    def main(self, args: Sequence[str] | None = None, *rest: Any, **named: Any) -> NoReturn:  # type: ignore[override]
        """Run, and report whatever goes wrong in the form that was asked for."""
        from rongtong.config.output import run_reporting

        given = list(sys.argv[1:] if args is None else args)
        named |= {"standalone_mode": False}
        options = given[: given.index("--")] if "--" in given else given
        run_reporting(lambda: super(Lazy, self).main(given, *rest, **named), "--json" in options)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rongtong")
def main() -> None:
    """Rongtong 融通: the platform on which small firms get financed.

    RONGTONG_HOME is where the embedded database and the records live; DATABASE_URL switches to a PostgreSQL of your
    own (15 or newer). Every command starts the embedded database when it needs it.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongtong.config.settings")
    from rongtong.config.home import keep_private

    keep_private()
