"""Reads the records of enterprises as far as the reader's consents go, and the parameters in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa

from rongtong.consent import facade as consent
from rongtong.core.actors import Actor
from rongtong.core.tenancy import as_platform
from rongtong.features.adapters.frame import Subject
from rongtong.features.contracts import SourceState
from rongtong.features.definitions.tables import ITEMS
from rongtong.features.rules.knowledge import source_state
from rongtong.parties import facade as parties
from rongtong.parties.contracts import IdentifierScheme, Organisation, OrganisationId
from rongtong.records import facade as records
from rongtong.records.contracts import RecordsRead
from rongtong.rulebook import facade as rulebook

CHUNK = 400
"""Enterprises read at once: bounds memory, whatever the size of a portfolio."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, for what, when."""

    id: UUID
    purpose: str
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """Records of some enterprises up to a date: a table for each item of which any of them holds records."""

    enterprise_ids: tuple[UUID, ...]
    tables: Mapping[str, pa.Table]
    snapshot_ids: Mapping[str, int]
    consents: Mapping[UUID, Mapping[str, UUID | None]]
    """By enterprise, the items that were read and the consent that allowed it (None for a firm's own data)."""
    organisations: Mapping[OrganisationId, Organisation]
    coverage: Mapping[UUID, Mapping[str, date]]
    """By enterprise and item, the last day that the source was asked about."""
    ranks: Mapping[UUID, Mapping[str, Mapping[str, int]]]
    """By enterprise, item and rank, how many facts are known; those of a rank that does not count are in no table."""
    evaluated: bool
    """Whether an importer's word stands in for that of the sources: an evaluation."""


def observe(
    enterprise_ids: Sequence[UUID],
    *,
    reader: Reader,
    as_of: date,
    snapshots: Mapping[str, int],
    items: Sequence[str] = tuple(ITEMS),
) -> Observed:
    """Read the items of the enterprises up to a date, in the given states of the tables, each as far as consent goes.

    What is not held of a firm, and was not asked for, is not asked consent for either: a refusal is then never noise.
    """
    with as_platform():  # who may read is decided below; names tell a firm's transfers to itself
        organisations = parties.organisations(enterprise_ids)
        held = records.freshness(enterprise_ids=list(enterprise_ids))
        coverage = records.coverage(enterprise_ids=list(enterprise_ids))
    tables: dict[str, pa.Table] = {}
    consents: dict[UUID, dict[str, UUID | None]] = {one: {} for one in enterprise_ids}
    ranks: dict[UUID, dict[str, Mapping[str, int]]] = {one: {} for one in enterprise_ids}
    for item in items:
        about = [one for one in enterprise_ids if item in held.get(one, ()) or item in coverage.get(one, ())]
        if not about:
            continue
        if item in snapshots:
            read = _read(item, about, reader, as_of, snapshots[item])
            tables[item], allowed = read.table, read.consents
            for enterprise_id, counts in read.ranks.items():
                ranks[enterprise_id][item] = counts
        else:  # asked for, and nothing there: whoever may read knows that there is none
            allowed = consent.permitted(
                reader_id=reader.id,
                enterprise_ids=about,
                item=item,
                purpose=reader.purpose,
                actor=reader.actor,
                at=reader.at,
            )
        for enterprise_id, consent_id in allowed.items():
            consents[enterprise_id][item] = consent_id
    states = {item: snapshots[item] for item in tables if any(item in one for one in consents.values())}
    return Observed(
        tuple(enterprise_ids), tables, states, consents, organisations, coverage, ranks, records.assertions_count()
    )


def _read(item: str, enterprise_ids: Sequence[UUID], reader: Reader, as_of: date, snapshot_id: int) -> RecordsRead:
    read = records.read_permitted(
        reader_id=reader.id,
        enterprise_ids=enterprise_ids,
        item=item,
        purpose=reader.purpose,
        actor=reader.actor,
        at=reader.at,
        as_of=as_of,
        snapshot_id=snapshot_id,
        columns=tuple(ITEMS[item]),
        ranks=records.counting_ranks(item=item),
    )
    return read


def observe_in_chunks(
    enterprise_ids: Sequence[UUID],
    *,
    reader: Reader,
    as_of: date,
    snapshots: Mapping[str, int] | None = None,
) -> Iterator[Observed]:
    """The same, a bounded number of enterprises at a time, all from one state of the tables: the present one if none is given."""
    states = records.snapshots() if snapshots is None else snapshots
    for start in range(0, len(enterprise_ids), CHUNK):
        yield observe(enterprise_ids[start : start + CHUNK], reader=reader, as_of=as_of, snapshots=states)


def parameters(on: date) -> dict[str, Any]:
    """The rulebook's parameters of features in force on a day."""
    return {
        "low_balance_share": float(rulebook.value("features.low_balance_share", on=on)),
        "night_from": rulebook.text("features.night_from", on=on),
        "night_to": rulebook.text("features.night_to", on=on),
        "coverage_days": int(rulebook.value("features.coverage_days", on=on)),
        "silence_days": int(rulebook.value("features.silence_days", on=on)),
    }


def subjects_of(observed: Observed, dates: Sequence[date]) -> list[Subject]:
    """Each enterprise as of each date, enterprises outermost."""
    in_force = {day: parameters(day) for day in dates}
    return [
        Subject(
            enterprise_id=str(enterprise_id),
            as_of=day,
            own_name=_own_name(observed, enterprise_id),
            own_code=_own_code(observed, enterprise_id),
            covered=covered(observed, enterprise_id, day),
            low_balance_share=in_force[day]["low_balance_share"],
            night_from=in_force[day]["night_from"],
            night_to=in_force[day]["night_to"],
        )
        for enterprise_id in observed.enterprise_ids
        for day in dates
    ]


def states_of(
    observed: Observed, enterprise_id: UUID, as_of: date, last: Mapping[str, date | None]
) -> dict[str, SourceState]:
    """By item, how far it is known of an enterprise; `last` holds the day of its last record that counts."""
    in_force, asked = parameters(as_of), observed.coverage.get(enterprise_id, {})
    return {
        item: source_state(
            item,
            asked=asked.get(item),
            last=last.get(item),
            permitted=item in observed.consents[enterprise_id],
            as_of=as_of,
            answer_days=in_force["coverage_days"],
            silence_days=in_force["silence_days"],
            evaluated=observed.evaluated,
        )
        for item in ITEMS
    }


def covered(observed: Observed, enterprise_id: UUID, as_of: date) -> frozenset[str]:
    """Items that may be read of the firm and whose source was asked, up to about the date: no event of them means none."""
    lag = timedelta(days=parameters(as_of)["coverage_days"])
    asked = observed.coverage.get(enterprise_id, {})
    return frozenset(item for item in observed.consents[enterprise_id] if item in asked and asked[item] + lag >= as_of)


def _own_name(observed: Observed, enterprise_id: UUID) -> str | None:
    organisation = observed.organisations.get(OrganisationId(enterprise_id))
    return organisation.name if organisation else None


def _own_code(observed: Observed, enterprise_id: UUID) -> str | None:
    organisation = observed.organisations.get(OrganisationId(enterprise_id))
    return organisation.identifier(IdentifierScheme.USCC) if organisation else None
