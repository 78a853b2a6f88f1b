"""A home of its own for journeys that run the command line as a user would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

RONGTONG = [sys.executable, "-c", "from rongtong.config.cli import main; main()"]


@dataclass
class Home:
    """A home and its command line."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        environment = {**os.environ, "RONGTONG_HOME": str(self.folder), "COLUMNS": "100"}
        for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "RONGTONG_TEST_HOME", "RONGTONG_SOURCES_URL"):
            environment.pop(name, None)
        return environment

    def run(self, *arguments: str, ok: bool = True) -> dict[str, Any]:
        """Run a command with --json and give its one object back."""
        done = subprocess.run(
            [*RONGTONG, *arguments, "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert (done.returncode == 0) is ok, done.stderr[-3000:]
        assert "Traceback" not in done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    def read(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        """The first JSON object that a command in the background prints."""
        assert process.stdout is not None
        result: dict[str, Any] = json.loads(process.stdout.readline())
        return result

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command in the background, its output thrown away."""
        return subprocess.Popen(
            [*RONGTONG, *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def burn_down(self) -> None:
        """Stop what runs and remove everything, the database too."""
        subprocess.run([*RONGTONG, "down"], env=self.environment, capture_output=True, check=False, timeout=120)
        noted = self.folder / "postgres.json"
        if noted.exists():
            shutil.rmtree(Path(json.loads(noted.read_text())["data"]).parent, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, statement: str, *, superuser: bool = False) -> list[tuple[Any, ...]]:
        """Ask this home's database, as a stranger with a database tool would."""
        import psycopg

        port = json.loads((self.folder / "postgres.json").read_text())["port"]
        name = "superuser" if superuser else "owner"
        password = (self.folder / "secrets" / f"postgres_{name}").read_text()
        user = "postgres" if superuser else "rongtong"
        with psycopg.connect(
            host="127.0.0.1", port=port, dbname="rongtong", user=user, password=password, autocommit=True
        ) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]  # a test's own statement
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def home_class() -> type[Home]:
    return Home


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[Callable[[str], Home]]:
    """Make homes by name, in a path with a space; what runs for them is stopped at the end."""
    made: list[Home] = []

    def make(name: str) -> Home:
        home = Home(tmp_path / f"a {name}")
        home.folder.mkdir()
        made.append(home)
        return home

    yield make
    for home in made:
        home.burn_down()


@pytest.fixture
def fresh_home(make_home: Callable[[str], Home]) -> Home:
    return make_home("home")
