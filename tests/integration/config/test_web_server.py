"""The web server under slow, endless and huge bodies: a real one, over loopback."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.documents import field_tree
from tests.web import exchange, read_answer, serving

IDLE = 160
ASKED = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def post(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


@pytest.fixture(scope="module")
def port(django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:  # type: ignore[no-untyped-def]  # pytest-django's type is private
    with serving(
        tmp_path_factory.mktemp("web"), RONGTONG_WEB_PROCESSES="2", RONGTONG_BODY_WAIT_SECONDS="6", TMPDIR="/dev/shm"
    ) as found:
        yield found


class TestTheWebServer:
    @pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
    def test_answers_others_while_many_bodies_never_come_and_cuts_those(self, port: int, framing: str) -> None:
        with ExitStack() as idle:
            lines = [idle.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60)) for _ in range(IDLE)]
            for line in lines:
                line.sendall(post("/api/consent/consents", framing, "Content-Type: application/json"))
            for _ in range(8):  # the limit is the promise itself: 5 s
                status, _headers, _body = exchange(port, ASKED, seconds=5.0)
                assert status == 200
            status, headers, body = read_answer(lines[0])
            assert (status, json.loads(body)["code"]) == (408, "request_too_slow")
            assert "application/problem+json" in headers
            assert {read_answer(line)[0] for line in lines[1:]} == {408}

    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            b"GET / HTTP/1.1\r\nHost: lo",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            post("/check", "Expect: 100-continue", "Content-Length: 1000"),
            post("/check", "Content-Length: 99999999999999999999"),
            post("/check", "Content-Length: 5", "Transfer-Encoding: chunked"),
            post("/check", "Transfer-Encoding: chunked") + b"FFFFFFFFFFFFFFF\r\n",
            post("/check", "Transfer-Encoding: chunked") + b"1\r\nx\r\n",
        ],
        ids=[
            "nothing", "half a header", "http 2", "expect", "huge", "two framings", "a giant chunk", "a chunk",
        ],
    )  # fmt: skip
    def test_answers_others_while_many_connections_say_too_little_or_too_much(self, port: int, sent: bytes) -> None:
        with ExitStack() as idle:
            for _ in range(400):
                idle.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60)).sendall(sent)
            for _ in range(4):  # the limit is the promise itself: 5 s
                assert exchange(port, ASKED, seconds=5.0)[0] == 200

    def test_cuts_a_body_that_drips_without_end(self, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=120) as line:
            line.sendall(post("/api/consent/consents", "Content-Length: 60000", "Content-Type: application/json"))
            line.settimeout(1.0)
            for _ in range(100):
                line.sendall(b" ")
                try:
                    status, _headers, _body = read_answer(line)
                    break
                except TimeoutError:
                    continue
            else:
                pytest.fail("it was never cut")
        assert status == 408

    def test_refuses_a_huge_body_by_its_announcement_alone(self, port: int) -> None:
        status, headers, body = exchange(
            port, post("/api/consent/consents", "Content-Length: 209715200", "Content-Type: application/json")
        )
        assert (status, json.loads(body)["code"]) == (413, "payload_too_large")
        assert "application/problem+json" in headers
        status, headers, body = exchange(
            port, post("/check", "Content-Length: 209715200", "Content-Type: multipart/form-data; boundary=b")
        )
        assert status == 413
        assert "text/html" in headers
        assert "超过".encode() in body or "大".encode() in body

    def test_cuts_a_body_that_grows_beyond_the_limit_without_announcing_it(self, port: int) -> None:
        head = post(
            "/check",
            "Transfer-Encoding: chunked",
            "Cookie: csrftoken=a",
            "Content-Type: multipart/form-data; boundary=b",
        )
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            line.sendall(head)
            piece = b"%x\r\n%s\r\n" % (65_536, b"x" * 65_536)
            try:
                for _ in range(3200):
                    line.sendall(piece)
                pytest.fail("200 MB were taken")
            except OSError:
                pass

    @pytest.mark.parametrize(
        ("path", "cookie", "code"),
        [
            ("/api/consent/consents", "csrftoken=a", "not_authenticated"),
            ("/api/consent/consents", "csrftoken=a; sessionid=invented", "not_authenticated"),
            ("/consents/new", "csrftoken=a", "not_authenticated"),
            ("/check", "theme=dark", "csrf_failed"),
        ],
    )
    def test_refuses_a_large_body_of_a_stranger_before_it_is_sent(
        self, port: int, path: str, cookie: str, code: str
    ) -> None:
        request = post(path, f"Cookie: {cookie}", "Content-Length: 1000000", "Content-Type: application/json")
        status, _headers, body = exchange(port, request)
        assert status in {401, 403}
        assert code.encode() in body

    def test_refuses_another_sites_upload_before_it_is_sent(self, port: int) -> None:
        request = post(
            "/check", "Cookie: csrftoken=a", "Origin: https://elsewhere.example", "Content-Length: 1000000",
            "Content-Type: multipart/form-data; boundary=b",
        )  # fmt: skip
        status, _headers, body = exchange(port, request)
        assert status == 403
        assert b"csrf_failed" in body

    def test_keeps_a_connection_for_the_next_request(self, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            for _ in range(3):
                line.sendall(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert read_answer(line)[0] == 200

    def test_answers_head_without_a_body_and_serves_a_page(self, port: int) -> None:
        status, _headers, body = exchange(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert status == 200
        assert "融通".encode() in body
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            line.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            seen = b""
            while piece := line.recv(65_536):
                seen += piece
        assert seen.startswith(b"HTTP/1.1 200")
        assert seen.endswith(b"\r\n\r\n")

    def test_answers_others_while_documents_that_take_for_ever_are_checked(self, port: int) -> None:
        token = "a" * 32
        fields = {"csrfmiddlewaretoken": token.encode(), 'document"; filename="a.pdf': field_tree(16, 8)}
        body = b"".join(
            b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
            for name, value in fields.items()
        )
        body += b"--b--\r\n"
        request = post(
            "/check", f"Cookie: csrftoken={token}", f"Content-Length: {len(body)}",
            "Content-Type: multipart/form-data; boundary=b", "Connection: close",
        )  # fmt: skip
        with ExitStack() as checks:
            lines = [
                checks.enter_context(socket.create_connection(("127.0.0.1", port), timeout=120)) for _ in range(16)
            ]
            for line in lines:
                line.sendall(request + body)
            for _ in range(8):
                assert exchange(port, ASKED, seconds=5.0)[0] == 200
            pages = [read_answer(line) for line in lines]
        assert {status for status, _headers, _body in pages} == {200}
        refused = [any(word.encode() in page for word in ("无法读取该文件", "请稍后再试")) for _, _, page in pages]
        assert all(refused)


class TestFilesOfStrangers:
    def test_are_never_written_to_the_disk(self) -> None:
        from django.conf import settings

        assert settings.FILE_UPLOAD_HANDLERS == ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
        assert not [one for one in os.listdir("/dev/shm") if one.endswith(".upload")]
