"""Ports on this machine: find a free one and keep it from others until the server that is to have it listens."""

from __future__ import annotations

import socket

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Unavailable


class NoFreePort(Unavailable):
    """Neither the wanted port nor a hundred above it can be listened on at this address."""

    code = "no_free_port"
    message = _("No port can be listened on at %(host)s: %(why)s")


class Port:
    """A port that is ours as long as this lives: bound, not listening, shared with our own server only.

    The web server listens with SO_REUSEPORT. Two of them that chose the same port at the same time would share its
    visitors; whoever claims first has it alone.
    """

    def __init__(self, host: str, number: int) -> None:
        family, _kind, _protocol, _name, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        self._claim = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # over connections that are fading out
            self._claim.bind(address)
        except OSError:
            self._claim.close()
            raise
        self._claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        self._claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.number = int(self._claim.getsockname()[1])

    def release(self) -> None:
        self._claim.close()


def claim(host: str, wanted: int) -> Port:
    """The wanted port, or the next free one above it. Raises NoFreePort."""
    why = ""
    for number in [*range(wanted, min(wanted + 100, 65536)), 0]:
        try:
            return Port(host, number)
        except OSError as error:
            why = error.strerror or str(error)
    raise NoFreePort(host=host, why=why)
