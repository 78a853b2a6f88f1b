"""The nursery of `core/confined.py`: loads the readers, forks a child for each document, ends when its parent is gone."""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings


def main(control_descriptor: str) -> int:
    settings.configure(USE_I18N=False)  # the parent words what is refused
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel clears ended children away
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    control = socket.socket(fileno=int(control_descriptor))
    while True:
        try:
            size, descriptors, _flags, _address = socket.recv_fds(control, 64, 1)
        except OSError:
            return 0
        if not size or not descriptors:
            return 0
        with socket.socket(fileno=descriptors[0]) as line:
            _serve(control, line, int(size))


def _serve(control: socket.socket, line: socket.socket, size: int) -> None:
    """Read the order (ours), load what it names once and for all, and leave the document to a child."""
    order = b""
    while len(order) < size:
        piece = line.recv(size - len(order))
        if not piece:
            return
        order += piece
    wish = json.loads(order)
    module, _, function = wish["task"].partition(":")
    try:
        task = getattr(import_module(module), function)
    except Exception as error:
        line.sendall(f"!-{type(error).__name__}: {error}.".encode())
        return
    gc.freeze()
    if os.fork() == 0:
        control.close()
        _read(task, line, wish)


def _read(task: Any, line: socket.socket, wish: dict[str, Any]) -> None:
    try:
        line.sendall(b"!")
        _confine(**wish["limits"])
        document = bytearray()
        while piece := line.recv(1024 * 1024):
            document += piece
        try:
            answer = b"+" + task(bytes(document), wish["arguments"])
        except MemoryError:
            os._exit(1)
        except Exception as error:
            answer = f"-{type(error).__name__}: {error}".encode(errors="replace")[:2000]
        line.sendall(answer + b".")
    finally:
        os._exit(0)


def _confine(*, cpu_seconds: int, wall_seconds: float, memory: int, file_size: int, **_others: Any) -> None:
    os.nice(10)  # whoever waits for a page comes first
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for kind, limit in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, taken + memory),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
