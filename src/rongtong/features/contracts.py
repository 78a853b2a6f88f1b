"""What crosses the door of features: the catalogue, a frame of values, the portrait and its lineage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

import numpy as np

from rongtong.parties.contracts import OrganisationId

PortraitId = NewType("PortraitId", UUID)

VERSION = "2"
"""Of the definitions of features and dimensions: raised whenever the same records would give another portrait."""


class SourceState(StrEnum):
    """What is known of one kind of data of a firm. Zero and none mean something only where it is `known`."""

    KNOWN = "known"
    """The source answered up to about the date, and what it said counts."""
    MISSING = "missing"
    """Not authorised, never asked, never answered, or stated by nobody whose word counts."""
    STALE = "stale"
    """What was known once is too old to say how things stand."""
    ASSUMED = "assumed"
    """In an evaluation, no source could be asked: taken for unremarkable, and the report says so."""


@dataclass(frozen=True, slots=True)
class FeatureDefinition:
    """One entry of the published catalogue of features."""

    name: str
    title_en: str
    title_zh: str
    unit: str
    """fen, ratio, count, months, days, points or flag (1 or 0); a ratio of 0.05 is 5 %."""
    formula: str
    source_item: str
    """The consent item that it is read from."""
    reference: str = ""
    """Where the measure comes from: law, notice or practice."""
    also_reads: tuple[str, ...] = ()
    """Further items that it needs; without one of them it has no value."""


@dataclass(frozen=True, slots=True)
class FeatureFrame:
    """Feature values of many subjects: `values[i, j]` is feature `names[j]` of `enterprise_ids[i]` as of `as_of[i]`.

    NaN is no value: the source was not read, or the figure has no meaning (a share of nothing). Zero is zero.
    """

    enterprise_ids: tuple[OrganisationId, ...]
    as_of: tuple[date, ...]
    names: tuple[str, ...]
    values: np.ndarray[Any, np.dtype[np.float64]]
    snapshot_ids: Mapping[str, int]
    """By item, the state of the record table that was read; items of which nothing was read are absent."""
    consents: Mapping[OrganisationId, Mapping[str, UUID | None]]
    """By enterprise and item that was read, the consent that allowed it (None for a firm's own data)."""
    freshness: tuple[Mapping[str, date | None], ...]
    """By subject and item with records up to its date, the last occurred date."""

    def row(self, index: int) -> dict[str, float | None]:
        """The values of one subject by name, None for no value."""
        return {
            name: None if np.isnan(value) else float(value)
            for name, value in zip(self.names, self.values[index], strict=True)
        }


@dataclass(frozen=True, slots=True)
class Driver:
    """A feature's part in a dimension: its own score of 0 to 100, and its weight."""

    feature: str
    title_en: str
    title_zh: str
    value: float | None
    score: float | None
    weight: int


@dataclass(frozen=True, slots=True)
class Dimension:
    """One side of the portrait: 0 to 100, or None where no feature of it has a value."""

    code: str
    title_en: str
    title_zh: str
    score: int | None
    """None where nothing, or less than half by weight, is known; what else is unknown counts as the worst."""
    drivers: tuple[Driver, ...]
    """Strongest effect on the score first."""
    unknown: tuple[str, ...] = ()
    """The features among them whose source is not known."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """What is known about an enterprise as of a date; stored, and never changed."""

    id: PortraitId
    enterprise_id: OrganisationId
    as_of: date
    recorded_at: datetime
    version: str
    values: Mapping[str, float | None]
    dimensions: tuple[Dimension, ...]
    freshness: Mapping[str, date | None]
    """By item with records up to the date, the last occurred date; other items are absent."""
    monthly: Mapping[str, tuple[int | str | None, ...]]
    """Calendar months for charts, oldest first: `month` as "2020-02", then one series per name, None where unknown."""
    row_counts: Mapping[str, int]
    """By item, how many records stand behind it."""
    snapshot_ids: Mapping[str, int]
    content_digest: str
    """Of what the records say: the same records give the same digest, wherever and whenever they are read."""
    digest: str
    """Of the stored portrait as a whole, with id, time and snapshots: what evidence refers to."""
    generated: bool
    sources: Mapping[str, SourceState] = field(default_factory=dict)
    """By item, how far it is known."""
    unknown: tuple[str, ...] = ()
    """The features whose sources are not known: whatever their value, it is not to be relied on."""
    assumed: tuple[str, ...] = ()
    """The features that an evaluation takes for unremarkable, since no source could be asked."""
    ranks: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By item and rank (`records.contracts.Rank`), how many facts are known; only some ranks count in the values."""


@dataclass(frozen=True, slots=True)
class FeatureChange:
    """A feature that differs between two portraits of an enterprise."""

    feature: str
    title_en: str
    title_zh: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class DimensionChange:
    """A dimension whose score differs between two portraits."""

    code: str
    title_en: str
    title_zh: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class PortraitChange:
    """What changed since the previous portrait, the largest moves of dimensions first."""

    portrait_id: PortraitId
    previous_id: PortraitId | None
    previous_as_of: date | None
    dimensions: tuple[DimensionChange, ...]
    features: tuple[FeatureChange, ...]


@dataclass(frozen=True, slots=True)
class FeatureProvenance:
    """The records behind one value of a portrait, as row ids by item; `snapshot_ids` read them again."""

    portrait_id: PortraitId
    feature: str
    value: float | None
    row_ids: Mapping[str, tuple[str, ...]]
    snapshot_ids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """Some values of one portrait in the history of an enterprise."""

    portrait_id: PortraitId
    as_of: date
    values: Mapping[str, float | None]
    scores: Mapping[str, int | None]
    unknown: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
