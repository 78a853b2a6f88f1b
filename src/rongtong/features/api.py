"""The published catalogue, and portraits as far as the firm has authorised the caller.

A ratio of 0.05 is 5 %; amounts are in fen; null is no value: unknown, or without meaning. The caller's organisation is
the reader: a firm reads its own portrait, others need its consent to the item `portrait` (and to an item to trace it).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from rongtong.consent.contracts import Purpose
from rongtong.core.bounds import Code, Day
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.features import facade as features
from rongtong.features.contracts import (
    FeatureDefinition,
    FeatureProvenance,
    Portrait,
    PortraitChange,
    SeriesPoint,
)
from rongtong.parties import facade as parties

router = Router()


class FeatureOut(Schema):
    """One entry of the catalogue. Units: fen, ratio, count, months, days, points, flag (1 or 0)."""

    name: str
    title_en: str
    title_zh: str
    unit: str
    formula: str
    source_item: str
    also_reads: tuple[str, ...]
    reference: str


class DriverRuleOut(Schema):
    """A feature's part in a dimension: its score runs straight between knots (value, score)."""

    feature: str
    weight: int
    knots: tuple[tuple[float, float], ...]
    cap: int | None


class DimensionRuleOut(Schema):
    """How a dimension is made: the mean by weight of its features' scores."""

    code: str
    title_en: str
    title_zh: str
    drivers: tuple[DriverRuleOut, ...]


class DriverOut(Schema):
    """A feature's part in a dimension's score."""

    feature: str
    title_en: str
    title_zh: str
    value: float | None
    score: float | None
    weight: int


class DimensionOut(Schema):
    """One side of the portrait, 0 to 100; its features with the strongest effect first."""

    code: str
    title_en: str
    title_zh: str
    score: int | None
    drivers: tuple[DriverOut, ...]


class PortraitOut(Schema):
    """A portrait as it was built."""

    id: str
    enterprise: str
    as_of: date
    recorded_at: datetime
    version: str
    values: dict[str, float | None]
    dimensions: tuple[DimensionOut, ...]
    freshness: dict[str, date | None]
    monthly: dict[str, tuple[int | str | None, ...]]
    row_counts: dict[str, int]
    snapshot_ids: dict[str, str]
    content_digest: str
    digest: str
    generated: bool


class SeriesIn(Schema):
    """Which features (repeat the parameter; none for all), over which as-of dates, both ends inclusive."""

    feature: Annotated[list[Code], Field(max_length=200)] = []
    date_from: Day | None = None
    date_to: Day | None = None
    purpose: Purpose = Purpose.FINANCING


class PointOut(Schema):
    """Values and scores of one portrait in the history of an enterprise."""

    portrait: str
    as_of: date
    values: dict[str, float | None]
    scores: dict[str, int | None]


class DimensionChangeOut(Schema):
    """A score that moved."""

    code: str
    title_en: str
    title_zh: str
    before: int | None
    after: int | None


class FeatureChangeOut(Schema):
    """A value that moved."""

    feature: str
    title_en: str
    title_zh: str
    before: float | None
    after: float | None


class ChangesOut(Schema):
    """What changed since the previous portrait, the largest moves of dimensions first."""

    portrait: str
    previous: str | None
    previous_as_of: date | None
    dimensions: tuple[DimensionChangeOut, ...]
    features: tuple[FeatureChangeOut, ...]


class ProvenanceOut(Schema):
    """The rows behind a value, by item; `/records/` tells where each came from."""

    portrait: str
    feature: str
    value: float | None
    row_ids: dict[str, tuple[str, ...]]
    snapshot_ids: dict[str, str]


@router.get("catalogue", response=list[FeatureOut], summary="The catalogue of features")
def catalogue(request: HttpRequest) -> tuple[FeatureDefinition, ...]:
    return features.catalogue()


@router.get("dimensions", response=list[DimensionRuleOut], summary="How the dimensions of a portrait are made")
def dimensions(request: HttpRequest) -> object:
    return features.dimension_rules()


