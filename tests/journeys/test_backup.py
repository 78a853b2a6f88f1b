"""An installation that burns down comes back from its backup: the same decisions, the same log, the same next steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.conftest import Home

END = "2026-06-30"


@pytest.fixture
def lived_in(fresh_home: Home) -> Home:
    fresh_home.run("simulate", "--enterprises", "8", "--months", "13", "--seed", "7", "--end", END)
    fresh_home.run("loop", "--as-of", END)
    return fresh_home


class TestBackup:
    def test_brings_everything_back_even_after_a_kill(self, lived_in: Home, tmp_path: Path) -> None:
        archive = tmp_path / "a backup.zip"
        before = lived_in.run("loop", "--as-of", END)
        assert lived_in.run("backup", "--to", str(archive))["files"] > 0
        assert archive.stat().st_mode & 0o077 == 0
        assert lived_in.run("restore", "--from", str(archive), ok=False)["error"]["code"] == "home_not_empty"

        lived_in.burn_down()
        process = lived_in.start("restore", "--from", str(archive))
        while not (lived_in.folder / "restore.json").exists():
            assert process.poll() is None
        process.kill()
        process.wait(timeout=30)
        lived_in.run("restore", "--from", str(archive))

        assert lived_in.run("verify")["ok"] is True
        replayed = lived_in.run("replay")
        assert replayed["decisions"] == replayed["identical"] == before["applications"] > 0
        after = lived_in.run("loop", "--as-of", END)
        assert {**after, "seconds": 0} == {**before, "seconds": 0}
        assert lived_in.run("day", "--to", "2026-07-02")["ledger_balanced"] is True

        (first,) = lived_in.run("verify")["restored"]
        assert "how many leaves were cut off is not known here" in first
        kept = tmp_path / "kept.txt"
        kept.write_text(lived_in.sql("SELECT note FROM attest_checkpoint ORDER BY tree_size DESC LIMIT 1")[0][0])
        assert lived_in.run("verify", "--checkpoint", str(kept))["ok"] is True
        back = lived_in.run("restore", "--from", str(archive), "--set-aside")
        cut = back["leaves_known"] - back["leaves_restored"]
        assert cut > 0
        told = lived_in.run("verify")
        assert told["ok"] is True
        assert f": {cut} leaves cut off" in told["restored"][-1]
        refused = lived_in.run("verify", "--checkpoint", str(kept), ok=False)["first_bad"]
        assert "the checkpoint given keeps a signed checkpoint of" in refused

    def test_refuses_what_is_no_backup(self, fresh_home: Home, tmp_path: Path) -> None:
        stranger = tmp_path / "notes.zip"
        stranger.write_text("not a backup")
        refused = fresh_home.run("restore", "--from", str(stranger), ok=False)
        assert refused["error"]["code"] == "archive_unreadable"
        assert not (fresh_home.folder / "restore.json").exists()

    def test_names_the_folder_that_records_belong_to(self, make_home: Callable[[str], Home], tmp_path: Path) -> None:
        first, second = make_home("first home"), make_home("second home")
        archive = tmp_path / "first.zip"
        first.run("backup", "--to", str(archive))
        refused = second.run("restore", "--from", str(archive), ok=False)["error"]
        assert refused["code"] == "restore_elsewhere"
        assert refused["facts"]["folder"] == str(first.folder / "records")
