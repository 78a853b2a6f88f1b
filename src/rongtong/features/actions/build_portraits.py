"""Build the portraits of enterprises as of a date, and keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Item, Purpose
from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.ids import encode_id, new_id
from rongtong.core.journal import Deed, record_all
from rongtong.core.tenancy import as_platform
from rongtong.features.adapters.compute import evaluate_known
from rongtong.features.adapters.content import (
    content_of,
    evidence_of,
    inputs_digest,
    lineage_of,
    portrait_of,
)
from rongtong.features.adapters.observations import Observed, Reader, observe_in_chunks
from rongtong.features.contracts import VERSION, Portrait
from rongtong.features.models import PortraitRow


def build_portraits(
    *,
    enterprise_ids: Sequence[UUID],
    as_of: date,
    reader_id: UUID,
    actor: Actor,
    at: datetime,
    purpose: str = Purpose.FINANCING,
    snapshots: Mapping[str, int] | None = None,
) -> tuple[Portrait, ...]:
    """The portraits of the enterprises in their order, built from the records that consent opens to the reader.

    Safe to run twice: the same records, consents and parameters give back the portrait that is there. Items without
    consent give no values. Raises ConsentMissing unless the item `portrait` is permitted for all of them.
    """
    asked = list(dict.fromkeys(enterprise_ids))
    consent.require(
        reader_id=reader_id,
        enterprise_ids=asked,
        item=Item.PORTRAIT,
        purpose=str(purpose),
        actor=actor,
        at=at,
    )
    built: dict[UUID, Portrait] = {}
    reader = Reader(reader_id, str(purpose), actor, at)
    for observed in observe_in_chunks(asked, reader=reader, as_of=as_of, snapshots=snapshots):
        digests = {one: inputs_digest(observed, one, as_of) for one in observed.enterprise_ids}
        with as_platform():  # what is derived belongs to the firm; consent has been asked above
            known = _stored(digests, as_of)
            missing = [one for one in observed.enterprise_ids if one not in known]
            if missing:
                known |= _store(_rows(observed, missing, digests, as_of, at), digests, as_of, actor, at)
        built |= {one: portrait_of(row) for one, row in known.items()}
    return tuple(built[one] for one in enterprise_ids)


def _rows(
    observed: Observed, wanted: Sequence[UUID], digests: Mapping[UUID, str], as_of: date, at: datetime
) -> list[PortraitRow]:
    """Compute what is missing."""
    chosen = set(wanted)
    narrowed = replace(observed, enterprise_ids=tuple(one for one in observed.enterprise_ids if one in chosen))
    evaluated, states = evaluate_known(narrowed, [as_of], with_series=True)
    rows = []
    for index, enterprise_id in enumerate(narrowed.enterprise_ids):
        content = content_of(narrowed, evaluated, index, as_of, states[index])
        row = PortraitRow(
            id=new_id(),
            enterprise_id=enterprise_id,
            as_of=as_of,
            version=VERSION,
            inputs_digest=digests[enterprise_id],
            content=content,
            content_digest=digest(content.encode()),
            lineage=lineage_of(narrowed, enterprise_id, as_of),
            generated=any(usage[index].generated for usage in evaluated.usage.values()),
            recorded_at=at,
        )
        row.digest = digest(evidence_of(row))
        rows.append(row)
    return rows


def _store(
    rows: Sequence[PortraitRow], digests: Mapping[UUID, str], as_of: date, actor: Actor, at: datetime
) -> dict[UUID, PortraitRow]:
    """Keep the rows; where another process was faster with the same one, its row stays and is given back."""
    with transaction.atomic():
        PortraitRow.objects.bulk_create(rows, batch_size=200, ignore_conflicts=True)
        kept = _stored(digests, as_of)
        own = {row.id for row in rows}
        record_all(
            deeds=[
                Deed(
                    "portrait.built",
                    encode_id("prt", row.id),
                    row.enterprise_id,
                    {"as_of": as_of, "digest": row.digest},
                )
                for row in kept.values()
                if row.id in own
            ],
            actor=actor,
            at=at,
        )
    return kept


def _stored(digests: Mapping[UUID, str], as_of: date) -> dict[UUID, PortraitRow]:
    rows = PortraitRow.objects.filter(
        enterprise_id__in=list(digests), as_of=as_of, version=VERSION, inputs_digest__in=set(digests.values())
    )
    return {row.enterprise_id: row for row in rows if digests[row.enterprise_id] == row.inputs_digest}
