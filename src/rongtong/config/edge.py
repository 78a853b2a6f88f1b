"""The application that the web server runs: it takes a request whole, and only then a thread for it.

An event loop waits for bodies, however many never come; a fixed number of threads runs Django (WSGI), one request at a
time each, and hands back whole answers, so that a slow reader holds no thread either. What is refused here (too large,
too slow, too many) is refused before it is stored.
"""

from __future__ import annotations

import asyncio
import io
import resource
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO, Any, TypeVar

from rongtong.config.wsgi import application as respond  # Django is set up by it

# isort: split
from django.conf import settings
from django.urls import resolve

from rongtong.config import admission
from rongtong.config.bodies import Bodies, Message, Receive, SenderGone
from rongtong.config.problems import TooBusy
from rongtong.config.proxies import Trusted
from rongtong.config.refusals import answer_refused
from rongtong.core.errors import RongtongError

Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
T = TypeVar("T")
Answer = tuple[int, list[tuple[bytes, bytes]], IO[bytes]]

QUEUE = 32
"""Requests that may wait for each thread; more are answered 503."""
_IN_MEMORY = 4 * 1024 * 1024
_PIECE = 256 * 1024
_READ_SECONDS = 60.0
"""How long a reader may take for a piece of an answer."""

_threads = ThreadPoolExecutor(settings.WEB_THREADS, thread_name_prefix="request")
_bodies = Bodies(wait_seconds=settings.BODY_WAIT_SECONDS)
_trusted = Trusted(settings.TRUSTED_PROXIES)
_under_way = 0

resolve("/api/health")  # loads all pages now, so that nobody's first request waits for them
with suppress(ValueError, OSError):  # each waiting body is an open file
    _soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(_soft, min(_hard, 65_536)), _hard))


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One request (ASGI, without lifespan)."""
    environ = environ_of(scope)
    try:
        body = await _body(environ, receive)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        status, headers, content = await _in_thread(lambda: _whole_answer(environ))
    except SenderGone:
        return
    except RongtongError as refusal:
        status, headers, content = answer_refused(environ, refusal)
    await _hand_over(send, status, headers, content, with_body=environ["REQUEST_METHOD"] != "HEAD")


async def _body(environ: Environ, receive: Receive) -> bytes:
    announced = environ.get("CONTENT_LENGTH")
    if environ.get("HTTP_TRANSFER_ENCODING") is None and announced in {None, "", "0"}:
        return b""
    length = int(announced) if announced and announced.isdecimal() else None
    limit = admission.limit(environ["PATH_INFO"])
    return await _bodies.read(
        receive, announced=length, limit=limit, admit=lambda: _in_thread(lambda: admission.refusal(environ))
    )


async def _in_thread(work: Callable[[], T]) -> T:
    global _under_way
    if _under_way >= settings.WEB_THREADS * (1 + QUEUE):
        raise TooBusy()
    _under_way += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _under_way -= 1


def environ_of(scope: dict[str, Any]) -> Environ:
    """The WSGI environment of a request. The address of the sender is the one that trusted proxies name, else the peer's."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode(errors="surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": _errors,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1").upper()
        if "_" in name:  # a second spelling of a header that a proxy watches over
            continue
        key = name.replace("-", "_")
        key = key if key in {"CONTENT_LENGTH", "CONTENT_TYPE"} else f"HTTP_{key}"
        separator = "; " if key == "HTTP_COOKIE" else ","
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]}{separator}{text}" if key in environ else text
    _trusted.settle(environ, peer=(scope.get("client") or ("", 0))[0])
    return environ


def _whole_answer(environ: Environ) -> Answer:
    """Run the request to its end; the answer is kept in memory, or in a file that has no name where it is large."""
    said: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], None]:
        said[:] = [int(status.split(" ", 1)[0]), headers]
        return content.write  # type: ignore[return-value]  # what it returns is not looked at

    content: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  handed on open
    answer = respond(environ, start)
    try:
        for piece in answer:
            content.write(piece)
    finally:
        answer.close()  # type: ignore[attr-defined]  # Django's answers have it: it ends the request
    status, headers = said
    content.seek(0)
    return status, [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers], content


async def _hand_over(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], content: IO[bytes], *, with_body: bool
) -> None:
    with content:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        piece = content.read(_PIECE) if with_body else b""
        while True:
            following = content.read(_PIECE) if piece else b""
            message = {"type": "http.response.body", "body": piece, "more_body": bool(following)}
            try:
                await asyncio.wait_for(send(message), _READ_SECONDS)
            except TimeoutError:
                return
            if not following:
                return
            piece = following


class _Errors(io.TextIOBase):
    """Where WSGI writes complaints: our log has them already."""

    def write(self, text: str) -> int:
        return len(text)


_errors = _Errors()
