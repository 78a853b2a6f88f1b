"""HTTP to others: one way to open a client, with the trust store read once (reading it takes longer than a call)."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


def open_client(
    *, base_url: str = "", headers: dict[str, str] | None = None, seconds: float = 20.0, follow_redirects: bool = False
) -> httpx.Client:
    """A client for a `with` block: certificates checked, no redirects unless asked for, a limit on each wait."""
    return httpx.Client(
        base_url=base_url,
        headers=headers,
        timeout=httpx.Timeout(seconds, connect=min(seconds, 5.0)),
        follow_redirects=follow_redirects,
        verify=_trust(),
    )


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
