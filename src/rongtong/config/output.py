"""What a command prints: with --json exactly one object on standard output; errors in one line with their code."""

from __future__ import annotations

import functools
import json
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import click
from psycopg.errors import InsufficientPrivilege

from rongtong.config.logs import LogFile
from rongtong.config.problems import problem as describe
from rongtong.config.texts import speak
from rongtong.core.canonical import plain
from rongtong.core.errors import RongtongError
from rongtong.core.progress import stderr

Run = Callable[..., dict[str, Any]]


def with_json(run: Run, shown: Callable[[dict[str, Any]], None] | None = None) -> Callable[..., None]:
    """Give a command `--json`. The command returns its result as a dict; for people it is `shown`, or a line a figure."""

    @click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object on standard output.")
    @functools.wraps(run)
    def command(*arguments: Any, as_json: bool, **options: Any) -> None:
        result = run(*arguments, **options)
        if as_json:
            click.echo(json.dumps(result, ensure_ascii=False, default=plain))
        else:
            (shown or show)(result)
        if result.get("ok") is False:
            sys.exit(1)

    return command


def run_reporting(run: Callable[[], Any], as_json: bool) -> NoReturn:
    """Run the command line and end; whatever goes wrong is one line and, with --json, one object {"error": problem}.

    Status 0 when well, 1 for a refusal or a fault, 2 for a wrong call, 130 when interrupted.
    """
    from django.db import Error as DatabaseError
    from django.db import OperationalError

    try:
        status = run()
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.Abort:
        _end("interrupted", "interrupted; running it again goes on where it stopped", as_json, status=130)
    except click.UsageError as error:
        if not as_json:
            error.show()
            sys.exit(2)
        _end("wrong_call", error.format_message(), as_json, status=2)
    except click.ClickException as error:
        _end("failed", error.format_message(), as_json)
    except RongtongError as error:
        _refuse(error, as_json)
    except OperationalError as error:
        from rongtong.config.database_errors import DatabaseUnavailable

        _refuse(DatabaseUnavailable(why=" ".join(str(error).split())), as_json)
    except BrokenPipeError:
        sys.stdout = None  # the reader went away: nobody is there to be told
        sys.exit(1)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        _end("system_refused", f"the system refused: {error.strerror or error}{place}", as_json)
    except DatabaseError as error:
        if isinstance(error.__cause__, InsufficientPrivilege):
            from rongtong.config.database_errors import DatabaseUnavailable

            _refuse(DatabaseUnavailable(why=" ".join(str(error).split())), as_json)
        _fault(error, as_json)
    except Exception as error:
        _fault(error, as_json)


def _refuse(error: RongtongError, as_json: bool) -> NoReturn:
    with speak():
        problem = describe(error)
    if as_json:
        click.echo(json.dumps({"error": problem}, ensure_ascii=False, default=plain))
    _tell(str(problem["code"]), str(problem["title"]))
    sys.exit(1)


def _end(code: str, title: str, as_json: bool, *, status: int = 1) -> NoReturn:
    """End with something that is no error of a domain."""
    if as_json:
        kind = {"wrong_call": "invalid"}.get(code, "unavailable")
        problem = {"type": f"urn:rongtong:error:{code}", "title": title, "code": code, "kind": kind, "facts": {}}
        click.echo(json.dumps({"error": problem}, ensure_ascii=False))
    _tell(code, title)
    sys.exit(status)


def _fault(error: Exception, as_json: bool) -> NoReturn:
    """A fault of ours: its trace goes to a file, never to the user."""
    from rongtong.config.home import home

    where = "standard error"
    try:
        log = LogFile(home() / "logs" / "faults.log")
        log.write("".join(traceback.format_exception(error)))
        where = str(log.path) if not log.dropped else "nowhere: it could not be written"
    except RongtongError:
        traceback.print_exception(error)
    first = (str(error).strip().splitlines() or [""])[0]
    _end("fault", f"a fault of the platform: {type(error).__name__}: {first} (the trace is in {where})", as_json)


def _tell(code: str, title: str) -> None:
    stderr.print(f"rongtong: {code}: {title}", style="red", markup=False, highlight=False, emoji=False, soft_wrap=True)


def show(result: dict[str, Any]) -> None:
    """A result for people: one line a figure."""
    width = max((len(name) for name in result), default=0)
    for name, value in result.items():
        text = json.dumps(value, ensure_ascii=False, default=plain) if isinstance(value, dict | list) else value
        click.echo(f"{name.replace('_', ' '):<{width}}  {text}")
