"""From a figure back to the rows behind it, and from a row to where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pyarrow.compute as pc

from rongtong.consent import facade as consent
from rongtong.core.actors import Actor
from rongtong.records.adapters.tables import scan_rows
from rongtong.records.contracts import BatchId, Provenance, SourceKind
from rongtong.records.queries.batches import batches_by_id
from rongtong.records.rules import within_spans
from rongtong.sources.contracts import SOURCE_SCHEMAS


def trace_records(
    *,
    item: str,
    row_ids: Sequence[str],
    reader_id: UUID,
    purpose: str,
    actor: Actor,
    at: datetime,
    enterprise_ids: Sequence[UUID] | None = None,
) -> tuple[Provenance, ...]:
    """Rows by id, whatever their version, with source, delivery, consent and times; ids without a row, or
    of a row that the reader was not authorised for, are left out alike.

    Naming the firms, where they are known, saves looking through all of them, and all of them must have authorised the
    reader. Raises ConsentMissing.
    """
    kind = SourceKind(item)
    wanted = pc.field("row_id").isin(list(row_ids))
    firms = list(enterprise_ids or ())
    if enterprise_ids is None:
        places = scan_rows(kind, enterprise_ids=None, columns=("row_id", "enterprise_id")).filter(wanted)
        firms = sorted({UUID(one) for one in places["enterprise_id"].to_pylist()})
    if not firms:
        return ()
    ask = consent.permitted if enterprise_ids is None else consent.require
    allowed = ask(reader_id=reader_id, enterprise_ids=firms, item=item, purpose=purpose, actor=actor, at=at)
    if not allowed:
        return ()
    spans = consent.authorised_spans(reader_id=reader_id, enterprise_ids=allowed, item=item, purpose=purpose, at=at)
    rows = within_spans(
        kind, scan_rows(kind, enterprise_ids=[str(one) for one in allowed]).filter(wanted), spans
    ).to_pylist()
    deliveries = batches_by_id({UUID(row["batch_id"]) for row in rows})
    place = {row_id: number for number, row_id in enumerate(row_ids)}
    return tuple(
        Provenance(
            row_id=row["row_id"],
            enterprise_id=UUID(row["enterprise_id"]),
            occurred_date=row["occurred_date"],
            version=row["version"],
            values={name: row[name] for name in SOURCE_SCHEMAS[kind].names},
            source=row["source"],
            consent_id=UUID(row["consent_id"]),
            collected_at=row["collected_at"],
            recorded_at=row["recorded_at"],
            batch=deliveries.get(UUID(row["batch_id"])),
            batch_id=BatchId(UUID(row["batch_id"])),
            row_number=row["row_number"],
            generated=row["generated"],
            rank=row["rank"],
        )
        for row in sorted(rows, key=lambda row: place[row["row_id"]])
    )
