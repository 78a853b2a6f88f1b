"""Pulling over HTTP: a source that is dead, slow, rude or boundless ends in a named error, and what came before stands."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rongtong.sources import connectors
from rongtong.sources.contracts import SourceKind
from rongtong.sources.facade import MessageMalformed, Source, SourceRefused, SourceUnavailable

SINCE, UNTIL = date(2026, 1, 1), date(2026, 1, 31)


class Served:
    """What a test server was asked, and what it answers next; an exhausted list repeats its last answer."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.answers, self.asked = list(answers), list[dict[str, Any]]()


@contextmanager
def serving(served: Served) -> Iterator[Source]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            served.asked.append(body | {"path": self.path, "token": self.headers["Authorization"]})
            status, answer = served.answers.pop(0) if len(served.answers) > 1 else served.answers[0]
            self.send_response(status)
            self.send_header("X-Simulated", "true")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Source(url=f"http://127.0.0.1:{server.server_port}", token="t0k3n")
    finally:
        server.shutdown()
        server.server_close()


def answer(*subjects: str) -> bytes:
    case = {
        "caseNo": "1",
        "role": "defendant",
        "cause": "x",
        "amount": "1.00",
        "stage": "filed",
        "eventDate": "2026-01-02",
    }
    return json.dumps({"subjects": [{"uscc": one, "cases": [case]} for one in subjects]}).encode()


def pull(source: Source, *subjects: str):
    return source.pull(SourceKind.COURTS, receipts=dict.fromkeys(subjects, "f" * 64), since=SINCE, until=UNTIL)


class TestPull:
    def test_shows_the_receipt_of_each_subject_and_the_token(self) -> None:
        served = Served((200, answer("A")))
        with serving(served) as source:
            (got,) = pull(source, "A")
        assert got.rows.count == 1
        assert got.simulated
        assert served.asked == [
            {
                "subjects": ["A"],
                "since": "2026-01-01",
                "until": "2026-01-31",
                "consent_receipts": {"A": "f" * 64},
                "path": "/sources/courts",
                "token": "Bearer t0k3n",
            }
        ]

    def test_asks_for_at_most_fifty_at_once(self) -> None:
        served = Served((200, answer()))
        with serving(served) as source:
            assert len(list(pull(source, *(f"{number:03}" for number in range(120))))) == 3
        assert [len(one["subjects"]) for one in served.asked] == [50, 50, 20]

    def test_tries_again_where_a_source_is_busy_for_a_moment(self) -> None:
        served = Served((503, b""), (200, answer("A")))
        with serving(served) as source:
            assert next(pull(source, "A")).rows.count == 1

    def test_gives_up_on_a_source_that_stays_broken(self) -> None:
        with serving(Served((500, b"<html>trace</html>"))) as source, pytest.raises(SourceUnavailable) as caught:
            list(pull(source, "A"))
        assert "trace" not in str(caught.value)

    def test_does_not_try_again_where_it_is_refused(self) -> None:
        served = Served((403, b"{}"))
        with serving(served) as source, pytest.raises(SourceRefused):
            list(pull(source, "A"))
        assert len(served.asked) == 1

    @pytest.mark.parametrize("url", ["http://127.0.0.1:9", "", "nonsense://x", "http://[::bad"])
    def test_names_a_source_that_is_not_there(self, url: str) -> None:
        with pytest.raises(SourceUnavailable):
            list(pull(Source(url=url, token="t"), "A"))

    def test_stops_an_answer_beyond_all_measure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(connectors, "BODY_LIMIT", 1000)
        with serving(Served((200, b"x" * 100_000))) as source, pytest.raises(SourceUnavailable):
            list(pull(source, "A"))

    def test_stops_an_answer_that_drips(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(connectors, "SECONDS_PER_CALL", -1)
        with serving(Served((200, answer("A")))) as source, pytest.raises(SourceUnavailable):
            list(pull(source, "A"))

    def test_gives_the_answers_before_the_one_that_fails(self) -> None:
        served = Served((200, answer("A")), (200, b"not json"))
        with serving(served) as source:
            answers = pull(source, *(f"{number:03}" for number in range(60)))
            assert next(answers).rows.count == 1
            with pytest.raises(MessageMalformed):
                next(answers)

    def test_asks_nothing_about_nobody(self) -> None:
        assert list(pull(Source(url="http://127.0.0.1:9", token="t"))) == []
