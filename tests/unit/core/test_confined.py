"""Documents of strangers: read in a child that the kernel ends at its limits."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rongtong.core import confined
from rongtong.core.confined import MIB, DocumentTooCostly, Limits, ReadersBusy, read_confined

LIMITS = Limits(cpu_seconds=2, wall_seconds=20.0)


def count(document: bytes, arguments: dict[str, Any]) -> bytes:
    return f"{len(document)} {arguments['word']}".encode()


def burn(_document: bytes, _arguments: dict[str, Any]) -> bytes:
    while True:
        pass


def sleep(_document: bytes, _arguments: dict[str, Any]) -> bytes:
    time.sleep(3600)
    return b""


def fill(_document: bytes, _arguments: dict[str, Any]) -> bytes:
    return b"x" * len([bytes(MIB) for _ in range(4096)])


def write(_document: bytes, arguments: dict[str, Any]) -> bytes:
    with open(arguments["path"], "wb") as stream:
        for _ in range(1024):
            stream.write(bytes(MIB))
    return b"written"


def overflow(_document: bytes, _arguments: dict[str, Any]) -> bytes:
    return bytes(3 * MIB)


def fall(_document: bytes, _arguments: dict[str, Any]) -> bytes:
    raise LookupError("a fault")


def environment(_document: bytes, _arguments: dict[str, Any]) -> bytes:
    return " ".join(os.environ).encode()


class TestReadConfined:
    def test_hands_the_document_over_and_the_answer_back(self) -> None:
        document = os.urandom(5 * MIB)
        assert read_confined(count, document, limits=LIMITS, word="bytes") == b"%d bytes" % len(document)
        assert read_confined(count, b"", limits=LIMITS, word="字") == "0 字".encode()

    @pytest.mark.parametrize("task", [burn, fill])
    def test_ends_a_reader_that_takes_all_time_or_memory(self, task: confined.Task) -> None:
        with pytest.raises(DocumentTooCostly):
            read_confined(task, b"", limits=LIMITS)

    def test_ends_a_reader_that_waits_for_ever_and_one_that_takes_no_document(self) -> None:
        with pytest.raises(DocumentTooCostly):
            read_confined(sleep, bytes(MIB), limits=Limits(wall_seconds=0.5))

    def test_lets_a_reader_write_no_more_than_it_may(self, tmp_path: Any) -> None:
        path = tmp_path / "out"
        with pytest.raises(RuntimeError, match="OSError"):
            read_confined(write, b"", limits=Limits(file_size=2 * MIB), path=str(path))
        assert path.stat().st_size <= 2 * MIB

    def test_takes_no_answer_beyond_the_limit(self) -> None:
        with pytest.raises(DocumentTooCostly):
            read_confined(overflow, b"", limits=Limits(answer=MIB))

    def test_tells_a_fault_of_the_reader_from_a_costly_document(self) -> None:
        with pytest.raises(RuntimeError, match="LookupError: a fault"):
            read_confined(fall, b"", limits=LIMITS)

    def test_keeps_secrets_of_the_environment_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RONGTONG_SECRET_KEY", "secret")
        seen = read_confined(environment, b"", limits=LIMITS).decode().split()
        assert not [name for name in seen if name.startswith(("RONGTONG", "DATABASE"))]

    def test_goes_on_after_its_nursery_was_killed(self) -> None:
        read_confined(count, b"1", limits=LIMITS, word="a")
        assert confined._nursery._process is not None
        os.kill(confined._nursery._process.pid, signal.SIGKILL)
        confined._nursery._process.wait()
        assert read_confined(count, b"12", limits=LIMITS, word="b") == b"2 b"

    def test_reads_only_a_few_at_once_and_says_so(self) -> None:
        patient = Limits(wall_seconds=3.0)
        with ThreadPoolExecutor(2) as threads:
            asleep = [threads.submit(read_confined, sleep, b"", limits=patient) for _ in range(2)]
            while confined._places._value:  # both have their places
                time.sleep(0.01)
            with pytest.raises(ReadersBusy):
                read_confined(count, b"", limits=Limits(patience=0.0), word="late")
            for one in asleep:
                with pytest.raises(DocumentTooCostly):
                    one.result()
        assert read_confined(count, b"", limits=LIMITS, word="now") == b"0 now"
