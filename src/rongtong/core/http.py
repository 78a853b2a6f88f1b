"""HTTP to others: one way to open a client and one to take an answer, which is bounded in size and time.

The trust store is read once: reading it takes longer than a call.
"""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx


class AnswerUnbounded(httpx.HTTPError):
    """An answer is larger, or takes longer, than any proper one, or is packed although nobody asked for that."""


@dataclass(frozen=True, slots=True)
class Received:
    """An answer, whole."""

    status: int
    headers: httpx.Headers
    content: bytes


def open_client(
    *, base_url: str = "", headers: dict[str, str] | None = None, seconds: float = 20.0, follow_redirects: bool = False
) -> httpx.Client:
    """A client for a `with` block: certificates checked, no redirects unless asked for, a limit on each wait."""
    return httpx.Client(
        base_url=base_url,
        headers={"Accept-Encoding": "identity", **(headers or {})},
        timeout=httpx.Timeout(seconds, connect=min(seconds, 5.0)),
        follow_redirects=follow_redirects,
        verify=_trust(),
    )


def receive(client: httpx.Client, method: str, url: str, *, largest: int, seconds: float, **parts: Any) -> Received:
    """Ask, and take the answer as it comes: at most `largest` bytes, at most about `seconds` altogether.

    What is packed is not taken: a few bytes could unpack to all memory there is. Raises httpx.HTTPError, of which
    AnswerUnbounded is one; httpx.InvalidURL.
    """
    begun, content = time.monotonic(), bytearray()
    with client.stream(method, url, **parts) as response:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise AnswerUnbounded("it is packed")
        for piece in response.iter_raw():
            content += piece
            if len(content) > largest:
                raise AnswerUnbounded(f"it is larger than {largest} bytes")
            if time.monotonic() - begun > seconds:
                raise AnswerUnbounded(f"it takes longer than {seconds:.0f} s")
        return Received(response.status_code, response.headers, bytes(content))


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
