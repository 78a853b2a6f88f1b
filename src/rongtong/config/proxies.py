"""Who sends a request when proxies stand in front: only what a trusted proxy says about the sender is believed."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

_SAID_BY_PROXIES = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


class Trusted:
    """The addresses and networks of the proxies in front (`10.0.0.0/8`, `::1`). Raises ValueError for what is none."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(ip_network(one, strict=False) for one in networks)

    def includes(self, address: str) -> bool:
        try:
            known = ip_address(address)
        except ValueError:
            return False
        return any(known in network for network in self._networks if network.version == known.version)

    def settle(self, environ: dict[str, Any], *, peer: str) -> None:
        """Put the sender's address into a WSGI environment, and take out what an untrusted peer says of itself.

        The sender is the last address in X-Forwarded-For that is no trusted proxy: whatever stands before it may be invented.
        """
        environ["REMOTE_ADDR"] = peer
        if not self.includes(peer):
            for name in _SAID_BY_PROXIES:
                environ.pop(name, None)
            return
        environ.pop("HTTP_X_FORWARDED_HOST", None)  # nobody needs it: proxies hand the Host header on
        named = [one.strip() for one in environ.pop("HTTP_X_FORWARDED_FOR", "").split(",")]
        for one in reversed([one for one in named if one]):
            try:
                environ["REMOTE_ADDR"] = str(ip_address(one))
            except ValueError:
                return  # not an address: what stands before it is not believed either
            if not self.includes(one):
                return
