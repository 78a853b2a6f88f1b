"""Logs: what they leave out, how large they become, and that a full disk stops nothing."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from rongtong.config import logs, processes
from rongtong.config.logs import LogFile, RedactingFormatter, redacted, rotate

ACCOUNT, PHONE, PERSON = "6222020200112233445", "13800138000", "11010519491231002X"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(logs, "LARGEST", 1000)
    return 1000


class TestRedacted:
    @pytest.mark.parametrize(
        ("text", "hidden"),
        [
            (f"account_number={ACCOUNT}", ACCOUNT),
            (f"户名清江,账号{ACCOUNT},", ACCOUNT),
            ("card 6222 0202 0011 2233 445 refused", "0011 2233"),
            (f"contact {PHONE}", PHONE),
            ("call 138-0013-8000 now", "0013"),
            (f"id {PERSON}.", PERSON),
            ("Authorization: Bearer rt_AbCdEfGhIjKlMnOp-123", "AbCd"),
            ("header bearer abc.def.ghi", "abc.def"),
            ("the key rt_0123456789abcdefABCDEF is revoked", "0123456789"),
            ("postgresql://rongtong:s3cret@127.0.0.1:5432/rongtong", "s3cret"),
            ('{"password": "correct horse 9"}', "horse"),
            ("csrfmiddlewaretoken=abcdef&name=x", "abcdef"),
            ("Cookie: sessionid=qwertyuiop", "qwertyuiop"),
            ("Not Found: /c/AgAHn2cBoh8oRyN1ULVYDocr", "AgAHn2"),
        ],
    )
    def test_hides_numbers_of_people_and_secrets(self, text: str, hidden: str) -> None:
        assert hidden not in redacted(text)

    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-27 22:33:27,123 WARNING rongtong.web loan_01m8fjfaz0e8das0hjqgxfrzvt closed",
            "Not Found: /api/servicing/loans/01a21f27-ad93-7f48-8f1a-93d496de6684",
            "amount 12,345,678.90 of 10000000 fen in 3 instalments, port 54321",
        ],
    )
    def test_leaves_the_rest(self, text: str) -> None:
        assert redacted(text) == text

    def test_holds_for_a_trace_too(self) -> None:
        try:
            raise ValueError(f"Key (account_number)=({ACCOUNT})")
        except ValueError:
            record = logging.LogRecord("x", logging.ERROR, "x", 1, "phone %s", (PHONE,), sys.exc_info())
        line = RedactingFormatter("%(message)s").format(record)
        assert "ValueError" in line
        assert ACCOUNT not in line
        assert PHONE not in line

    def test_is_what_the_platform_logs_through(self, settings: object) -> None:
        from django.conf import settings as ours

        formatters = ours.LOGGING["formatters"]
        assert [one["()"] for one in formatters.values()] == ["rongtong.config.logs.RedactingFormatter"]


class TestALogFile:
    def test_is_bounded_in_size_and_number(self, tmp_path: Path, small: int) -> None:
        log = LogFile(tmp_path / "logs" / "web.log")
        for number in range(500):
            log.write(f"line {number} {'.' * 40}\n")
        files = sorted(log.path.parent.iterdir())
        assert len(files) == 1 + logs.KEPT
        assert all(one.stat().st_size < small + 100 for one in files)
        assert "line 499 " in log.path.read_text()

    def test_of_a_writer_that_keeps_it_open_goes_on_in_place(self, tmp_path: Path, small: int) -> None:
        path = tmp_path / "postgres.log"
        with path.open("ab", buffering=0) as writer:
            writer.write(b"a" * 1500)
            assert rotate(path, in_place=True)
            writer.write(b"after\n")
        assert path.read_bytes() == b"after\n"
        assert (tmp_path / "postgres.log.1").read_bytes() == b"a" * small

    def test_says_once_that_the_disk_is_full_and_later_what_was_dropped(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        log = LogFile(tmp_path / "web.log")
        log.path.symlink_to("/dev/full")
        for _ in range(3):
            log.write("a line\n")
        said = capsys.readouterr().err
        assert said.count("No space left on device") == 1
        log.path.unlink()
        log.write("another\n")
        assert log.path.read_text() == "… 3 lines were dropped, as this file could not be written\nanother\n"


class TestAChild:
    def test_goes_on_where_its_log_cannot_be_written_and_its_last_words_are_known(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RONGTONG_HOME", str(tmp_path))
        (tmp_path / "logs").mkdir()
        (tmp_path / "logs" / "talker.log").symlink_to("/dev/full")
        program = (
            f"import sys\nfor n in range(20000): print('line', n)\nsys.stdout.flush()\nsys.exit('ended by {PHONE}')"
        )
        child = processes.Child("talker", [sys.executable, "-c", program], {"PATH": "/usr/bin"})
        child.start()
        assert child.process is not None
        assert child.process.wait() == 1
        assert child.last_words().endswith("line 19999\nended by [number]")
        child.stop()
