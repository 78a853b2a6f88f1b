"""Child processes of `rongtong up`: started in groups of their own, written down, ended with certainty."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rongtong.config.home import home, read_json, write_private
from rongtong.config.logs import Listener, LogFile

_PR_SET_PDEATHSIG = 1
_PATIENCE_SECONDS = 10.0
_STANDS_SECONDS = 60.0


@dataclass
class Child:
    """A process of ours that is started again when it ends by itself."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    falls: int = 0
    """How often it fell of late; forgotten once it has stood for a minute."""
    not_before: float = field(default=0.0)
    started: float = field(default=0.0)
    listener: Listener | None = None

    @property
    def log(self) -> Path:
        return home() / "logs" / f"{self.name}.log"

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509  it takes no lock that a thread of ours could hold
        )
        assert self.process.stdout is not None
        self.listener = Listener(self.process.stdout, LogFile(self.log))
        self.started = time.monotonic()

    def last_words(self) -> str:
        """The end of what it said."""
        return self.listener.last_words() if self.listener else ""

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def start_again(self) -> bool:
        """Start it again when it ended by itself, ever more slowly while it keeps falling; say whether it was started."""
        if not self.ended() or time.monotonic() < self.not_before:
            return False
        self.falls = 1 if time.monotonic() - self.started > _STANDS_SECONDS else self.falls + 1
        self.not_before = time.monotonic() + min(60.0, 2.0**self.falls)
        self.stop()  # what it started itself and left behind: it would hold the port, or serve on unseen
        self.start()
        return True

    def stop(self) -> None:
        if self.process is not None:
            end_group(self.process.pid, self.process)


def write_down(children: list[Child], url: str) -> None:
    """Write down what runs, for `down`, `doctor` and the next start."""
    running = [
        {"name": child.name, "pid": child.process.pid, "started": start_ticks(child.process.pid)}
        for child in children
        if child.process is not None and not child.ended()
    ]
    me = {"pid": os.getpid(), "started": start_ticks(os.getpid())}
    write_private(home() / "processes.json", json.dumps({"up": me, "url": url, "children": running}))


def written_down() -> dict[str, Any]:
    """What the last `up` wrote down."""
    return read_json(home() / "processes.json")


def alive(entry: dict[str, Any] | None) -> bool:
    """Whether the process of an entry still runs: the same id and the same start, so never a stranger's."""
    return bool(entry) and start_ticks(int(entry["pid"])) == entry["started"] is not None  # type: ignore[index]


def end_leftovers() -> int:
    """End the children of an `up` that was killed; say how many there were."""
    ended = 0
    for entry in written_down().get("children", []):
        if alive(entry) or _orphans(int(entry["pid"])):
            end_group(int(entry["pid"]))
            ended += 1
    return ended


def _orphans(pgid: int) -> bool:
    """Whether processes of this home are left in a group whose leader is gone."""
    mine = f"RONGTONG_HOME={home()}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _in_group(entry, pgid):
            with contextlib.suppress(OSError):
                if mine in (entry / "environ").read_bytes().split(b"\0"):
                    return start_ticks(pgid) is None
    return False


def end_group(pid: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Ask a process group to end, and insist after ten seconds."""
    for wish in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, wish)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if process is not None:
                process.poll()
            if not _group_alive(pid):
                return
            time.sleep(0.02)


def start_ticks(pid: int) -> str | None:
    """When a process started, in the kernel's own count; None where there is none (or it is a zombie)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def _group_alive(pgid: int) -> bool:
    try:
        os.killpg(pgid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return any(_in_group(entry, pgid) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _in_group(entry: Path, pgid: int) -> bool:
    try:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] != "Z" and int(fields[2]) == pgid


def end_with_parent() -> None:
    """Linux: be told to end when the parent dies, however it dies."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
