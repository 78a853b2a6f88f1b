"""The web server as it runs in earnest, in processes of its own, over the tests' database."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[int]:
    """The port at which the application is served while the block runs."""
    from rongtong.config.embedded_postgres import database_url
    from rongtong.config.web_server import web_command

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url = database_url().rpartition("/")[0] + "/" + str(connection.settings_dict["NAME"])
    log = folder / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            web_command("127.0.0.1", port),
            env={**os.environ, "DATABASE_URL": url, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _await(port, process, log)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Poll until it answers; the deadline is only there so that a failure ends."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=60):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))


def exchange(port: int, request: bytes, *, seconds: float = 60.0) -> tuple[int, str, bytes]:
    """Status, headers and body of the answer to a request as it stands, on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as line:
        line.sendall(request)
        return read_answer(line)


def read_answer(line: socket.socket) -> tuple[int, str, bytes]:
    """Read one answer with a Content-Length (or until the end)."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        piece = line.recv(65_536)
        if not piece:
            raise AssertionError(f"the connection ended within the headers: {seen!r}")
        seen += piece
    head, _, body = seen.partition(b"\r\n\r\n")
    headers = head.decode().lower()
    length = next((int(one.split(":")[1]) for one in headers.split("\r\n") if one.startswith("content-length:")), None)
    while length is None or len(body) < length:
        piece = line.recv(65_536)
        if not piece:
            break
        body += piece
    return int(head.split()[1]), headers, body
