"""Collect records of firms from their sources: only what each firm has authorised, only what was not asked for yet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db import connection

from rongtong.consent import facade as consent
from rongtong.consent.contracts import ConsentId, Mode, Purpose
from rongtong.core.actors import Actor
from rongtong.core.progress import ProgressHandle
from rongtong.core.tenancy import Book, as_platform, current_book
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation
from rongtong.records.actions.land_rows import Delivery, land_rows
from rongtong.records.adapters.judge import Subject
from rongtong.records.contracts import STANDINGS, LandingReport, SourceKind
from rongtong.records.models import Holding
from rongtong.sources.facade import Answer, MessageMalformed, Source, SourceRefused, SourceUnavailable, joined

OVERLAP = timedelta(days=7)
"""How far back a source is asked again, for what it learnt late."""
_CALLS_PER_LANDING = 40


def collect_records(
    *,
    enterprise_ids: Sequence[UUID],
    kinds: Sequence[str],
    until: date,
    actor: Actor,
    at: datetime,
    purpose: str = Purpose.FINANCING,
    progress: ProgressHandle | None = None,
    source: Source | None = None,
) -> dict[str, LandingReport]:
    """Pull what the sources hold up to a day, and land it; by kind, what became of it. Safe to run again.

    The sources are asked at the address of `source`, or else at the configured one, SOURCES_URL; an evaluation asks none
    but one that is given for it.

    A firm that has not authorised the platform for a kind is passed over (and the refusal kept): `refused` counts
    them. A source that does not answer, or not properly, is told in `unavailable`; what it had sent before is landed,
    and the next collection asks again.
    """
    reports: dict[str, LandingReport] = {}
    with as_platform():
        firms = [one for one in parties.organisations(enterprise_ids).values() if one.identifier("uscc")]
        for name in kinds:
            kind = SourceKind(name)
            reports[name] = _collect(
                kind, firms, until=until, purpose=purpose, actor=actor, at=at, source=source or _configured()
            )
            if progress is not None:
                progress.advance()
    return reports


def _configured() -> Source:
    live = current_book() is Book.LIVE
    return Source(url=settings.SOURCES_URL if live else "", token=settings.SOURCES_TOKEN if live else "")


def _collect(
    kind: SourceKind,
    firms: Sequence[Organisation],
    *,
    until: date,
    purpose: str,
    actor: Actor,
    at: datetime,
    source: Source,
) -> LandingReport:
    asked = [firm.id for firm in firms]
    if not asked:
        return LandingReport()
    reader = parties.platform().id
    allowed = consent.permitted(
        reader_id=reader,
        enterprise_ids=asked,
        item=kind.value,
        purpose=purpose,
        mode=Mode.STORE,
        actor=actor,
        at=at,
    )
    consents = {firm: consent_id for firm, consent_id in allowed.items() if consent_id is not None}
    total = LandingReport(refused=len(asked) - len(consents))
    subjects = _subjects(firms, consents, kind)
    receipts = consent.receipts(consent_ids=list(consents.values()))
    try:
        for since, group in _windows(kind, subjects, until).items():
            shown = {one.text: receipts[ConsentId(one.consent_id)].digest for one in group}
            answers = source.pull(kind, receipts=shown, since=since, until=until)
            for some in _some(answers):
                total += _land(kind, some, group, since=since, until=until, actor=actor, at=at)
            _mark_collected(kind, group, since, until, at)
    except (SourceUnavailable, SourceRefused, MessageMalformed) as error:
        total += LandingReport(unavailable=error.code)
    return total


def _subjects(firms: Sequence[Organisation], consents: Mapping[UUID, ConsentId], kind: SourceKind) -> list[Subject]:
    ranges = consent.data_ranges(consent_ids=set(consents.values()), item=kind.value)
    return [
        Subject(firm.identifier("uscc") or "", firm.id, consents[firm.id], *ranges[consents[firm.id]], firm.generated)
        for firm in firms
        if firm.id in consents
    ]


def _windows(kind: SourceKind, subjects: Sequence[Subject], until: date) -> dict[date, list[Subject]]:
    """The firms by the first day to ask for: where the last collection ended, less the overlap, within the authorisation.

    An authorisation that goes back further than what was asked for has the source asked for all of it again.
    """
    held = Holding.objects.filter(item=kind.value, enterprise_id__in=[one.enterprise_id for one in subjects])
    asked = {
        firm: (first, last)
        for firm, first, last in held.values_list("enterprise_id", "collected_from", "collected_until")
    }
    windows: dict[date, list[Subject]] = {}
    for one in subjects:
        first, last = asked.get(one.enterprise_id, (None, None))
        goes_on = first is not None and last is not None and first <= one.range_from
        since = max(one.range_from, last - OVERLAP) if goes_on and last else one.range_from
        if since <= until:
            windows.setdefault(since, []).append(one)
    return windows


def _some(answers: Iterator[Answer]) -> Iterator[list[Answer]]:
    """Answers in bunches, each landed in one commit. A source that fails in the middle loses nothing that came before."""
    while True:
        bunch: list[Answer] = []
        try:
            for answer in islice(answers, _CALLS_PER_LANDING):
                bunch.append(answer)
        except (SourceUnavailable, SourceRefused, MessageMalformed):
            if bunch:
                yield bunch
            raise
        if not bunch:
            return
        yield bunch


def _land(
    kind: SourceKind,
    answers: Sequence[Answer],
    subjects: Sequence[Subject],
    *,
    since: date,
    until: date,
    actor: Actor,
    at: datetime,
) -> LandingReport:
    simulated = any(answer.simulated for answer in answers)
    marked = [
        Subject(one.text, one.enterprise_id, one.consent_id, one.range_from, one.range_to, one.generated or simulated)
        for one in subjects
    ]
    delivery = Delivery(
        source=f"pull:{kind.value}",
        name=f"{kind.value} {since}..{until}",
        payload_digest=hashlib.sha256("".join(answer.digest for answer in answers).encode()).hexdigest(),
        collected_at=at,
        not_after=until,
        rank=STANDINGS[kind].collected,
    )
    return land_rows(
        rows=joined([answer.rows for answer in answers]), delivery=delivery, subjects=marked, actor=actor, at=at
    )


def _mark_collected(kind: SourceKind, subjects: Sequence[Subject], since: date, until: date, at: datetime) -> None:
    """Remember from and up to which day each firm's source was asked: no record of a firm then means that there was none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO records_holding (id, enterprise_id, item, rows, collected_from, collected_until, recorded_at)
               SELECT gen_random_uuid(), firm, %(item)s, 0, %(since)s, %(until)s, %(at)s FROM unnest(%(firms)s::uuid[]) AS asked (firm)
               ORDER BY firm
               ON CONFLICT (enterprise_id, item) DO UPDATE SET
                 collected_from = least(records_holding.collected_from, excluded.collected_from),
                 collected_until = greatest(records_holding.collected_until, excluded.collected_until)""",
            {
                "item": kind.value,
                "since": since,
                "until": until,
                "at": at,
                "firms": sorted(one.enterprise_id for one in subjects),
            },
        )
