"""What the platform writes is for its user alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


class TestKeepPrivate:
    @pytest.mark.parametrize("start", ["from rongtong.config.cli import main; main.callback()"])
    def test_files_and_folders_of_a_command_are_closed_to_others(self, tmp_path: Path, start: str) -> None:
        write = "import os; open('file', 'w').close(); os.mkdir('folder')"
        subprocess.run(
            [sys.executable, "-c", f"import os; os.umask(0o022); {start}; {write}"],
            cwd=tmp_path,
            env={**os.environ, "RONGTONG_HOME": str(tmp_path / "home")},
            check=True,
        )
        assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o700
