"""Documents of strangers are read in a child process that has little time, memory and room, and no secrets around it.

A document can be built so that reading it takes for ever or all memory there is. `read_confined` hands it to a child
that the kernel ends at its limits; the process that asked goes on. A nursery (`core/confined_child.py`, one for each
process that asks) has the readers loaded and forks a child for each document, which takes milliseconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Invalid, Unavailable

Task = Callable[[bytes, dict[str, Any]], bytes]
"""A reader: the document and what else it needs to know, as JSON knows it; the answer is bytes of its own making."""
MIB = 1024 * 1024
_AT_ONCE = 2
"""Children of one process at a time: hostile documents never take all of its threads, nor all cores for long."""
_PATH = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "VIRTUAL_ENV")


class DocumentTooCostly(Invalid):
    """Reading a document took more time, memory or room than any honest one needs; its reader was ended."""

    code = "document_too_costly"
    message = _("This document cannot be read: it takes more time or memory than any proper one.")


class ReadersBusy(Unavailable):
    """Too many documents are being read at once."""

    code = "readers_busy"
    message = _("Many documents are being read right now. Please try again in a moment.")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use; beyond it the kernel ends it."""

    cpu_seconds: int = 5
    wall_seconds: float = 15.0
    memory: int = 512 * MIB
    """On top of what the loaded readers take."""
    file_size: int = 0
    """The largest file that it may write."""
    answer: int = 64 * MIB
    patience: float = 30.0
    """How long to wait, in seconds, while too many others are read."""


def read_confined(task: Task, document: bytes, *, limits: Limits, **arguments: Any) -> bytes:
    """What `task` (a function of a module of ours, by its name) makes of a document. What it raises is a fault of ours.

    Raises DocumentTooCostly, ReadersBusy.
    """
    named = f"{task.__module__}:{task.__qualname__}"
    with _place(limits.patience):
        for last in (False, True):  # a nursery that was ended is started anew, once
            with contextlib.suppress(*(() if last else (ConnectionError,))):
                return _read(named, document, limits, arguments)
    raise AssertionError("unreachable")


def _read(named: str, document: bytes, limits: Limits, arguments: dict[str, Any]) -> bytes:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        order = json.dumps({"task": named, "limits": asdict(limits), "arguments": arguments}).encode()
        _nursery.send(b"%d" % len(order), theirs.fileno())
        theirs.close()
        ours.settimeout(limits.wall_seconds + 60.0)  # the child's own clock is faster; a nursery that starts is slower
        answer = _exchange(ours, order + document, limits)
    if not answer:
        raise ConnectionResetError(named)  # no child was forked: the nursery is gone
    if answer[:1] != b"!" or not answer.endswith(b"."):
        raise DocumentTooCostly()  # the kernel ended the child before it was done
    if answer[1:2] == b"-":
        raise RuntimeError(f"{named}: {answer[2:-1].decode(errors='replace')}")
    return answer[2:-1]


def _exchange(line: socket.socket, given: bytes, limits: Limits) -> bytes:
    """Send all, then read all there is."""
    with contextlib.suppress(ConnectionError, TimeoutError):  # a child that was ended takes no more
        line.sendall(given)
        line.shutdown(socket.SHUT_WR)
    pieces: list[bytes] = []
    size = 0
    with contextlib.suppress(ConnectionError, TimeoutError):
        while size <= limits.answer and (piece := line.recv(MIB)):
            pieces.append(piece)
            size += len(piece)
    return b"".join(pieces) if size <= limits.answer else b"!"


@contextlib.contextmanager
def _place(patience: float) -> Iterator[None]:
    if not _places.acquire(timeout=patience):
        raise ReadersBusy()
    try:
        yield
    finally:
        _places.release()


class _Nursery:
    """The process that forks the children; started at the first document, gone when this process is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def send(self, order: bytes, descriptor: int) -> None:
        with self._lock:
            if self._control is None or not self.alive() or self._owner != os.getpid():
                self._start()
            assert self._control is not None
            socket.send_fds(self._control, [order], [descriptor])

    def alive(self) -> bool:
        return self._process is not None and self._owner == os.getpid() and self._process.poll() is None

    def _start(self) -> None:
        if self._control is not None:
            self._control.close()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rongtong.core.confined_child", str(theirs.fileno())],
                env={name: os.environ[name] for name in _PATH if name in os.environ},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._owner = os.getpid()


_nursery = _Nursery()
_places = threading.BoundedSemaphore(_AT_ONCE)
