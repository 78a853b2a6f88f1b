"""`rongtong up`: everything in one go."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

import click

from rongtong.config import embedded_postgres
from rongtong.config.home import home, secret
from rongtong.config.processes import Child, end_leftovers, write_down, written_down
from rongtong.core.progress import stderr

_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Wish:
    """What the user asked for."""

    host: str
    port: int
    demo: bool
    enterprises: int
    seed: int


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Where to serve; the next free one if taken.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--no-demo", is_flag=True, help="Serve what is there; generate no region and play no loop.")
@click.option(
    "--enterprises",
    type=click.IntRange(5, 5000),
    default=30,
    show_default=True,
    help="Firms of the demonstration region.",
)
@click.option("--seed", type=int, default=20, show_default=True, help="Seed of the demonstration region.")
def command(port: int, host: str, no_demo: bool, enterprises: int, seed: int) -> None:
    """Start the database, the demonstration's data sources, the worker and the web server; serve until Ctrl-C.

    On the first start a small region is generated and the closed loop is played over it. Whatever a crash interrupted
    is taken up again by the next start.
    """
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, _interrupt)
    with _only_one():
        left = end_leftovers()
        if left:
            stderr.print(f"ended {left} processes that the last start left behind")
        started = time.monotonic()
        children: list[Child] = []
        try:
            _serve(Wish(host, port, not no_demo, enterprises, seed), children, started)
        except KeyboardInterrupt:
            stderr.print("\nstopping …")
        finally:
            for child in reversed(children):
                child.stop()
            embedded_postgres.stop()
            with contextlib.suppress(FileNotFoundError):
                (home() / "processes.json").unlink()
            stderr.print("stopped; nothing is left running")


def _serve(wish: Wish, children: list[Child], started: float) -> None:
    from rongtong.config.ready import make_ready

    with stderr.status("starting PostgreSQL and bringing the tables up to date …"):
        make_ready()
    environment = {**os.environ, "RONGTONG_DEMO": str(wish.demo), "RONGTONG_HOME": str(home())}
    if wish.demo:
        environment["RONGTONG_SOURCES_URL"] = _start_sources(children, environment, wish.enterprises, wish.seed)
        _play(environment["RONGTONG_SOURCES_URL"])
    port = _free_port(wish.host, wish.port)
    children += [
        Child("web", _web_command(wish.host, port), environment),
        Child("worker", [sys.executable, "-m", "rongtong.config.worker"], environment),
    ]
    url = f"http://{'localhost' if wish.host == '127.0.0.1' else wish.host}:{port}/"
    for child in children:
        if child.process is None:
            child.start()
    write_down(children, url)
    _await_answer(f"http://{wish.host}:{port}/api/health", children)
    if port != wish.port:
        click.echo(f"Port {wish.port} is taken; serving on {port} instead.")
    if wish.demo:
        _tell_what_is_there()
    click.echo(f"Rongtong is at {url}  (ready after {time.monotonic() - started:.1f} s; Ctrl-C stops it)")
    _watch(children, url)


def _web_command(host: str, port: int) -> list[str]:
    options = ["--interface", "wsgi", "--host", host, "--port", str(port)]
    options += ["--workers", "1", "--blocking-threads", "4", "--backlog", "512", "--no-ws", "--log-level", "warning"]
    return [sys.executable, "-m", "granian", *options, "rongtong.config.wsgi:application"]


def _start_sources(children: list[Child], environment: dict[str, str], enterprises: int, seed: int) -> str:
    from rongtong.workflows.demo import prepare_region

    folder = prepare_region(home() / "region", enterprises=enterprises, seed=seed)
    port = _free_port("127.0.0.1", 8100)
    command = [sys.executable, "-m", "rongtong.simulator.server", "--folder", str(folder), "--port", str(port)]
    token = {"RONGTONG_SIMULATOR_TOKEN": secret("sources")}  # not an argument: those stand in the process list
    child = Child("sources", command, environment | token)
    child.start()
    children.append(child)
    write_down(children, "")
    url = f"http://127.0.0.1:{port}"
    _await_port(port, child)
    return url


def _play(sources_url: str) -> None:
    from django.conf import settings

    from rongtong.core.tenancy import as_platform
    from rongtong.workflows.demo import play

    settings.SOURCES_URL = sources_url
    with as_platform():
        play(home() / "region")


def _tell_what_is_there() -> None:
    from rongtong.core.tenancy import as_platform
    from rongtong.workflows.demo import summary

    with as_platform():
        click.echo(summary())


def _watch(children: list[Child], url: str) -> None:
    """Start a child again when it ended by itself, ever more slowly."""
    while True:
        time.sleep(_POLL_SECONDS)
        for child in children:
            if child.ended() and time.monotonic() >= child.not_before:
                child.restarts += 1
                child.not_before = time.monotonic() + min(60.0, 2.0**child.restarts)
                stderr.print(f"{child.name} ended by itself (see {child.log}); starting it again")
                child.start()
                write_down(children, url)


def _await_answer(address: str, children: list[Child]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(address, timeout=5) as answer,  # noqa: S310  our own address
        ):
            if answer.status == 200:
                return
        for child in children:
            if child.ended():
                tail = child.log.read_text(errors="replace")[-2000:]
                raise click.ClickException(f"{child.name} did not start:\n{tail}")
        time.sleep(_POLL_SECONDS / 4)
    raise click.ClickException("the web server did not answer within a minute")


def _await_port(port: int, child: Child) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if child.ended():
            raise click.ClickException(f"{child.name} did not start:\n{child.log.read_text(errors='replace')[-2000:]}")
        time.sleep(_POLL_SECONDS / 4)
    raise click.ClickException(f"{child.name} did not answer within half a minute")


def _free_port(host: str, wanted: int) -> int:
    for port in [wanted, *range(wanted + 1, wanted + 100), 0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise click.ClickException("no free port")


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    with open(home() / "up.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = written_down().get("url") or "starting"
            raise click.ClickException(f"it runs already for this home: {where}") from None
        yield


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
