"""What `rongtong up` does before it serves, in a process that ends with it: the supervisor, which stays, stays small.

`python -m rongtong.config.preparing [--json] [ENTERPRISES SEED]` makes the tables ready. With the size and seed of a
demonstration region it then generates the region, says `{"region": …}` in a line, waits for a line with the address of
the sources, plays what is not played yet, and says `{"summary": …, "logins": …}`. Errors are told as by any command.
"""

from __future__ import annotations

import json
import subprocess
import sys
from types import TracebackType
from typing import Any

import click

from rongtong.config.home import home, secret
from rongtong.config.processes import end_group, end_with_parent


class Preparation:
    """The process, seen by the supervisor: a `with` block that ends it, however the block ends."""

    def __init__(self, *, region: tuple[int, int] | None, as_json: bool) -> None:
        arguments = ["--json"] if as_json else []
        arguments += [str(number) for number in region or ()]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rongtong.config.preparing", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509  it takes no lock that a thread of ours could hold
        )

    def __enter__(self) -> Preparation:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _t: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            end_group(self._process.pid, self._process)

    def next(self, say: str = "") -> dict[str, Any]:
        """Say a line to it, and the next line that it says; ends as it does where it fails (it has told why)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if say:
            self._process.stdin.write(f"{say}\n".encode())
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if line and "error" not in (told := json.loads(line)):
            return dict(told)
        click.echo(line.decode(), nl=False)
        sys.exit(self._process.wait() or 1)


def main(arguments: list[str]) -> None:
    """Make ready; with two numbers, prepare a region and play it."""
    from rongtong.config.ready import make_ready
    from rongtong.core.progress import stderr

    with stderr.status("bringing the tables up to date …"):
        make_ready()
    if not arguments:
        _say({"ready": True})
        return
    from rongtong.core.tenancy import as_platform
    from rongtong.workflows import demo
    from rongtong.workflows.connections import Connection

    enterprises, seed = map(int, arguments)
    _say({"region": str(demo.prepare_region(home() / "region", enterprises=enterprises, seed=seed))})
    sources = sys.stdin.readline().strip()
    if not sources:  # the supervisor is gone
        return
    with as_platform():
        demo.play(home() / "region", Connection(sources, secret("sources"), simulated=True))
        logins = [{"role": str(one.role), "username": one.username, "password": one.password} for one in demo.logins()]
        _say({"summary": demo.summary(), "logins": logins})


def _say(what: dict[str, Any]) -> None:
    click.echo(json.dumps(what, ensure_ascii=False))


if __name__ == "__main__":
    from rongtong.config.output import run_reporting

    given = [one for one in sys.argv[1:] if one != "--json"]
    run_reporting(lambda: main(given), "--json" in sys.argv)
