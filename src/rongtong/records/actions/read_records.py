"""Read records of firms: the consent of each is asked first, and the asking is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.consent import facade as consent
from rongtong.core.actors import Actor
from rongtong.core.errors import NotFound
from rongtong.core.tenancy import as_platform
from rongtong.records import rules
from rongtong.records.adapters.books import assertions_count
from rongtong.records.adapters.tables import current_snapshot_id, has_snapshot, scan_rows
from rongtong.records.contracts import RECORD_SCHEMAS, RecordsRead, SourceKind
from rongtong.records.models import Batch, TableState
from rongtong.records.rules import count_ranks, view, view_needs, within_spans


@dataclass(frozen=True, slots=True)
class _State:
    """Which records are asked for, as they were known when."""

    as_of: date
    known_at: datetime | None
    snapshot_id: int | None


class SnapshotUnknown(NotFound):
    """There never was such a state of the record table."""

    code = "snapshot_unknown"
    message = _("The records of %(item)s never stood at %(snapshot)s.")


def read_records(
    *,
    reader_id: UUID,
    enterprise_ids: Sequence[UUID],
    item: str,
    purpose: str,
    actor: Actor,
    at: datetime,
    as_of: date,
    known_at: datetime | None = None,
    snapshot_id: int | None = None,
    columns: Sequence[str] | None = None,
    ranks: Collection[str] | None = None,
) -> RecordsRead:
    """The records of one item of firms, as of a date, for a reader that each of the firms has authorised.

    A record counts if it occurred on or before `as_of`, in its latest version as known at `known_at` or in the state
    `snapshot_id` (both None: now); dates in a row after `as_of` are not told, nor is a record outside the span of data
    that the reader was authorised for, whatever authorisation it was landed under. One question to consent, whatever the
    number of firms. `columns` cuts the table; None gives all of RECORD_SCHEMAS[item]. `ranks` (see `counting_ranks`)
    leaves out what was stated in another standing; None gives all. Raises ConsentMissing unless all
    are permitted, ReadMalformed, SnapshotUnknown.
    """
    allowed = consent.require(
        reader_id=reader_id,
        enterprise_ids=enterprise_ids,
        item=item,
        purpose=purpose,
        fields=columns,
        actor=actor,
        at=at,
    )
    spans = consent.authorised_spans(reader_id=reader_id, enterprise_ids=allowed, item=item, purpose=purpose, at=at)
    state = _State(as_of, known_at, snapshot_id)
    return _read(allowed, spans, SourceKind(item), state, columns=columns, ranks=ranks)


def read_permitted_records(
    *,
    reader_id: UUID,
    enterprise_ids: Sequence[UUID],
    item: str,
    purpose: str,
    actor: Actor,
    at: datetime,
    as_of: date,
    known_at: datetime | None = None,
    snapshot_id: int | None = None,
    columns: Sequence[str] | None = None,
    ranks: Collection[str] | None = None,
) -> RecordsRead:
    """As `read_records`, of those of the firms that permit it: `consents` says which; refusals are kept all the same."""
    allowed = consent.permitted(
        reader_id=reader_id,
        enterprise_ids=enterprise_ids,
        item=item,
        purpose=purpose,
        fields=columns,
        actor=actor,
        at=at,
    )
    spans = consent.authorised_spans(reader_id=reader_id, enterprise_ids=allowed, item=item, purpose=purpose, at=at)
    state = _State(as_of, known_at, snapshot_id)
    return _read(allowed, spans, SourceKind(item), state, columns=columns, ranks=ranks)


def counting_ranks(*, item: str) -> frozenset[str]:
    """The ranks of an item that scores, limits and decisions rest on in the present book: an evaluation takes an importer's word too."""
    return rules.counting_ranks(SourceKind(item), asserted=assertions_count())


def _read(
    allowed: Mapping[UUID, UUID | None],
    spans: Mapping[UUID, tuple[date, date]],
    kind: SourceKind,
    asked: _State,
    *,
    columns: Sequence[str] | None,
    ranks: Collection[str] | None,
) -> RecordsRead:
    as_of, known_at, snapshot_id = asked.as_of, asked.known_at, asked.snapshot_id
    state = snapshot_id if snapshot_id is not None else current_snapshot_id(kind)
    if snapshot_id is not None and not has_snapshot(kind, snapshot_id):
        known_at = _moment_of(kind, snapshot_id, known_at)
        snapshot_id = None
    names = tuple(columns or RECORD_SCHEMAS[kind].names)
    landed = scan_rows(
        kind, enterprise_ids=[str(one) for one in allowed], columns=view_needs(kind, names), snapshot_id=snapshot_id
    )
    seen = view(kind, landed, view_needs(kind, names), as_of=as_of, known_at=known_at, ranks=ranks)
    table = within_spans(kind, seen, spans).select(list(names))
    told = within_spans(kind, landed, spans)
    counted = count_ranks(told, as_of=as_of, ranks=ranks or counting_ranks(item=kind.value))
    return RecordsRead(table=table, snapshot_id=state, consents=dict(allowed), ranks=counted)


def _moment_of(kind: SourceKind, snapshot_id: int, known_at: datetime | None) -> datetime:
    """When a state was that an erasure has since removed: what was known then, less what was erased, is its rows."""
    named = {"item": kind.value, "snapshot_id": snapshot_id}
    with as_platform():
        moment = (
            Batch.objects.filter(**named).values_list("recorded_at", flat=True).first()
            or TableState.objects.filter(**named).values_list("recorded_at", flat=True).first()
        )
    if moment is None:
        raise SnapshotUnknown(item=kind.value, snapshot=snapshot_id)
    return min(moment, known_at) if known_at else moment
