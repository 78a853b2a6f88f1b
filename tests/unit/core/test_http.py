"""Answers of others are bounded: in size, in time, and nothing packed is unpacked."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from rongtong.core.http import AnswerUnbounded, open_client, receive


@contextmanager
def answering(*pieces: bytes, packed: bool = False) -> Iterator[str]:
    """The address of a server that sends these pieces, the last one again and again until the reader is gone."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            if packed:
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            try:
                for piece in pieces:
                    self.wfile.write(piece)
                while len(pieces) > 1:
                    self.wfile.write(pieces[-1])
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def ask(address: str, *, largest: int = 1000, seconds: float = 60.0) -> bytes:
    with open_client() as client:
        return receive(client, "GET", address, largest=largest, seconds=seconds).content


class TestReceive:
    def test_takes_an_answer_whole(self) -> None:
        with answering(b"x" * 1000) as address:
            assert ask(address) == b"x" * 1000

    def test_stops_an_answer_that_grows_without_end(self) -> None:
        with answering(b"x", b"x" * 100) as address, pytest.raises(AnswerUnbounded, match="larger"):
            ask(address)

    def test_stops_an_answer_that_drips_without_end(self) -> None:
        with answering(b"x", b"x") as address, pytest.raises(AnswerUnbounded, match="longer"):
            ask(address, largest=10**12, seconds=0.2)

    def test_unpacks_nothing(self) -> None:
        with answering(gzip.compress(bytes(50_000_000)), packed=True) as address, pytest.raises(httpx.HTTPError):
            ask(address, largest=10**9)
