"""`python -m rongtong.simulator.server --folder F --port P --token T`: serve a region until told to stop."""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import secrets
import signal
import sys
from pathlib import Path

TOKEN_VARIABLE = "RONGTONG_SIMULATOR_TOKEN"  # noqa: S105  the name of a variable, no secret
_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Parse, serve, return the exit code: 2 where there is no region."""
    parser = argparse.ArgumentParser(prog="python -m rongtong.simulator.server", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the region was generated")
    parser.add_argument("--books", type=Path, help="where the lender banks keep their books; else with the region")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument(
        "--token", default=os.environ.get(TOKEN_VARIABLE), help=f"bearer token; else {TOKEN_VARIABLE}, else a new one"
    )
    parser.add_argument("--die-with", type=int, metavar="PID", help="stop when this parent process ends (Linux)")
    options = parser.parse_args()
    if options.die_with:
        _die_with(options.die_with)
    from rongtong.simulator.server.app import Application
    from rongtong.simulator.server.http import SimulatorServer
    from rongtong.simulator.server.store import NoRegion, Region

    token = options.token or secrets.token_urlsafe(24)
    try:
        server = SimulatorServer(Application(Region(options.folder), token, books=options.books), options.port)
    except NoRegion:
        _say({"error": "no_region", "folder": str(options.folder)})
        return 2
    except OSError as problem:
        _say({"error": "cannot_listen", "detail": str(problem)})
        return 3
    ready = {"url": f"http://127.0.0.1:{server.server_port}", "port": server.server_port, "pid": os.getpid()}
    _say(ready if options.token else {**ready, "token": token})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0


def _say(content: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _die_with(parent: int) -> None:
    """Ask the kernel for SIGTERM when the parent goes, and go at once if it went already."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
