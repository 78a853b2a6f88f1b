"""Each checkpoint goes to the witnesses, and the log is held against what they have."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from rongtong.attest import facade, models, rules
from rongtong.attest.adapters.kept import note_size, read_journal
from rongtong.attest.adapters.signing import read_note
from rongtong.core.tenancy import as_platform

from .conftest import AT, Deeds


@pytest.fixture
def log(db: None, deeds: Deeds) -> Deeds:
    grow(deeds, 3)
    return deeds


def grow(deeds: Deeds, count: int) -> None:
    with as_platform():
        facade.append_steps(steps=[deeds.step(str(number)) for number in range(count)], at=AT)
        facade.sequence(at=AT)


@pytest.fixture
def lender() -> Iterator[tuple[str, list[dict[str, Any]], list[int]]]:
    """A lender's address: what it got, and with which status it answers."""
    got: list[dict[str, Any]] = []
    answers: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = answers.pop(0) if answers else 200
            if status == 200:
                got.append(body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"taken")

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/checkpoints", got, answers
    server.shutdown()
    thread.join()
    server.server_close()


class TestDeliverCheckpoints:
    def test_to_a_file_and_a_mailbox_once_each(self, log: Deeds, settings: Any, tmp_path: Path) -> None:
        settings.EVIDENCE_WITNESSES = [f"file:{tmp_path / 'kept.txt'}", f"mailbox:{tmp_path / 'box'}"]
        assert facade.deliver_checkpoints() == 2
        assert facade.deliver_checkpoints() == 0
        grow(log, 4)
        assert facade.deliver_checkpoints() == 2
        assert [path.name for path in sorted((tmp_path / "box").iterdir())] == [
            "checkpoint-000000000003.txt",
            "checkpoint-000000000007.txt",
        ]
        notes = [
            part.strip("\n") + "\n" for part in (tmp_path / "kept.txt").read_text().split("\n\n\n") if part.strip()
        ]
        assert [note_size(note) for note in notes] == [3, 7]
        assert facade.verify_log().kept == 2
        assert facade.verify_log().ok

    def test_to_an_address_with_the_proof_that_it_only_grew(
        self, log: Deeds, settings: Any, lender: tuple[str, list[dict[str, Any]], list[int]]
    ) -> None:
        address, got, answers = lender
        settings.EVIDENCE_WITNESSES = [address]
        facade.deliver_checkpoints()
        grow(log, 4)
        answers.append(503)
        with pytest.raises(facade.WitnessUnavailable):
            facade.deliver_checkpoints()
        assert facade.deliver_checkpoints() == 1
        (old_size, old_root), (new_size, new_root) = (read_note(one["note"]) or (0, b"") for one in got)
        assert got[1]["old_size"] == old_size == 3
        assert rules.verify_consistency(
            old_size=old_size,
            new_size=new_size,
            old_root=old_root,
            new_root=new_root,
            path=[bytes.fromhex(one) for one in got[1]["consistency"]],
        )

    def test_one_that_is_away_stops_no_other(self, log: Deeds, settings: Any, tmp_path: Path) -> None:
        settings.EVIDENCE_WITNESSES = ["http://127.0.0.1:9/", f"mailbox:{tmp_path / 'box'}"]
        with pytest.raises(facade.WitnessUnavailable):
            facade.deliver_checkpoints()
        assert len(list((tmp_path / "box").iterdir())) == 1


class TestVerifyLog:
    def test_names_a_log_that_no_longer_is_what_a_witness_has(self, log: Deeds, settings: Any, tmp_path: Path) -> None:
        settings.EVIDENCE_WITNESSES = [f"mailbox:{tmp_path / 'box'}"]
        grow(log, 4)
        facade.deliver_checkpoints()
        with as_platform():
            checkpoint = models.Checkpoint.objects.order_by("tree_size").first()
        assert checkpoint
        (tmp_path / "box" / "checkpoint-000000000007.txt").write_text(
            (tmp_path / "box" / "checkpoint-000000000007.txt").read_text().replace("\n7\n", "\n9\n")
        )
        assert "signed with another key" in str(facade.verify_log().first_bad)
        assert facade.verify_log(checkpoint=checkpoint.note).kept == 2

    def test_wants_a_note_for_a_checkpoint(self, log: Deeds) -> None:
        assert "is no checkpoint" in str(facade.verify_log(checkpoint="x").first_bad)


class TestReadJournal:
    def test_skips_a_line_that_a_crash_cut_off(self, tmp_path: Path) -> None:
        path = tmp_path / "checkpoints.jsonl"
        path.write_text('{"kind": "check')
        assert read_journal(path).fault is None
