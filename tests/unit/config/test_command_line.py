"""The command line when it is called wrongly: one JSON object or one line, a code, a status, never a trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RONGTONG = [sys.executable, "-c", "from rongtong.config.cli import main; main()"]


def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "LC_ALL", "LANG"}}
    done = subprocess.run(
        [*RONGTONG, *arguments], env={**plain, **environment}, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def problem(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(done.stdout)
    assert list(answer) == ["error"]
    return answer["error"]  # type: ignore[no-any-return]


class TestAWrongCall:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("loop", "--as-of", "garbage"),
            ("loop",),
            ("nothing-of-that-name",),
            ("simulate", "--enterprises", "-3"),
            ("simulate", "--seed", "-1"),
            ("day", "--to", "2026-02-30"),
            ("import", "invoices", "--sales", "/", "--purchases", "/", "--authorisation", "x"),
            ("up", "--port", "70000"),
        ],
    )
    def test_is_one_problem_with_status_two(self, arguments: tuple[str, ...], tmp_path: Path) -> None:
        done = call(*arguments, "--json", RONGTONG_HOME=str(tmp_path))
        assert done.returncode == 2
        assert problem(done)["code"] == "wrong_call"

    def test_is_a_line_for_people(self) -> None:
        done = call("loop", "--as-of", "garbage")
        assert done.returncode == 2
        assert done.stdout == ""
        assert "garbage" in done.stderr

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    @pytest.mark.parametrize("command", [("loop", "--as-of"), ("day", "--to"), ("simulate", "--end")])
    def test_refuses_days_that_cannot_be(self, command: tuple[str, str], day: str, tmp_path: Path) -> None:
        done = call(*command, day, "--json", RONGTONG_HOME=str(tmp_path))
        assert done.returncode == 1
        assert problem(done)["code"] == "date_out_of_range"


class TestAHomeThatCannotBe:
    def test_is_named_in_the_language_of_the_terminal(self, tmp_path: Path) -> None:
        place = tmp_path / "a file"
        place.touch()
        for environment, words in (({}, "it is a file"), ({"LANG": "zh_CN.UTF-8"}, "无法使用")):
            done = call("verify", "--json", RONGTONG_HOME=str(place), **environment)
            assert done.returncode == 1
            assert problem(done)["code"] == "home_unusable"
            assert words in problem(done)["title"]
            assert str(place) in done.stderr

    def test_is_one_line_below_a_file_too(self, tmp_path: Path) -> None:
        (tmp_path / "a file").touch()
        for command in ("doctor", "down", "up"):
            assert problem(call(command, "--json", RONGTONG_HOME=str(tmp_path / "a file" / "home")))["code"] == (
                "home_unusable"
            )

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
    def test_belongs_to_somebody_else(self, tmp_path: Path) -> None:
        (tmp_path / "secrets").mkdir()
        os.chown(tmp_path / "secrets", 12345, 12345)
        done = call("verify", "--json", RONGTONG_HOME=str(tmp_path))
        assert "12345" in problem(done)["title"]


class TestADatabaseThatCannotBe:
    @pytest.mark.parametrize("url", ["nonsense", "mysql://a:b@127.0.0.1/x", "postgresql://a:b@127.0.0.1:port/x"])
    def test_is_refused_by_its_form(self, url: str, tmp_path: Path) -> None:
        done = call("verify", "--json", RONGTONG_HOME=str(tmp_path), DATABASE_URL=url)
        assert problem(done)["code"] == "database_url_unusable"

    def test_does_not_answer(self, tmp_path: Path) -> None:
        url = "postgresql://a:secret@127.0.0.1:1/x"
        done = call("verify", "--json", RONGTONG_HOME=str(tmp_path), DATABASE_URL=url)
        assert problem(done)["code"] == "database_unavailable"
        assert "secret" not in done.stdout + done.stderr
