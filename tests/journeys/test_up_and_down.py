"""`rongtong up` as a newcomer meets it: other ports when they are taken, nothing left behind, recovery after a kill."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

RONGTONG = [sys.executable, "-c", "from rongtong.config.cli import main; main()"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a fresh home in a path with a space."""
    environment = {**os.environ, "RONGTONG_HOME": str(tmp_path / "a home")}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "RONGTONG_TEST_HOME"):
        environment.pop(name, None)
    yield environment
    subprocess.run([*RONGTONG, "down"], env=environment, capture_output=True, check=False, timeout=120)


def start(environment: dict[str, str], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*RONGTONG, "up", "--no-demo", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def url_of(process: subprocess.Popen[str]) -> str:
    """Read what it prints until it says where it is."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        found = re.search(r"Rongtong is at (\S+)", line)
        if found:
            return found[1]
    raise AssertionError(f"it ended before it served: {seen} {process.stderr.read() if process.stderr else ''}")


def processes_naming(text: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environment = (entry / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if (text in command or f"RONGTONG_HOME={text}" in environment) and int(entry.name) != os.getpid():
                found.append(command)
    return found


def health(url: str) -> dict[str, str]:
    with urllib.request.urlopen(f"{url}api/health", timeout=10) as answer:
        result: dict[str, str] = json.load(answer)
        return result


class TestUp:
    def test_takes_another_port_says_so_and_leaves_nothing_behind(self, home: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            process = start(home, "--port", str(port))
            url = url_of(process)
            assert f":{port}/" not in url
            assert health(url)["status"] == "ok"
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        assert "nothing is left running" in errors
        assert processes_naming(home["RONGTONG_HOME"]) == []

    def test_recovers_by_itself_after_it_was_killed(self, home: dict[str, str]) -> None:
        first = start(home, "--port", "8480")
        url_of(first)
        first.kill()
        first.wait(timeout=30)
        second = start(home, "--port", "8480")
        assert health(url_of(second))["status"] == "ok"
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=60)
        deadline = time.monotonic() + 30
        while processes_naming(home["RONGTONG_HOME"]) and time.monotonic() < deadline:
            time.sleep(0.1)  # the poll of a condition with a deadline
        assert processes_naming(home["RONGTONG_HOME"]) == []

    def test_is_stopped_by_down(self, home: dict[str, str]) -> None:
        process = start(home, "--port", "8490")
        url_of(process)
        done = subprocess.run([*RONGTONG, "down", "--json"], env=home, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)["up_stopped"] is True
        process.communicate(timeout=60)
        assert processes_naming(home["RONGTONG_HOME"]) == []

    def test_runs_once_per_home(self, home: dict[str, str]) -> None:
        first = start(home, "--port", "8500")
        url_of(first)
        second = start(home, "--port", "8510")
        _, errors = second.communicate(timeout=60)
        assert second.returncode != 0
        assert "runs already" in errors
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60)
