"""Whether an authorisation covers a read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from rongtong.consent.contracts import ConsentId, Fetch, Mode, Refusal
from rongtong.consent.rules.standing import Standing, is_past

_NEARNESS = list(Refusal)
_MODES = list(Mode)
_KEEPING = {Mode.STORE, Mode.STREAM}


@dataclass(frozen=True, slots=True)
class Read:
    """What is asked for: who reads which items for what, at which moment, over which span and columns of data.

    `fields` None means all columns. `mode` is the least that the reader needs.
    """

    reader_id: UUID
    items: frozenset[str]
    purpose: str
    at: datetime
    range_from: date | None = None
    range_to: date | None = None
    mode: str = Mode.VIEW
    fields: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class EntryTerms:
    """The terms of one entry that decide about a read; `number` is its place in its authorisation, from 0."""

    number: int
    grantee_ids: Sequence[UUID]
    item: str
    purpose: str
    range_from: date
    range_to: date
    mode: str = Mode.VIEW
    fetch: str = Fetch.PERIODIC
    frequency_days: int | None = None
    fields: frozenset[str] = frozenset()

    @property
    def is_limited(self) -> bool:
        """Whether its uses are counted."""
        return self.fetch == Fetch.ONETIME or self.frequency_days is not None


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one authorisation that decide about a read: of its entries, those of the items asked for are enough.

    `uses` holds, by number of a limited entry, the moments at which the reader has fetched under it.
    """

    consent_id: ConsentId
    grantee_ids: Sequence[UUID]
    entries: Sequence[EntryTerms]
    standing: Standing
    uses: Mapping[int, Sequence[datetime]] = field(default_factory=dict)


def covering(terms: Terms, read: Read) -> tuple[EntryTerms, ...] | Refusal:
    """The entries by which one authorisation covers a read, one for each item; else why it does not.

    A revocation holds from its own moment on and doesn't undo what was read before (PIPL art. 15).
    """
    if read.reader_id not in terms.grantee_ids:
        return Refusal.NOT_GRANTEE
    answers = [_entry_for(terms, read, item) for item in sorted(read.items)]
    refusals = [one for one in answers if isinstance(one, Refusal)]
    if refusals:
        return min(refusals, key=_NEARNESS.index)
    standing = terms.standing
    checks = (
        (Refusal.NOT_YET, max(standing.signed_at, standing.valid_from) <= read.at),
        (Refusal.AWAITING_CHECK, standing.checked(read.at) and not is_past(standing.rejected_at, read.at)),
        (Refusal.EXPIRED, read.at < standing.valid_to),
        (Refusal.SUSPENDED, not standing.paused(read.at)),
        (Refusal.REVOKED, not is_past(standing.revoked_at, read.at)),
    )
    refusal = next((refusal for refusal, holds in checks if not holds), None)
    return refusal or tuple(one for one in answers if isinstance(one, EntryTerms))


def refusal_of(terms: Terms, read: Read) -> Refusal | None:
    """Why one authorisation does not cover a read; None where it does."""
    answer = covering(terms, read)
    return answer if isinstance(answer, Refusal) else None


def decide(candidates: Iterable[Terms], read: Read) -> tuple[ConsentId, tuple[EntryTerms, ...]] | Refusal:
    """The newest authorisation that covers a read, with the entries that say so, else the reason nearest to a permission.

    One authorisation must cover all items asked for at once.
    """
    reason = Refusal.NO_CONSENT
    for terms in sorted(candidates, key=lambda one: one.consent_id, reverse=True):
        answer = covering(terms, read)
        if not isinstance(answer, Refusal):
            return terms.consent_id, answer
        reason = max(reason, answer, key=_NEARNESS.index)
    return reason


def is_fetch(entry: EntryTerms, read: Read) -> bool:
    """Whether a read counts as a fetch under an entry: where data may be kept, fetching it does, looking at it does not."""
    return entry.mode not in _KEEPING or read.mode in _KEEPING


def _entry_for(terms: Terms, read: Read, item: str) -> EntryTerms | Refusal:
    left = [one for one in terms.entries if one.item == item and read.reader_id in one.grantee_ids]
    steps: tuple[tuple[Refusal, Callable[[EntryTerms], bool]], ...] = (
        (Refusal.NOT_ITEM, lambda one: True),
        (Refusal.NOT_PURPOSE, lambda one: one.purpose == read.purpose),
        (Refusal.NOT_MODE, lambda one: _MODES.index(Mode(read.mode)) <= _MODES.index(Mode(one.mode))),
        (Refusal.NOT_FIELDS, lambda one: not one.fields or (read.fields is not None and read.fields <= one.fields)),
        (Refusal.NOT_RANGE, lambda one: _within(one, read)),
        (Refusal.TOO_OFTEN, lambda one: not _too_often(one, terms, read)),
        (Refusal.CONSUMED, lambda one: not _consumed(one, terms, read)),
    )
    for refusal, fits in steps:
        left = [one for one in left if fits(one)]
        if not left:
            return refusal
    return left[0]


def _within(entry: EntryTerms, read: Read) -> bool:
    begins = read.range_from is None or entry.range_from <= read.range_from
    return begins and (read.range_to is None or read.range_to <= entry.range_to)


def _earlier(entry: EntryTerms, terms: Terms, read: Read) -> list[datetime]:
    """Other fetches than this one: what is read in one moment is one fetch."""
    return [moment for moment in terms.uses.get(entry.number, ()) if moment != read.at] if is_fetch(entry, read) else []


def _too_often(entry: EntryTerms, terms: Terms, read: Read) -> bool:
    if entry.frequency_days is None:
        return False
    gap = timedelta(days=entry.frequency_days)
    return any(abs(read.at - moment) < gap for moment in _earlier(entry, terms, read))


def _consumed(entry: EntryTerms, terms: Terms, read: Read) -> bool:
    return entry.fetch == Fetch.ONETIME and bool(_earlier(entry, terms, read))
