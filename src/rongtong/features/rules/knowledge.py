"""What is known of each source of a firm as of a day, and which features rest on what is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from rongtong.features.contracts import FeatureDefinition, SourceState

EVENTS = frozenset({"registration", "courts", "news"})
"""Items whose records are events: without asking, no event says nothing."""


def source_state(
    item: str,
    *,
    asked: date | None,
    last: date | None,
    permitted: bool,
    as_of: date,
    answer_days: int,
    silence_days: int,
    evaluated: bool,
) -> SourceState:
    """How far an item is known. `asked` is the last day that its source answered for, `last` the day of the last record that counts.

    An answer holds for `answer_days`; where nobody was asked and records were sent instead, they hold for `silence_days`,
    and in an evaluation for good, since its importer asserts them whole.
    """
    if permitted and asked is not None and asked + timedelta(days=answer_days) >= as_of:
        return SourceState.KNOWN
    if evaluated and asked is None:
        return SourceState.KNOWN if permitted and last is not None else SourceState.ASSUMED
    if not permitted or last is None:
        return SourceState.MISSING
    recent = item not in EVENTS and last + timedelta(days=silence_days) >= as_of
    return SourceState.KNOWN if recent else SourceState.STALE


def features_of(
    states: Mapping[str, SourceState], definitions: Iterable[FeatureDefinition], wanted: Collection[SourceState]
) -> tuple[str, ...]:
    """The features any of whose items stands as wanted."""
    return tuple(
        one.name
        for one in definitions
        if any(states.get(item, SourceState.MISSING) in wanted for item in (one.source_item, *one.also_reads))
    )


UNKNOWN = frozenset({SourceState.MISSING, SourceState.STALE})
