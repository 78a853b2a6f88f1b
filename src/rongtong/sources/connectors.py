"""Pulling from a source over HTTP: bounded in size, time and patience, and shown the receipt of each consent."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import httpx
from django.utils.translation import gettext as _

from rongtong.core.http import AnswerUnbounded, open_client, receive
from rongtong.sources.contracts import RawRows, SourceKind
from rongtong.sources.errors import SourceRefused, SourceUnavailable
from rongtong.sources.messages import parse_pulled

SUBJECTS_PER_CALL = 50
BODY_LIMIT = 256 * 1024 * 1024
SECONDS_PER_CALL = 120
_ATTEMPTS = 3
_FLEETING = {429, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said about some subjects."""

    rows: RawRows
    digest: str
    """SHA-256 of the message as it came."""
    simulated: bool
    """Whether the source says that its data is made up."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a source answers and what it is shown."""

    url: str
    token: str

    def pull(self, kind: SourceKind, *, receipts: Mapping[str, str], since: date, until: date) -> Iterator[Answer]:
        """Ask about the subjects of `receipts` (USCC -> digest of the consent's receipt), both days inclusive.

        One answer for each call of at most 50 subjects; the next call is under way while an answer is parsed. Raises
        SourceUnavailable, SourceRefused, MessageMalformed; the answers before it stand.
        """
        if not self.url:
            raise SourceUnavailable(kind=kind.value, detail=_("no address is configured"))
        subjects = sorted(receipts)
        calls = [subjects[at : at + SUBJECTS_PER_CALL] for at in range(0, len(subjects), SUBJECTS_PER_CALL)]
        with open_client(seconds=30) as client, ThreadPoolExecutor(1) as ahead:

            def ask(call: Sequence[str]) -> tuple[bytes, bool]:
                request = {
                    "subjects": call,
                    "since": since.isoformat(),
                    "until": until.isoformat(),
                    "consent_receipts": {subject: receipts[subject] for subject in call},
                }
                return self._ask(client, kind, request)

            waiting = ahead.submit(ask, calls[0]) if calls else None
            for place, call in enumerate(calls):
                assert waiting is not None
                payload, simulated = waiting.result()
                waiting = ahead.submit(ask, calls[place + 1]) if place + 1 < len(calls) else None
                rows = parse_pulled(kind, payload, frozenset(call))
                yield Answer(rows=rows, digest=hashlib.sha256(payload).hexdigest(), simulated=simulated)

    def _ask(self, client: httpx.Client, kind: SourceKind, request: Mapping[str, object]) -> tuple[bytes, bool]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._answer(client, kind, request)
            except SourceUnavailable:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(0.2 * attempt)
        raise AssertionError("unreachable")

    def _answer(self, client: httpx.Client, kind: SourceKind, request: Mapping[str, object]) -> tuple[bytes, bool]:
        headers = {"Authorization": f"Bearer {self.token}"}
        address = f"{self.url}/sources/{kind.value}"
        try:
            answer = receive(
                client, "POST", address, largest=BODY_LIMIT, seconds=SECONDS_PER_CALL, json=request, headers=headers
            )
        except AnswerUnbounded as error:
            raise SourceUnavailable(kind=kind.value, detail=_("its answer is beyond all measure")) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceUnavailable(kind=kind.value, detail=type(error).__name__) from error
        if answer.status in _FLEETING or answer.status >= 500:
            raise SourceUnavailable(kind=kind.value, detail=f"status {answer.status}")
        if answer.status != 200:
            raise SourceRefused(kind=kind.value, detail=f"status {answer.status}")
        return answer.content, answer.headers.get("X-Simulated", "").lower() == "true"
