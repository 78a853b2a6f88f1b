"""Feature values of enterprises as of dates, read as far as consent goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import numpy as np

from rongtong.features.adapters.frame import Evaluated, evaluate
from rongtong.features.adapters.observations import Observed, Reader, observe_in_chunks, states_of, subjects_of
from rongtong.features.contracts import FeatureFrame, SourceState
from rongtong.features.definitions.catalogue import catalogue, names
from rongtong.features.rules.knowledge import EVENTS, features_of
from rongtong.parties.contracts import OrganisationId


def compute_frame(
    *,
    enterprise_ids: Sequence[UUID],
    dates: Sequence[date],
    reader: Reader,
    snapshots: Mapping[str, int] | None = None,
) -> FeatureFrame:
    """All features of each enterprise as of each date, enterprises outermost, in one run over the records."""
    parts, ids, days = [], [], []
    snapshot_ids: dict[str, int] = {}
    consents: dict[OrganisationId, Mapping[str, UUID | None]] = {}
    freshness: list[Mapping[str, date | None]] = []
    asked = list(dict.fromkeys(enterprise_ids))
    for observed in observe_in_chunks(asked, reader=reader, as_of=max(dates), snapshots=snapshots):
        subjects = subjects_of(observed, dates)
        evaluated, _states = evaluate_known(observed, dates)
        parts.append(evaluated.values)
        ids += [OrganisationId(UUID(one.enterprise_id)) for one in subjects]
        days += [one.as_of for one in subjects]
        freshness += [freshness_of(observed, evaluated, index, len(dates)) for index in range(len(subjects))]
        snapshot_ids |= observed.snapshot_ids
        consents |= {OrganisationId(one): held for one, held in observed.consents.items()}
    return FeatureFrame(
        enterprise_ids=tuple(ids),
        as_of=tuple(days),
        names=names(),
        values=np.concatenate(parts) if parts else np.empty((0, len(names()))),
        snapshot_ids=snapshot_ids,
        consents=consents,
        freshness=tuple(freshness),
    )


def evaluate_known(
    observed: Observed, dates: Sequence[date], *, with_series: bool = False
) -> tuple[Evaluated, list[dict[str, SourceState]]]:
    """All features of all subjects, with nothing in place of what is too old to be told; and by subject how far each item is known."""
    subjects = subjects_of(observed, dates)
    evaluated = evaluate(subjects, observed.tables, with_series=with_series)
    places = {name: index for index, name in enumerate(names())}
    states = []
    for row, subject in enumerate(subjects):
        last = {item: usage[row].last_date for item, usage in evaluated.usage.items()}
        known = states_of(observed, UUID(subject.enterprise_id), subject.as_of, last)
        stale = features_of(known, _LEVELS, {SourceState.STALE})
        evaluated.values[row, [places[name] for name in stale]] = np.nan
        states.append(known)
    return evaluated, states


_LEVELS = tuple(one for one in catalogue() if one.source_item not in EVENTS)
"""What is known bad from events of old stays known; the definitions themselves tell no event from an unasked source."""


def freshness_of(observed: Observed, evaluated: Evaluated, index: int, dates: int = 1) -> dict[str, date | None]:
    """By item with records of a subject up to its date, the last date used."""
    permitted = observed.consents[observed.enterprise_ids[index // dates]]
    used = {item: rows[index] for item, rows in evaluated.usage.items() if item in permitted}
    return {item: usage.last_date for item, usage in used.items() if usage.row_count}
