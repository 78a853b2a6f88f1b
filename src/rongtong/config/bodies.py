"""Bodies of requests, read before any thread is taken: within a size, a time and a store that all of them share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from rongtong.config.problems import PayloadTooLarge, RequestTooSlow, TooBusy
from rongtong.core.errors import RongtongError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Admit = Callable[[], Awaitable[RongtongError | None]]

SMALL = 64 * 1024
"""Bytes that anybody may send: enough for every form; what is larger is asked first who sends it."""
SLOWEST = 16 * 1024
"""Bytes a second below which a body is cut once its grace is over."""
GRACE_SECONDS = 20.0


class SenderGone(Exception):
    """The sender closed the connection before the body was there: nobody waits for an answer."""


@dataclass
class Bodies:
    """The bodies that one web process is waiting for."""

    wait_seconds: float
    """How long the next piece of a body may take to come."""
    most: int = 4096
    """How many bodies are waited for; the one that has waited longest makes room for the next."""
    store: int = 128 * 1024 * 1024
    """Bytes that all of them may hold."""
    _held: int = 0
    _waiting: dict[int, asyncio.Future[None]] = field(default_factory=dict)

    async def read(self, receive: Receive, *, announced: int | None, limit: int, admit: Admit) -> bytes:
        """The whole body. `announced` is its Content-Length; `admit` is asked once, before more than SMALL is taken.

        Raises PayloadTooLarge, RequestTooSlow, TooBusy, what `admit` answers, SenderGone.
        """
        if announced is not None and announced > limit:
            raise PayloadTooLarge(limit=told(limit))
        asked = False
        if announced is not None and announced > SMALL:
            await _ask(admit)
            asked = True
        pieces: list[bytes] = []
        size, loop = 0, asyncio.get_running_loop()
        began = loop.time()
        evicted = self._enter(loop)
        try:
            while True:
                patience = min(self.wait_seconds, began + GRACE_SECONDS + size / SLOWEST - loop.time())
                message = await _next(receive, evicted, patience)
                piece = message.get("body", b"")
                size += len(piece)
                if size > limit:
                    raise PayloadTooLarge(limit=told(limit))
                self._held += len(piece)
                pieces.append(piece)
                if self._held > self.store:
                    raise TooBusy()
                if not message.get("more_body", False):
                    return b"".join(pieces)
                if size > SMALL and not asked:
                    await _ask(admit)
                    asked = True
        finally:
            self._held -= sum(map(len, pieces))
            self._leave(evicted)

    def _enter(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        if len(self._waiting) >= self.most:
            oldest = next(iter(self._waiting))
            self._waiting.pop(oldest).set_result(None)
        evicted: asyncio.Future[None] = loop.create_future()
        self._waiting[id(evicted)] = evicted
        return evicted

    def _leave(self, evicted: asyncio.Future[None]) -> None:
        self._waiting.pop(id(evicted), None)
        evicted.cancel()


async def _ask(admit: Admit) -> None:
    refusal = await admit()
    if refusal is not None:
        raise refusal


async def _next(receive: Receive, evicted: asyncio.Future[None], patience: float) -> Message:
    coming = asyncio.ensure_future(receive())
    either: set[asyncio.Future[Any]] = {coming, evicted}
    done, _late = await asyncio.wait(either, timeout=max(patience, 0.0), return_when=asyncio.FIRST_COMPLETED)
    if coming not in done:
        coming.cancel()
        raise RequestTooSlow()
    message = coming.result()
    if message["type"] == "http.disconnect":
        raise SenderGone()
    return message


def told(limit: int) -> str:
    """A size for people."""
    return f"{limit // 1024**2} MB" if limit >= 1024**2 else f"{limit // 1024} KB"
