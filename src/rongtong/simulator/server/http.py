"""The sockets: a threaded HTTP/1.1 server with limits on sizes, times and threads."""

from __future__ import annotations

import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rongtong.simulator.server.app import Answer, Application, Refusal

BODY_SECONDS = 30.0
IDLE_SECONDS = 30.0
MAX_REQUESTS = 64


class SimulatorServer(ThreadingHTTPServer):
    """Serves an application on loopback."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, application: Application, port: int) -> None:
        self.application = application
        self._places = threading.BoundedSemaphore(MAX_REQUESTS)
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread per connection, so many at once and no more."""
        if not self._places.acquire(blocking=False):
            _turn_away(request)
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._places.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Run one connection, then give its place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.application.books.close()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            traceback.print_exc(file=sys.stderr)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = default_request_version = "HTTP/1.1"
    server_version = "RongtongSimulator"
    sys_version = ""
    timeout = IDLE_SECONDS
    server: SimulatorServer

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_GET  # noqa: N815  http.server finds methods by these names

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Protocol errors of the base class, as problem JSON instead of a page; what was sent is not echoed."""
        names = {414: "uri_too_long", 431: "headers_too_large", 408: "request_timeout", 501: "method_not_allowed"}
        status = 405 if code == 501 else code
        self.close_connection = True
        self._send(Refusal(status, names.get(code, "malformed_request"), HTTPStatus(status).phrase).answer())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Quiet: what is worth knowing is in the answers."""

    def _serve(self) -> None:
        self._body_read = False
        try:
            answer = self.server.application.answer(
                self.command, self.path, self.headers.get("Authorization"), self._read_body
            )
        except Refusal as refusal:
            answer = refusal.answer()
        except Exception:
            traceback.print_exc(file=sys.stderr)
            answer = Refusal(500, "fault", "The simulator failed").answer()
        if not self._body_read and (self.headers.get("Content-Length") or self.headers.get("Transfer-Encoding")):
            self.close_connection = True
        self._send(answer)

    def _read_body(self) -> bytes:
        stated = self.headers.get("Content-Length")
        if stated is None or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            raise Refusal(411, "length_required", "A Content-Length is needed")
        if not (stated.isascii() and stated.isdigit() and len(stated) < 20):
            self.close_connection = True
            raise Refusal(400, "malformed_request", "The Content-Length cannot be read")
        length, limit = int(stated), self.server.application.body_limit(self.path)
        if length > limit:
            self.close_connection = True
            raise Refusal(413, "body_too_large", "The body is too large", f"at most {limit} bytes")
        received, deadline = bytearray(), time.monotonic() + BODY_SECONDS
        while len(received) < length:
            left = deadline - time.monotonic()
            try:
                self.connection.settimeout(max(left, 0.001))
                part = self.rfile.read1(min(65_536, length - len(received)))  # type: ignore[attr-defined]  # a BufferedReader
            except TimeoutError:
                part = b""
            if not part or left <= 0:
                self.close_connection = True
                raise Refusal(408, "request_timeout", "The body did not arrive in time")
            received += part
        self.connection.settimeout(IDLE_SECONDS)
        self._body_read = True
        return bytes(received)

    def _send(self, answer: Answer) -> None:
        parts = answer.body
        whole = isinstance(parts, tuple)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("X-Simulated", "true")
        self.send_header("Cache-Control", "no-store")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if whole:
            self.send_header("Content-Length", str(sum(len(part) for part in parts)))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        if whole:
            for part in parts:
                self.wfile.write(part)
        else:
            self._send_chunks(parts)

    def _send_chunks(self, parts: Iterable[bytes]) -> None:
        """A stream whose end is missing on a fault, so that a client cannot take a part for the whole."""
        try:
            for part in parts:
                if part:
                    self.wfile.write(b"%x\r\n" % len(part) + part + b"\r\n")
        except ConnectionError:
            self.close_connection = True
            return
        except Exception:
            traceback.print_exc(file=sys.stderr)
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")


def _turn_away(request: socket.socket) -> None:
    body = (
        b'{"type":"urn:rongtong:simulator:busy","title":"Busy","status":503,"code":"busy","detail":"","simulated":true}'
    )
    head = (
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nX-Simulated: true\r\n"
        b"Retry-After: 1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    try:
        request.settimeout(1)
        request.sendall(head + body)
    except OSError:
        return
