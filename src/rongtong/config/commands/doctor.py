"""`rongtong doctor`: what is installed, running or wrong, and the mend."""

from __future__ import annotations

import contextlib
import os
import platform as machine
import shutil
import sys
import urllib.request
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import click

from rongtong import __version__
from rongtong.config import embedded_postgres, leavings
from rongtong.config.browser import find
from rongtong.config.home import home
from rongtong.config.output import with_json
from rongtong.config.processes import alive, written_down

Finding = tuple[str, bool, str, str]
"""What was looked at, whether it is well, what was seen, the mend."""


def examine() -> dict[str, Any]:
    """Say what is installed, what runs and what is wrong, each with its mend. It starts the database, nothing else."""
    findings: list[Finding] = []
    for look in (_python, _home, _database, _evidence, _folders, _processes, _leftovers, _fonts, _browser):
        try:
            findings += list(look())
        except Exception as error:  # a doctor must survive what it finds
            seen = " ".join(str(error).split()) or type(error).__name__
            findings.append((look.__name__.strip("_"), False, seen, _MENDS.get(look, "see the logs in the home")))
    return {
        "version": __version__,
        "home": str(home()),
        "checks": [
            {"what": what, "ok": ok, "seen": seen, **({} if ok else {"mend": mend})}
            for what, ok, seen, mend in findings
        ],
        "ok": all(ok for _, ok, _, _ in findings),
    }


def _show(result: dict[str, Any]) -> None:
    click.echo(f"Rongtong {result['version']}, home {result['home']}")
    for check in result["checks"]:
        mark = click.style("ok  ", fg="green") if check["ok"] else click.style("MEND", fg="red")
        click.echo(f"  {mark}  {check['what']:<26} {check['seen']}")
        if not check["ok"]:
            click.echo(f"        {check['mend']}")


command = click.command(name="doctor", help=examine.__doc__)(with_json(examine, _show))


def _python() -> Iterator[Finding]:
    yield "python", sys.version_info >= (3, 11), machine.python_version(), "install Python 3.11 or newer"
    for package in ("django", "psycopg", "pyiceberg", "duckdb", "typst", "pyhanko"):
        try:
            yield package, True, version(package), ""
        except PackageNotFoundError:
            yield package, False, "not installed", "make setup"


def _home() -> Iterator[Finding]:
    free = shutil.disk_usage(home()).free // 2**20
    yield "disk", free > 500, f"{free} MiB free", "free some disk space or move RONGTONG_HOME"
    private = home().stat().st_mode & 0o077 == 0
    yield "home is private", private, oct(home().stat().st_mode & 0o777), f"chmod 700 '{home()}'"


def _database() -> Iterator[Finding]:
    embedded_postgres.ensure_running()
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongtong.config.settings")
    django.setup()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_user")
        number, user = cursor.fetchone()
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        (unbound,) = cursor.fetchone()
    kind = "DATABASE_URL" if os.environ.get("DATABASE_URL") else "embedded"
    yield (
        "postgresql",
        number >= 150000,
        f"{number // 10000}.{number % 10000}, {kind}, as {user}",
        "use PostgreSQL 15 or newer",
    )
    yield "row-level security binds", not unbound, user, "connect as a role that is not a superuser"
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    yield "migrations", True, f"{pending} to do at the next start" if pending else "up to date", ""


def _evidence() -> Iterator[Finding]:
    from django.db import connection

    if "attest_unsealed" not in connection.introspection.table_names():
        return
    from rongtong.attest import facade as attest
    from rongtong.core.clock import now

    state = attest.log_state(at=now())
    mend = "see that the worker runs (rongtong up), its log, and who holds its locks: SELECT * FROM pg_locks"
    for what, since, late, last in (
        ("rows wait for a seal", state.rows_wait_since, state.rows_late, state.last_seal_at),
        ("steps wait for the log", state.steps_wait_since, state.steps_late, state.last_checkpoint_at),
    ):
        seen = f"since {since:%Y-%m-%d %H:%M}" if since else "none"
        yield what, not late, f"{seen}; last written {last:%Y-%m-%d %H:%M}" if last else seen, mend


def _folders() -> Iterator[Finding]:
    own = leavings.own_database()
    if own is not None:
        yield "database stands in", True, f"{own} ({leavings.size_of(own) // 2**20} MiB)", ""
    for one in leavings.database_folders():
        state = "its home is gone" if one.orphaned else "its home exists"
        seen = f"{one.path} ({one.size // 2**20} MiB) of {one.home}: {state}"
        yield "database folder", True, seen + (f"; rm -r '{one.path}' frees it" if one.orphaned else ""), ""


def _processes() -> Iterator[Finding]:
    noted = written_down()
    if alive(noted.get("up")):
        yield "up", True, f"serving at {noted.get('url') or '(starting)'}", ""
        if noted.get("url"):
            answers = _answers(noted["url"])
            yield (
                "answers",
                answers,
                "yes" if answers else "no",
                f"see {home() / 'logs' / 'web.log'}; rongtong down, up",
            )
        for child in noted.get("children", []):
            yield child["name"], alive(child), f"process {child['pid']}", "it is started again by itself; see the logs"
    else:
        yield "up", True, "not running (rongtong up starts it)", ""


def _leftovers() -> Iterator[Finding]:
    noted = written_down()
    if not alive(noted.get("up")):
        left = [child["name"] for child in noted.get("children", []) if alive(child)]
        yield "nothing left behind", not left, ", ".join(left) or "nothing", "rongtong down"


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}api/health", timeout=10) as answer:  # noqa: S310
        return bool(answer.status == 200)
    return False


def _fonts() -> Iterator[Finding]:
    try:
        yield "fonts for documents", True, version("manimgx-fonts-cjk"), ""
    except PackageNotFoundError:
        yield "fonts for documents", False, "missing", "make setup"


def _browser() -> Iterator[Finding]:
    yield "browser for the tests", True, find() or "none (make test brings one)", ""


_MENDS = {
    _database: "check DATABASE_URL (user, password, host, port, name) and that the server runs; "
    "without it see postgres.log beside the data that postgres.json in the home names",
    _home: "free some disk space or move RONGTONG_HOME",
    _browser: "make setup-dev",
}
"""What mends it when the look itself failed."""
