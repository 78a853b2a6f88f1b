"""`rongtong up` as a newcomer meets it: other ports when they are taken, nothing left behind, recovery after a kill."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from rongtong.config.web_server import web_processes

RONGTONG = [sys.executable, "-c", "from rongtong.config.cli import main; main()"]


def environment_of(folder: Path) -> dict[str, str]:
    environment = {**os.environ, "RONGTONG_HOME": str(folder)}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "RONGTONG_TEST_HOME"):
        environment.pop(name, None)
    return environment


def stop(environment: dict[str, str]) -> None:
    subprocess.run([*RONGTONG, "down"], env=environment, capture_output=True, check=False)


@pytest.fixture(scope="module")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of one home in a path with a space: making its database costs more than what is tested."""
    return environment_of(tmp_path_factory.mktemp("up and down") / "a home")


@pytest.fixture
def home(made_home: dict[str, str]) -> Iterator[dict[str, str]]:
    yield made_home
    stop(made_home)


@pytest.fixture
def other_home(tmp_path: Path) -> Iterator[dict[str, str]]:
    environment = environment_of(tmp_path / "another home")
    yield environment
    stop(environment)


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


def children(home: dict[str, str]) -> dict[str, int]:
    noted = json.loads((Path(home["RONGTONG_HOME"]) / "processes.json").read_text())
    return {child["name"]: child["pid"] for child in noted["children"]}


def postmaster(home: dict[str, str]) -> int:
    data = json.loads((Path(home["RONGTONG_HOME"]) / "postgres.json").read_text())["data"]
    return int((Path(data) / "postmaster.pid").read_text().splitlines()[0])


