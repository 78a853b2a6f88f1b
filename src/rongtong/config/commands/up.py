"""`rongtong up`: everything in one go."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from types import FrameType
from typing import Any

import click
from django.utils.translation import gettext_lazy as _

from rongtong.config import embedded_postgres
from rongtong.config.home import HomeUnusable, home, secret
from rongtong.config.logs import rotate
from rongtong.config.ports import claim
from rongtong.config.preparing import Preparation
from rongtong.config.processes import Child, end_leftovers, end_with_parent, write_down, written_down
from rongtong.config.web_server import web_command
from rongtong.core.errors import Conflict, Forbidden, Unavailable
from rongtong.core.progress import stderr

_POLL_SECONDS = 0.2
_ANSWER_SECONDS = 180
_CANNOT_LISTEN = 3
"""What the simulated sources end with when their port is taken."""
_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""What ends it in good order: a supervisor, Ctrl-C, a terminal that is closed."""


class RunsAlready(Conflict):
    """`rongtong up` was started for a home that another one serves."""

    code = "runs_already"
    message = _("It runs already for this home: %(where)s")


class DemonstrationExposed(Forbidden):
    """A demonstration, whose logins anybody may know, was to be served to other machines without `--demo-for-others`."""

    code = "demonstration_exposed"
    message = _(
        "A demonstration is served to this machine only: serve at 127.0.0.1, or without it (--no-demo), "
        "or say --demo-for-others; %(host)s can be reached from elsewhere."
    )


class ProcessNotStarted(Unavailable):
    """A process of `rongtong up` ended or did not answer while it started; the fact `log` holds the end of its log."""

    code = "process_not_started"
    message = _("The process %(name)s did not start: %(log)s")


@dataclass(frozen=True)
class Wish:
    """What the user asked for."""

    host: str
    port: int
    demo: bool
    enterprises: int
    seed: int
    as_json: bool


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Where to serve; the next free one if taken.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option(
    "--demo-for-others",
    is_flag=True,
    help="Serve the demonstration to other machines, too; its passwords are then shown nowhere.",
)
@click.option("--no-demo", is_flag=True, help="Serve what is there; generate no region and play no loop.")
@click.option(
    "--enterprises",
    type=click.IntRange(5, 5000),
    default=30,
    show_default=True,
    help="Firms of the demonstration region.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=20, show_default=True, help="Seed of the demonstration region."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output once it serves.")
def command(
    *, port: int, host: str, demo_for_others: bool, no_demo: bool, enterprises: int, seed: int, as_json: bool
) -> None:
    """Start the database, the demonstration's data sources, the worker and the web server; serve until Ctrl-C.

    On the first start a small region is generated and the closed loop is played over it. Whatever a crash interrupted
    is taken up again by the next start.
    """
    if os.environ.get("RONGTONG_ENDS_WITH_PARENT"):  # `make run`: without make nobody could press Ctrl-C
        end_with_parent()
    for wish in _ENDS:
        signal.signal(wish, _interrupt)
    if not no_demo and not demo_for_others and not _loopback(host):
        raise DemonstrationExposed(host=host)
    folder = home()
    with _only_one():
        left = end_leftovers()
        if left:
            stderr.print(f"ended {left} processes that the last start left behind")
        started = time.monotonic()
        children: list[Child] = []
        try:
            _serve(Wish(host, port, not no_demo, enterprises, seed, as_json), children, started)
        except KeyboardInterrupt:
            stderr.print("\nstopping …")
        finally:
            for wish in _ENDS:  # impatience must not leave a half of it running
                signal.signal(wish, signal.SIG_IGN)
            for child in reversed(children):
                child.stop()
            if (folder / "secrets").exists():  # else the home was removed, and its database with it
                embedded_postgres.stop()
            (folder / "processes.json").unlink(missing_ok=True)
            stderr.print("stopped; nothing is left running")


def _serve(wish: Wish, children: list[Child], started: float) -> None:
    os.environ["RONGTONG_DEMO"] = str(wish.demo)
    os.environ["RONGTONG_SHOW_LOGINS"] = str(wish.demo and _loopback(wish.host))
    with stderr.status("starting PostgreSQL …"):
        embedded_postgres.ensure_running()
    environment = {**os.environ, "RONGTONG_HOME": str(home())}
    region = (wish.enterprises, wish.seed) if wish.demo else None
    played: dict[str, Any] = {}
    with Preparation(region=region, as_json=wish.as_json) as preparation:
        prepared = preparation.next()
        if wish.demo:
            environment["RONGTONG_SOURCES_URL"] = _start_sources(children, environment, prepared["region"])
            played = preparation.next(environment["RONGTONG_SOURCES_URL"])
    port = claim(wish.host, wish.port)
    _admit_host(environment, wish.host)
    web = Child("web", web_command(wish.host, port.number), environment)
    children += [web, Child("worker", [sys.executable, "-m", "rongtong.config.worker"], environment)]
    local = _reachable_at(wish.host)
    url = f"http://{'localhost' if local == '127.0.0.1' else local}:{port.number}/"
    for child in children:
        if child.process is None:
            child.start()
    write_down(children, url)
    _await_answer(f"http://{local}:{port.number}/api/health", children)
    try:
        _say(wish, played, url, port.number, time.monotonic() - started)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        said = f"standard output cannot be written ({error.strerror}); it serves all the same at {url}"
        stderr.print(said, soft_wrap=True)
    _watch(children, url)


