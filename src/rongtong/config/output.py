"""What a command prints: with --json exactly one object on standard output; errors in one line with their code."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from typing import Any

import click
import django
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from rongtong.config.problems import problem as describe
from rongtong.core.canonical import plain
from rongtong.core.errors import RongtongError, Unavailable
from rongtong.core.progress import stderr

Run = Callable[..., dict[str, Any]]


class DatabaseUnavailable(Unavailable):
    """The database that DATABASE_URL names does not answer, or refuses the role or the password."""

    code = "database_unavailable"
    message = _("The database does not answer as it should: %(why)s")


def with_json(run: Run, shown: Callable[[dict[str, Any]], None] | None = None) -> Callable[..., None]:
    """Give a command `--json`. The command returns its result as a dict; for people it is `shown`, or a line a figure."""

    @click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object on standard output.")
    @functools.wraps(run)
    def command(*arguments: Any, as_json: bool, **options: Any) -> None:
        from django.db import OperationalError

        try:
            result = run(*arguments, **options)
        except RongtongError as error:
            fail(error, as_json)
        except OperationalError as error:
            fail(DatabaseUnavailable(why=str(error).strip().splitlines()[-1]), as_json)
        except KeyboardInterrupt:
            stderr.print("interrupted; running it again goes on where it stopped")
            sys.exit(130)
        if as_json:
            click.echo(json.dumps(result, ensure_ascii=False, default=plain))
        else:
            (shown or show)(result)
        if result.get("ok") is False:
            sys.exit(1)

    return command


def fail(error: RongtongError, as_json: bool) -> None:
    """Report an anticipated error and end with status 1; in plain English where it came before the translations."""
    try:
        django.setup()
    except Exception:  # the very thing that the error is about may stand in the way
        translation.deactivate_all()
    problem = describe(error)
    if as_json:
        click.echo(json.dumps({"error": problem}, ensure_ascii=False, default=plain))
    stderr.print(f"rongtong: {problem['code']}: {problem['title']}", style="red", markup=False, highlight=False)
    sys.exit(1)


def show(result: dict[str, Any]) -> None:
    """A result for people: one line a figure."""
    width = max((len(name) for name in result), default=0)
    for name, value in result.items():
        text = json.dumps(value, ensure_ascii=False, default=plain) if isinstance(value, dict | list) else value
        click.echo(f"{name.replace('_', ' '):<{width}}  {text}")