def await_health(url: str) -> None:
    """Poll until it answers; the deadline is only there so that a failure ends."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            assert health(url)["status"] == "ok"
            return
        except OSError:  # urllib's errors are among these
            time.sleep(0.1)
    raise AssertionError("it did not get up again")


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
            _, errors = process.communicate(timeout=300)
        assert "nothing is left running" in errors
        assert processes_naming(home["RONGTONG_HOME"]) == []

    def test_recovers_by_itself_after_it_was_killed_with_its_web_server(self, home: dict[str, str]) -> None:
        first = start(home, "--port", "8480")
        url_of(first)
        web = children(home)["web"]
        first.kill()
        os.kill(web, signal.SIGKILL)  # its own child would serve on, out of everybody's sight
        first.wait(timeout=30)
        second = start(home, "--port", "8480")
        assert health(url_of(second))["status"] == "ok"
        assert len([one for one in processes_naming(home["RONGTONG_HOME"]) if "granian" in one]) == 1 + web_processes()
        second.send_signal(signal.SIGHUP)  # a terminal that is closed
        second.communicate(timeout=300)
        assert processes_naming(home["RONGTONG_HOME"]) == []

    def test_is_stopped_by_down(self, home: dict[str, str]) -> None:
        process = start(home, "--port", "8490")
        url_of(process)
        done = subprocess.run([*RONGTONG, "down", "--json"], env=home, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)["up_stopped"] is True
        process.communicate(timeout=300)
        assert processes_naming(home["RONGTONG_HOME"]) == []

    def test_raises_what_falls_and_leaves_no_orphan(self, home: dict[str, str]) -> None:
        process = start(home, "--port", "8520")
        url = url_of(process)
        web = children(home)["web"]
        os.kill(web, signal.SIGKILL)  # its own child would serve on, out of everybody's sight
        while children(home)["web"] == web:
            time.sleep(0.1)
        await_health(url)
        assert len([one for one in processes_naming(home["RONGTONG_HOME"]) if "granian" in one]) == 1 + web_processes()
        server = postmaster(home)
        os.kill(server, signal.SIGKILL)
        while not self._another_server(home, server):
            time.sleep(0.1)
        await_health(url)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=300)
        assert "PostgreSQL ended by itself" in errors
        assert "nothing is left running" in errors
        assert processes_naming(home["RONGTONG_HOME"]) == []

    def _another_server(self, home: dict[str, str], than: int) -> bool:
        try:
            return postmaster(home) != than
        except (OSError, IndexError):
            return False

    def test_starts_though_a_dead_servers_number_is_another_processs(self, home: dict[str, str]) -> None:
        run = [*RONGTONG, "verify", "--json"]
        subprocess.run(run, env=home, capture_output=True, check=True)
        data = Path(json.loads((Path(home["RONGTONG_HOME"]) / "postgres.json").read_text())["data"])
        server = postmaster(home)
        lock = (data / "postmaster.pid").read_text()
        os.kill(server, signal.SIGKILL)
        assert (data / "postmaster.pid").read_text() == lock
        owner = (data / "postmaster.pid").stat()
        stranger = subprocess.Popen(
            ["sleep", "600"], **({"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {})
        )
        try:
            (data / "postmaster.pid").write_text(lock.replace(str(server), str(stranger.pid), 1))
            done = subprocess.run(run, env=home, capture_output=True, text=True, check=False)
        finally:
            stranger.kill()
            stranger.wait()
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["ok"] is True

    def test_stops_when_its_home_is_removed(self, other_home: dict[str, str]) -> None:
        process = start(other_home, "--json")
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["url"].startswith("http://localhost:")
        server = postmaster(other_home)
        shutil.rmtree(other_home["RONGTONG_HOME"], ignore_errors=True)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 1
        assert "it was removed" in errors
        while Path(f"/proc/{server}").exists():
            time.sleep(0.1)
        again = start(other_home, "--port", "8540")
        assert health(url_of(again))["status"] == "ok"
        again.send_signal(signal.SIGTERM)
        again.communicate(timeout=300)

    def test_a_home_made_anew_leaves_no_server_of_the_old_one(self, other_home: dict[str, str]) -> None:
        run = [*RONGTONG, "verify", "--json"]
        subprocess.run(run, env=other_home, capture_output=True, check=True)
        server = postmaster(other_home)
        shutil.rmtree(other_home["RONGTONG_HOME"])
        done = subprocess.run(run, env=other_home, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)["ok"] is True
        while Path(f"/proc/{server}").exists():  # an ordinary user's ends by itself when it misses its files
            time.sleep(0.1)

    def test_two_that_start_at_once_take_two_ports(self, home: dict[str, str], other_home: dict[str, str]) -> None:
        both = [start(one, "--port", "8550") for one in (home, other_home)]
        urls = {url_of(process) for process in both}
        assert len(urls) == 2
        for process in both:
            process.send_signal(signal.SIGTERM)
        for process in both:
            process.communicate(timeout=300)

    def test_runs_once_per_home(self, home: dict[str, str]) -> None:
        first = start(home, "--port", "8500")
        url_of(first)
        second = start(home, "--port", "8510")
        _, errors = second.communicate(timeout=300)
        assert second.returncode != 0
        assert "runs already" in errors
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=300)


class TestAFullDisk:
    def test_of_the_logs_and_of_standard_output_ends_nothing(self, home: dict[str, str]) -> None:
        logs = Path(home["RONGTONG_HOME"]) / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        for name in ("web.log", "worker.log", "faults.log"):
            (logs / name).unlink(missing_ok=True)
            (logs / name).symlink_to("/dev/full")
        with open("/dev/full", "w") as full:
            command = [*RONGTONG, "up", "--no-demo", "--json"]
            process = subprocess.Popen(command, env=home, stdout=full, stderr=subprocess.PIPE, text=True)
            assert process.stderr is not None
            said = ""
            while "it serves all the same at " not in said:
                line = process.stderr.readline()
                assert line, said
                said += line
        url = said.rpartition("it serves all the same at ")[2].strip()
        assert "No space left on device" in said
        with urllib.request.urlopen(f"{url}api/health", timeout=30) as answer:
            assert answer.status == 200
        stop(home)
        process.wait(60)
        for name in ("web.log", "worker.log", "faults.log"):
            (logs / name).unlink()
