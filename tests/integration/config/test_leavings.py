"""What a home leaves outside of itself, and `down --remove`: with real databases, another home beside it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RONGTONG = [sys.executable, "-c", "from rongtong.config.cli import main; main()"]


def run(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        name: text for name, text in os.environ.items() if name not in {"DATABASE_URL", "RONGTONG_TEST_HOME"}
    }
    return subprocess.run(
        [*RONGTONG, *arguments], env=environment | {"RONGTONG_HOME": str(folder)}, input=given,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def database_of(folder: Path) -> Path:
    return Path(json.loads((folder / "postgres.json").read_text())["data"]).parent


class TestRemove:
    def test_takes_all_of_a_home_away_and_nothing_of_another(self, tmp_path: Path) -> None:
        mine, other = tmp_path / "mine", tmp_path / "other"
        try:
            found = json.loads(run(mine, "doctor", "--json").stdout)
            run(other, "doctor", "--json")
            database = database_of(mine)
            assert str(database) in " ".join(check["seen"] for check in found["checks"])

            refused = run(mine, "down", "--remove", given="yes\n")
            assert refused.returncode == 1
            assert mine.exists()
            assert database.exists()

            done = run(mine, "down", "--remove", "--yes", "--json")
            assert done.returncode == 0, done.stderr
            assert not mine.exists()
            assert not database.exists()
            assert str(mine) in json.loads(done.stdout)["removed"]
            assert database_of(other).exists()
        finally:
            for folder in (mine, other):
                if folder.exists():
                    run(folder, "down", "--remove", "--yes")

    @pytest.mark.skipif(os.geteuid() != 0, reason="another user's database stands in its home")
    def test_is_not_needed_to_find_the_database_of_a_home_that_was_deleted(self, tmp_path: Path) -> None:
        gone, other = tmp_path / "gone", tmp_path / "other"
        run(gone, "doctor", "--json")
        run(gone, "down")
        left = database_of(gone)
        shutil.rmtree(gone)
        try:
            seen = " ".join(check["seen"] for check in json.loads(run(other, "doctor", "--json").stdout)["checks"])
            assert f"{left} (" in seen
            assert f"of {gone}: its home is gone" in seen
        finally:
            run(other, "down", "--remove", "--yes")
            shutil.rmtree(left)


class TestADemonstration:
    def test_is_not_served_to_other_machines_unless_that_is_said(self, tmp_path: Path) -> None:
        refused = run(tmp_path / "home", "up", "--host", "0.0.0.0", "--json")
        assert refused.returncode == 1
        assert json.loads(refused.stdout)["error"]["code"] == "demonstration_exposed"

    def test_names_no_password_where_others_can_read_it(self, settings, client, db) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixtures
        settings.DEMO, settings.SHOW_LOGINS = True, False
        assert "rt-logins" not in client.get("/accounts/login/").content.decode()