def _say(wish: Wish, played: dict[str, Any], url: str, port: int, seconds: float) -> None:
    """What the user reads once it serves; logins only where no other machine is served."""
    shown = _loopback(wish.host)
    if wish.as_json:
        answer = {"url": url, "port": port, "home": str(home()), "ready_seconds": round(seconds, 1)}
        click.echo(json.dumps(answer | {"logins": played.get("logins", []) if shown else []}, ensure_ascii=False))
        return
    if port != wish.port:
        click.echo(f"Port {wish.port} is taken; serving on {port} instead.")
    if wish.demo:
        summary = played["summary"]
        click.echo(summary if shown else summary.partition("Log in as:")[0].rstrip())
    click.echo(f"Rongtong is at {url}  (ready after {seconds:.1f} s; Ctrl-C stops it)")


def _loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens at `host`."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _reachable_at(host: str) -> str:
    """The address under which this machine itself reaches a server that listens at `host`, as it stands in a URL."""
    known = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "localhost": "127.0.0.1"}  # noqa: S104  named, not listened on
    return known.get(host) or (f"[{host}]" if ":" in host else host)


def _admit_host(environment: dict[str, str], host: str) -> None:
    """Who asks to be served at an address may be asked for by that address; names come by RONGTONG_HOSTS."""
    names = {"localhost", "127.0.0.1", "[::1]", _reachable_at(host)}
    if host in {"0.0.0.0", "::"}:  # noqa: S104  the user's own wish
        names |= {socket.gethostname(), *_own_addresses()}
    environment.setdefault("RONGTONG_HOSTS", ",".join(sorted(names)))


def _own_addresses() -> set[str]:
    with contextlib.suppress(OSError):
        found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        return {str(one[4][0]) for one in found}
    return set()


def _start_sources(children: list[Child], environment: dict[str, str], folder: str) -> str:
    token = {"RONGTONG_SIMULATOR_TOKEN": secret("sources")}  # not an argument: those stand in the process list
    wanted = 8100
    while True:
        port = claim("127.0.0.1", wanted)
        port.release()
        command = [sys.executable, "-m", "rongtong.simulator.server", "--folder", folder]
        child = Child("sources", [*command, "--port", str(port.number)], environment | token)
        child.start()
        write_down([*children, child], "")
        if _listens(port.number, child):
            children.append(child)
            return f"http://127.0.0.1:{port.number}"
        wanted = port.number + 1


def _watch(children: list[Child], url: str) -> None:
    """Start again what ended by itself, the database first."""
    folder, database = home(), embedded_postgres.current()
    while True:
        time.sleep(_POLL_SECONDS)
        if not (folder / "processes.json").exists():
            if database is not None:
                os.kill(database.pid, signal.SIGQUIT)
            raise HomeUnusable(home=str(folder), why="it was removed while it was served")
        if database is not None:
            with contextlib.suppress(OSError):
                rotate(embedded_postgres.locate().log, in_place=True)
        if not embedded_postgres.still_runs():
            _raise_database(children)
            database = embedded_postgres.current()
        for child in children:
            if child.start_again():
                stderr.print(f"{child.name} ended by itself (see {child.log}); starting it again", soft_wrap=True)
                with contextlib.suppress(OSError):  # no room: it is written down with the next one
                    write_down(children, url)


def _raise_database(children: list[Child]) -> None:
    stderr.print("PostgreSQL ended by itself; starting it again")
    before = embedded_postgres.database_url()
    embedded_postgres.ensure_running()
    stderr.print("PostgreSQL runs again")
    if embedded_postgres.database_url() != before:  # another program took its port: all must be told of the new one
        for child in children:
            child.stop()


def _await_answer(address: str, children: list[Child]) -> None:
    deadline = time.monotonic() + _ANSWER_SECONDS
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(address, timeout=5) as answer,  # noqa: S310  our own address
        ):
            if answer.status == 200:
                return
        for child in children:
            if child.ended():
                raise ProcessNotStarted(name=child.name, log=child.last_words())
        time.sleep(_POLL_SECONDS / 4)
    raise ProcessNotStarted(name="web", log=children[-2].last_words() or f"no answer at {address}")


def _listens(port: int, child: Child) -> bool:
    """Wait until the child listens; False where another program had the port by then."""
    while True:
        if child.ended() and child.process is not None:
            if child.process.returncode == _CANNOT_LISTEN:
                return False
            raise ProcessNotStarted(name=child.name, log=child.last_words())
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0 and not child.ended():
                return True
        time.sleep(_POLL_SECONDS / 4)


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    with open(home() / "up.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = written_down().get("url") or "starting"
            raise RunsAlready(where=where) from None
        yield


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
