"""Land a delivery: judge its rows, keep the refused ones, append the new ones; each of the three exactly once.

The order makes a crash harmless. The batch, its counts and its refused rows are written first; then the rows are
committed to the record table in one atomic step that names the batch; then the batch is marked as landed. Whoever lands
next settles what a crash left: a batch whose commit is there is finished, one whose commit is not is closed as
interrupted. All under a lock per kind, so that two deliveries cannot both take a row for new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import pyarrow as pa
from django.db import connection, transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id, new_id
from rongtong.core.journal import Deed, record
from rongtong.records.actions.vouch_for_files import vouch_for_files
from rongtong.records.adapters.judge import Judgement, Subject
from rongtong.records.adapters.locks import landing_lock
from rongtong.records.adapters.refused import keep_refused
from rongtong.records.adapters.tables import append_rows, scan_rows, snapshot_of_batch
from rongtong.records.contracts import LandingReport, Rank
from rongtong.records.models import Batch
from rongtong.records.rules import counting_ranks
from rongtong.rulebook import facade as rulebook
from rongtong.sources.contracts import RawRows, SourceKind

_KNOWN = ("row_id", "record_key", "version", "rank")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where rows come from and when they were collected; `not_after` is the last day that they may speak of."""

    source: str
    name: str
    payload_digest: str
    collected_at: datetime
    not_after: date
    rank: Rank
    """In what standing its rows are stated: set by the channel and the sender, never by what was sent."""
    part: str = ""
    organisation_id: UUID | None = None
    corrects: bool = True
    """Whether its word stands above what is landed already; else a contradiction is refused and not a new version."""


def land_rows(
    *, rows: RawRows, delivery: Delivery, subjects: Sequence[Subject], actor: Actor, at: datetime
) -> LandingReport:
    """Land the rows of one file or message; safe to call again with the same ones.

    Every row read is landed, a duplicate of a landed row (same firm, key and content), or quarantined.
    """
    tolerance = int(rulebook.value("records.invoice_tolerance_minor", on=delivery.not_after))
    judgement = Judgement(rows, subjects, not_after=delivery.not_after, tolerance_minor=tolerance, rank=delivery.rank)
    try:
        with landing_lock(rows.kind):
            settled = settle_batches(kind=rows.kind, at=at)
            finished = next((batch for batch in settled if _is_of(batch, delivery)), None)
            if finished is not None:  # a crash cut this very delivery off after its commit
                return _report(finished)
            return _land(judgement, delivery, subjects, actor, at)
    finally:
        judgement.close()


def settle_batches(*, kind: SourceKind, at: datetime) -> list[Batch]:
    """Finish or close the batches that a crash left; those whose rows are in the table. Call it under the landing lock."""
    finished = []
    for batch in Batch.objects.filter(item=kind.value, state=Batch.State.LANDING):
        snapshot_id = snapshot_of_batch(kind, str(batch.id))
        if snapshot_id is None:
            batch.state, batch.landed, batch.duplicates = Batch.State.INTERRUPTED, 0, 0
            batch.rows_read = batch.quarantined
            batch.save(update_fields=["state", "landed", "duplicates", "rows_read"])
        else:
            columns = ("enterprise_id", "occurred_date")
            rows = scan_rows(kind, enterprise_ids=None, columns=columns, batch_id=str(batch.id))
            _finish(batch, snapshot_id, rows, at)
            finished.append(batch)
    return finished


def _land(
    judgement: Judgement, delivery: Delivery, subjects: Sequence[Subject], actor: Actor, at: datetime
) -> LandingReport:
    kind, batch_id = judgement.kind, new_id()
    known = scan_rows(kind, enterprise_ids=judgement.firms, columns=_KNOWN)
    if not delivery.corrects:
        judgement.refuse_contradictions(known)
    rows = judgement.new_rows(
        known, batch_id=str(batch_id), source=delivery.source, collected_at=delivery.collected_at, at=at
    )
    consents = {one.consent_id for one in subjects}
    batch = Batch(
        id=batch_id,
        item=kind.value,
        source=delivery.source,
        part=delivery.part,
        rank=delivery.rank.value,
        name=delivery.name[:200],
        payload_digest=delivery.payload_digest,
        state=Batch.State.LANDING if rows.num_rows else Batch.State.LANDED,
        rows_read=judgement.rows_read,
        landed=rows.num_rows,
        duplicates=judgement.kept - rows.num_rows,
        quarantined=judgement.refused.num_rows,
        reasons=judgement.reasons(),
        consent_id=consents.pop() if len(consents) == 1 else None,
        organisation_id=delivery.organisation_id,
        **actor.columns(),
        collected_at=delivery.collected_at,
        recorded_at=at,
    )
    facts = {
        "item": kind.value,
        "source": delivery.source,
        "rank": delivery.rank.value,
        **{name: getattr(batch, name) for name in _COUNTS},
    }
    with transaction.atomic():
        batch.save(force_insert=True)
        keep_refused(batch, judgement.refused)
        record(deed=Deed("records.received", encode_id("bat", batch_id), facts=facts), actor=actor, at=at)
    if rows.num_rows:
        snapshot_id = append_rows(kind, rows, str(batch_id))
        _finish(batch, snapshot_id, rows, at)
    return _report(batch)


_COUNTS = ("rows_read", "landed", "duplicates", "quarantined")


def _finish(batch: Batch, snapshot_id: int, rows: pa.Table, at: datetime) -> None:
    """Mark a batch as landed and count its rows into the holdings, in one transaction: done once or not at all."""
    vouch_for_files(SourceKind(batch.item), at)
    held = rows.group_by("enterprise_id").aggregate(
        [("occurred_date", "count"), ("occurred_date", "min"), ("occurred_date", "max")]
    )
    with transaction.atomic():
        batch.state, batch.snapshot_id = Batch.State.LANDED, snapshot_id
        batch.save(update_fields=["state", "snapshot_id"])
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO records_holding (id, enterprise_id, item, rows, first_date, last_date, recorded_at)
                   SELECT gen_random_uuid(), firm, %(item)s, rows, first, last, %(at)s
                   FROM unnest(%(firms)s::uuid[], %(rows)s::bigint[], %(first)s::date[], %(last)s::date[]) AS held (firm, rows, first, last)
                   ORDER BY firm
                   ON CONFLICT (enterprise_id, item) DO UPDATE SET
                     rows = records_holding.rows + excluded.rows,
                     first_date = least(records_holding.first_date, excluded.first_date),
                     last_date = greatest(records_holding.last_date, excluded.last_date),
                     recorded_at = excluded.recorded_at""",
                {
                    "item": batch.item,
                    "at": at,
                    "firms": held["enterprise_id"].to_pylist(),
                    "rows": held["occurred_date_count"].to_pylist(),
                    "first": held["occurred_date_min"].to_pylist(),
                    "last": held["occurred_date_max"].to_pylist(),
                },
            )


def _is_of(batch: Batch, delivery: Delivery) -> bool:
    return (batch.payload_digest, batch.source, batch.part) == (
        delivery.payload_digest,
        delivery.source,
        delivery.part,
    )


def _report(batch: Batch) -> LandingReport:
    counts = batch.rank in counting_ranks(SourceKind(batch.item), asserted=True)
    return LandingReport(
        **{name: getattr(batch, name) for name in _COUNTS},
        reasons=dict(batch.reasons),
        unverified=0 if counts else batch.landed,
    )
