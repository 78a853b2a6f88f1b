"""Starting the server as a child process that never outlives us, and waiting until it answers."""

from __future__ import annotations

import json
import os
import secrets
import selectors
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Unavailable

START_SECONDS = 20.0


class SimulatorUnavailable(Unavailable):
    """The simulator did not start: no region in the folder, the port is taken, or it took too long."""

    code = "simulator_unavailable"
    message = _("The simulated sources did not start: %(detail)s")


class ServedUrl(str):
    """The base URL of a running simulator, with the token its requests need and the process that answers."""

    token: str
    pid: int

    def __new__(cls, url: str, *, token: str, pid: int) -> ServedUrl:
        made = super().__new__(cls, url)
        made.token, made.pid = token, pid
        return made


@contextmanager
def launch(folder: Path, *, port: int, token: str | None, books: Path) -> Iterator[ServedUrl]:
    """Run the server; the token travels in the environment, so that it stands in no process list."""
    token = token or secrets.token_urlsafe(24)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "rongtong.simulator.server", "--folder", str(folder), "--port", str(port)),
            *("--books", str(books), "--die-with", str(os.getpid())),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, "RONGTONG_SIMULATOR_TOKEN": token, "OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"},
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        ready = _first_line(process, deadline)
        if "url" not in ready:
            raise SimulatorUnavailable(detail=str(ready.get("error", "no answer")), folder=str(folder))
        _wait_for(ready["url"], deadline)
        yield ServedUrl(ready["url"], token=token, pid=process.pid)
    finally:
        _end(process)


def _first_line(process: subprocess.Popen[bytes], deadline: float) -> dict[str, str]:
    """The child's JSON line, or what is known where none comes."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(timeout=max(0.0, deadline - time.monotonic())):
            return {"error": "it took too long"}
    line = process.stdout.readline()
    try:
        answer: dict[str, str] = json.loads(line)
    except ValueError:
        return {"error": f"it ended with code {process.wait(timeout=5)}" if not line else "its answer cannot be read"}
    return answer


def _wait_for(url: str, deadline: float) -> None:
    while True:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:  # noqa: S310  our own loopback address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise SimulatorUnavailable(detail="it does not answer", url=url) from None
            time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
