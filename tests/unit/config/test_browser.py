"""The browser for the tests: one that starts is taken, one that does not is none, and none at all is said and mended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rongtong.config.browser import find


def program(folder: Path, name: str, status: int) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho Chromium 1.0\nexit {status}\n")
    path.chmod(0o755)
    return path


class TestFind:
    def test_takes_the_named_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = program(tmp_path, "my chromium", 0)
        monkeypatch.setenv("RONGTONG_CHROMIUM", str(path))
        assert find() == str(path)

    def test_passes_over_one_that_does_not_start(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program(tmp_path, "chromium", 1)
        works = program(tmp_path, "google-chrome", 0)
        monkeypatch.delenv("RONGTONG_CHROMIUM", raising=False)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
        assert find() in {str(works), "/bin/chromium"}


class TestNone:
    @pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
    def test_is_said_with_the_mend_and_fails_ci_only(self, ci: str, status: int, tmp_path: Path) -> None:
        environment = {
            "PATH": str(tmp_path),
            "HOME": str(tmp_path),
            "PLAYWRIGHT_DOWNLOAD_HOST": "http://127.0.0.1:1",
            "CI": ci,
        }
        command = [sys.executable, "-m", "rongtong.config.browser"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == status
        assert done.stdout == ""
        assert "apt-get install chromium" in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr
