"""A disk without room is said as such and not as a fault; a demonstration is for this machine unless somebody says otherwise."""

from __future__ import annotations

import errno

import pytest
from click.testing import CliRunner
from psycopg.errors import DiskFull

from rongtong.config.commands import up
from rongtong.config.faults import StorageFull, anticipated
from rongtong.core.errors import RongtongError


def caused(error: Exception, by: BaseException) -> Exception:
    error.__cause__ = by
    return error


class TestAFullDisk:
    @pytest.mark.parametrize(
        "error",
        [
            OSError(errno.ENOSPC, "No space left on device"),
            OSError(errno.EDQUOT, "Disk quota exceeded"),
            OSError("[Errno 28] Error writing bytes: No space left on device"),
            DiskFull("could not extend file"),
            caused(ValueError("landing"), OSError(errno.ENOSPC, "No space left on device")),
            caused(RuntimeError("x"), caused(ValueError("y"), DiskFull("z"))),
        ],
    )
    def test_is_told_with_its_code_and_that_it_may_pass(self, error: Exception) -> None:
        told = anticipated(error)
        assert isinstance(told, StorageFull)
        assert (told.code, told.status) == ("storage_full", 503)

    @pytest.mark.parametrize("error", [OSError(errno.EACCES, "denied"), ValueError("no room"), KeyError("space")])
    def test_is_nothing_else(self, error: Exception) -> None:
        assert anticipated(error) is None

    def test_ends_with_a_circle_of_causes(self) -> None:
        first, second = ValueError(), ValueError()
        first.__cause__, second.__cause__ = second, first
        assert anticipated(first) is None


class TestADemonstration:
    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com"])
    def test_is_refused_at_an_address_that_others_reach(self, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(up, "_ENDS", ())  # this process keeps its own signals
        answer = CliRunner().invoke(up.command, ["--host", host, "--port", "1"], standalone_mode=False)
        assert isinstance(answer.exception, up.DemonstrationExposed)
        assert isinstance(answer.exception, RongtongError)

    @pytest.mark.parametrize(
        ("host", "alone"), [("127.0.0.1", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False)]
    )
    def test_shows_its_passwords_to_this_machine_only(self, host: str, alone: bool) -> None:
        assert up._loopback(host) is alone
