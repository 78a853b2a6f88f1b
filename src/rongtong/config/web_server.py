"""How the web server (granian) is started: a process for each core, an event loop in each that waits for bodies."""

from __future__ import annotations

import os
import sys

_MOST_PROCESSES = 16
"""Beyond it the embedded database would run out of connections: 4 threads each, of 100."""
_CONNECTIONS = 8192
"""Connections that each process holds at once; they cost memory, no thread."""


def web_processes() -> int:
    """How many web processes run: RONGTONG_WEB_PROCESSES, else one for each core that we may use."""
    named = os.environ.get("RONGTONG_WEB_PROCESSES", "")
    wanted = int(named) if named.isdecimal() and int(named) else len(os.sched_getaffinity(0))
    return min(wanted, _MOST_PROCESSES)


def web_command(host: str, port: int) -> list[str]:
    """The command line of the web server."""
    options = ["--interface", "asginl", "--host", host, "--port", str(port), "--workers", str(web_processes())]
    options += ["--backlog", "2048", "--backpressure", str(_CONNECTIONS), "--http1-header-read-timeout", "10000"]
    options += ["--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10"]
    options += ["--http", "1", "--no-ws", "--log-level", "warning"]
    return [sys.executable, "-m", "granian", *options, "rongtong.config.edge:application"]
