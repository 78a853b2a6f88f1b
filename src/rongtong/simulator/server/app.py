"""What the server answers: routes, consent receipts, tokens, limits. No sockets here."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from rongtong.simulator.server import cash, invoices, offices, profiles, public, registers
from rongtong.simulator.server.books import Books
from rongtong.simulator.server.debtors import payable
from rongtong.simulator.server.messages import Kind, MalformedMessage, notification, read_message, status_report
from rongtong.simulator.server.store import Region
from rongtong.simulator.world.calendar import day_number

MAX_JSON, MAX_XML = 256 * 1024, 8 * 1024 * 1024
MAX_SUBJECTS = 50
KINDS = ("registration", "tax", "invoices", "social_insurance", "electricity", "bank_flows", "courts", "news")
_XML = "application/xml; charset=utf-8"
_JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers and a body in parts."""

    status: int
    content_type: str
    body: Iterable[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """An answer other than success, as problem JSON."""

    def __init__(self, status: int, code: str, title: str, detail: str = "", **more: Any) -> None:
        super().__init__(code)
        self.status, self.code, self.title, self.detail, self.more = status, code, title, detail, more

    def answer(self) -> Answer:
        """As RFC 9457 problem JSON."""
        content = {
            "type": f"urn:rongtong:simulator:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "simulated": True,
            **self.more,
        }
        return Answer(self.status, "application/problem+json", (json.dumps(content, ensure_ascii=False).encode(),))


class Application:
    """Answers requests over one region; safe for many threads."""

    def __init__(self, region: Region, token: str, *, books: Path | None = None) -> None:
        self._region, self._token = region, token.encode()
        self.books = Books(
            books or region.folder,
            payable=lambda debtor, day, fen: payable(region, debtor=debtor, day=day, amount_fen=fen),
            closed=self._is_closed,
        )

    def body_limit(self, path: str) -> int:
        """Most bytes that a body for this address may have."""
        return MAX_XML if path.startswith("/banks/") else MAX_JSON

    def answer(self, method: str, target: str, authorization: str | None, read_body: Callable[[], bytes]) -> Answer:
        """The answer to a request; problems are answers too."""
        try:
            return self._answer(method, target, authorization, read_body)
        except Refusal as refusal:
            return refusal.answer()

    def _answer(self, method: str, target: str, authorization: str | None, read_body: Callable[[], bytes]) -> Answer:
        parts = urlsplit(target)
        if parts.path == "/health":
            self._only(method, "GET")
            return _json(200, {"status": "ok", "simulated": True, "enterprises": self._region.summary.enterprises})
        self._authenticate(authorization)
        source = re.fullmatch(r"/sources/([a-z_]{1,40})", parts.path)
        if source and source[1] in KINDS:
            self._only(method, "POST")
            return self._source(source[1], read_body())
        if parts.path == "/registers":
            self._only(method, "POST")
            return self._registers(read_body())
        bank = re.fullmatch(r"/banks/([^/]{1,80})/(payments|collections|statements)", parts.path)
        if bank is None:
            raise Refusal(404, "not_found", "No such address")
        if not re.fullmatch(r"[a-z0-9_]{1,24}", bank[1]):
            raise Refusal(400, "malformed_request", "The lender code cannot be read")
        if bank[2] == "statements":
            self._only(method, "GET")
            return self._statement(bank[1], parse_qs(parts.query))
        self._only(method, "POST")
        return self._message(bank[1], "payment" if bank[2] == "payments" else "collection", read_body())

    def _authenticate(self, authorization: str | None) -> None:
        scheme, _, given = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token):
            raise Refusal(401, "unauthenticated", "A bearer token is needed")

    def _only(self, method: str, allowed: str) -> None:
        if method != allowed:
            raise Refusal(405, "method_not_allowed", "The address takes another method", f"use {allowed}")

    def _source(self, kind: str, body: bytes) -> Answer:
        subjects, since, until = self._asked(body)
        region = self._region
        firms = region.firms(subjects)
        headers = {"X-Next-Since": (until + timedelta(days=1)).isoformat()} if until < date.max else {}
        answers: dict[str, tuple[str, Callable[[], Iterable[bytes]]]] = {
            "invoices": ("application/zip", partial(invoices.invoice_zip, region, firms, since, until)),
            "social_insurance": (
                "text/csv; charset=utf-8",
                partial(offices.social_insurance, region, firms, since, until),
            ),
            "electricity": ("text/csv; charset=gb18030", partial(offices.electricity, region, firms, since, until)),
            "bank_flows": (_XML, partial(cash.statement_document, region, firms, since, until)),
            "news": ("application/rss+xml; charset=utf-8", lambda: (public.news(region, firms, since, until),)),
        }
        if kind in answers:
            content_type, make = answers[kind]
            return Answer(200, content_type, make(), headers)
        entries = {"registration": profiles.registration, "tax": offices.tax, "courts": public.courts}[kind]
        content = {
            "generated": True,
            "kind": kind,
            "since": since.isoformat(),
            "until": until.isoformat(),
            "subjects": entries(region, firms, since, until),
        }
        return _json(200, content, headers)

    def _registers(self, body: bytes) -> Answer:
        """All public registers about one firm on a day; nobody's consent is asked."""
        try:
            content = json.loads(body)
            subject, on = str(content["subject"]), date.fromisoformat(content["on"])
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Refusal(400, "malformed_request", "The request cannot be read", "subject and on are needed") from None
        told = registers.standing(self._region, subject, on)
        return _json(200, {"generated": True, "subject": subject, "on": on.isoformat(), "registers": told})

    def _asked(self, body: bytes) -> tuple[list[str], date, date]:
        """Subjects and window of a request; refuses what has no consent receipt."""
        try:
            content = json.loads(body)
            subjects, receipts = content["subjects"], content["consent_receipts"]
            since, until = date.fromisoformat(content["since"]), date.fromisoformat(content["until"])
            if not (isinstance(subjects, list) and isinstance(receipts, dict)):
                raise TypeError
            if not all(isinstance(one, str) and 0 < len(one) <= 64 for one in subjects):
                raise TypeError
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Refusal(
                400, "malformed_request", "The request cannot be read",
                "subjects, since, until and consent_receipts are needed; dates as YYYY-MM-DD",
            ) from None  # fmt: skip
        if len(subjects) > MAX_SUBJECTS:
            raise Refusal(400, "too_many_subjects", "Too many subjects", f"at most {MAX_SUBJECTS} in a call")
        if since > until:
            raise Refusal(400, "malformed_request", "The window is empty", "since lies after until")
        bare = [one for one in subjects if not _is_receipt(receipts.get(one))]
        if bare:
            raise Refusal(
                403, "consent_receipt_missing", "No consent, no data",
                "each subject needs the digest of its consent receipt", subjects=bare,
            )  # fmt: skip
        return subjects, since, until

    def _message(self, lender: str, kind: Kind, body: bytes) -> Answer:
        try:
            message = read_message(body, kind)
        except MalformedMessage as problem:
            raise Refusal(400, "malformed_message", "The message cannot be read", str(problem)) from None
        created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
        outcomes, first = self.books.take_in(lender, message, created)
        return Answer(200, _XML, (status_report(message, outcomes, first),))

    def _statement(self, lender: str, query: Mapping[str, list[str]]) -> Answer:
        try:
            day = date.fromisoformat(query["date"][0])
        except (KeyError, ValueError):
            raise Refusal(400, "malformed_request", "The date cannot be read", "give date=YYYY-MM-DD") from None
        return Answer(200, _XML, (notification(lender, day, self.books.bookings(lender, day)),))

    def _is_closed(self, party: str, day: date) -> bool:
        firm = self._region.index_of.get(party)
        return firm is not None and 0 <= self._region.closed_day[firm] <= day_number(day)


def _json(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Answer:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Answer(status, _JSON, (text.encode(),), headers or {})


def _is_receipt(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-fA-F]{64}", value) is not None