@router.get("enterprises/{enterprise}/portrait", response=PortraitOut, summary="The latest portrait of an enterprise")
def latest_portrait(
    request: HttpRequest, enterprise: str, as_of: Day | None = None, purpose: Purpose = Purpose.FINANCING
) -> dict[str, object]:
    return _portrait(
        features.latest_portrait(
            enterprise_id=decode_id("ent", enterprise), as_of=as_of, purpose=purpose, **_reader(request)
        )
    )


@router.get("enterprises/{enterprise}/series", response=list[PointOut], summary="Values over an enterprise's portraits")
def portrait_series(request: HttpRequest, enterprise: str, asked: Query[SeriesIn]) -> list[dict[str, object]]:
    points = features.portrait_series(
        enterprise_id=decode_id("ent", enterprise),
        features=asked.feature,
        date_from=asked.date_from,
        date_to=asked.date_to,
        purpose=asked.purpose,
        **_reader(request),
    )
    return [_point(one) for one in points]


@router.get("portraits/{portrait}", response=PortraitOut, summary="One portrait as it was built")
def portrait(request: HttpRequest, portrait: str, purpose: Purpose = Purpose.FINANCING) -> dict[str, object]:
    return _portrait(features.portrait(portrait_id=decode_id("prt", portrait), purpose=purpose, **_reader(request)))


@router.get("portraits/{portrait}/changes", response=ChangesOut, summary="What changed since the previous portrait")
def portrait_changes(request: HttpRequest, portrait: str, purpose: Purpose = Purpose.FINANCING) -> dict[str, object]:
    return _changes(
        features.portrait_changes(portrait_id=decode_id("prt", portrait), purpose=purpose, **_reader(request))
    )


@router.get(
    "portraits/{portrait}/features/{feature}/provenance",
    response=ProvenanceOut,
    summary="The rows that a value is made of",
)
def provenance(
    request: HttpRequest, portrait: str, feature: str, purpose: Purpose = Purpose.FINANCING
) -> dict[str, object]:
    return _provenance(
        features.provenance(
            portrait_id=decode_id("prt", portrait), feature=feature, purpose=purpose, **_reader(request)
        )
    )


def _reader(request: HttpRequest) -> dict[str, Any]:
    actor = parties.actor_of_request(request)
    return {"reader_id": actor.organisation_id, "actor": actor, "at": now()}


def _portrait(one: Portrait) -> dict[str, object]:
    return {
        "id": encode_id("prt", one.id),
        "enterprise": encode_id("ent", one.enterprise_id),
        "as_of": one.as_of,
        "recorded_at": one.recorded_at,
        "version": one.version,
        "values": one.values,
        "dimensions": one.dimensions,
        "freshness": one.freshness,
        "monthly": one.monthly,
        "row_counts": one.row_counts,
        "snapshot_ids": _as_text(one.snapshot_ids),
        "content_digest": one.content_digest,
        "digest": one.digest,
        "generated": one.generated,
    }


def _point(one: SeriesPoint) -> dict[str, object]:
    return {
        "portrait": encode_id("prt", one.portrait_id),
        "as_of": one.as_of,
        "values": one.values,
        "scores": one.scores,
    }


def _changes(one: PortraitChange) -> dict[str, object]:
    return {
        "portrait": encode_id("prt", one.portrait_id),
        "previous": encode_id("prt", one.previous_id) if one.previous_id else None,
        "previous_as_of": one.previous_as_of,
        "dimensions": one.dimensions,
        "features": one.features,
    }


def _provenance(one: FeatureProvenance) -> dict[str, object]:
    return {
        "portrait": encode_id("prt", one.portrait_id),
        "feature": one.feature,
        "value": one.value,
        "row_ids": one.row_ids,
        "snapshot_ids": _as_text(one.snapshot_ids),
    }


def _as_text(states: Mapping[str, int]) -> dict[str, str]:
    """Snapshot ids have 63 bits: more than a number in JavaScript holds."""
    return {item: str(state) for item, state in states.items()}
