"""The lenders' banks over HTTP. Never called inside a database transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Unavailable
from rongtong.core.http import open_client, receive
from rongtong.core.tenancy import Book, current_book
from rongtong.servicing.adapters.xml import MAX_BYTES

_SECONDS_PER_CALL = 60


class BankUnavailable(Unavailable):
    """A lender's bank did not answer, or not as it should; what was to be sent waits and is sent again."""

    code = "bank_unavailable"
    message = _("The lender's bank does not answer right now; the instruction waits and is sent again.")


class Bank:
    """The banks behind one address, one connection kept open."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def pay(self, lender_code: str, xml: str) -> bytes:
        """Send a pain.001; the pain.002 that answers it. Raises BankUnavailable."""
        return self._post(f"/banks/{lender_code}/payments", xml)

    def collect(self, lender_code: str, xml: str) -> bytes:
        """Send a pain.008; the pain.002 that answers it. Raises BankUnavailable."""
        return self._post(f"/banks/{lender_code}/collections", xml)

    def statement(self, lender_code: str, day: date) -> bytes:
        """The camt.054 of a day. Raises BankUnavailable."""
        return self._exchange("GET", f"/banks/{lender_code}/statements", params={"date": day.isoformat()})

    def _post(self, path: str, xml: str) -> bytes:
        return self._exchange("POST", path, content=xml.encode(), headers={"Content-Type": "application/xml"})

    def _exchange(self, method: str, path: str, **parts: object) -> bytes:
        try:
            answer = receive(self._client, method, path, largest=MAX_BYTES, seconds=_SECONDS_PER_CALL, **parts)
        except httpx.HTTPError as error:
            raise BankUnavailable(why=type(error).__name__) from error
        if answer.status != 200:
            raise BankUnavailable(why=f"status {answer.status}", status=answer.status)
        return answer.content


@contextmanager
def open_bank(*, url: str = "", token: str = "") -> Iterator[Bank]:
    """The banks at an address that is given, else at the configured one, SOURCES_URL.

    An evaluation has no configured bank: what it orders goes to an address that is given for it, or nowhere. Raises
    BankUnavailable where there is no address.
    """
    if not url:
        if current_book() is not Book.LIVE:
            raise BankUnavailable(why="an evaluation orders nothing from a real bank")
        url, token = settings.SOURCES_URL, settings.SOURCES_TOKEN
    if not url:
        raise BankUnavailable(why="no address is configured")
    with open_client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield Bank(client)
