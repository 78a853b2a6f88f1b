"""Reads of portraits. Each one asks for the consent to the portrait first; a firm reads its own without."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Item, Purpose
from rongtong.core.actors import Actor
from rongtong.core.errors import Invalid, NotFound
from rongtong.core.frozen_columns import Versions
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.features.adapters.compute import compute_frame
from rongtong.features.adapters.content import evidence_of, portrait_of
from rongtong.features.adapters.frame import evidence
from rongtong.features.adapters.observations import Reader, observe, subjects_of
from rongtong.features.contracts import (
    FeatureFrame,
    FeatureProvenance,
    Portrait,
    PortraitChange,
    SeriesPoint,
)
from rongtong.features.definitions.catalogue import EVIDENCE, catalogue, names
from rongtong.features.models import PortraitRow
from rongtong.features.rules.changes import changes

SERIES_LIMIT = 400


class PortraitMissing(NotFound):
    """There is no such portrait, or none of the enterprise was built yet."""

    code = "portrait_missing"
    message = _("There is no portrait of this enterprise yet.")


class FeatureUnknown(Invalid):
    """The catalogue has no feature of that name."""

    code = "feature_unknown"
    message = _("There is no feature named %(feature)s.")


def compute(
    *,
    enterprise_ids: Sequence[UUID],
    as_of: date,
    reader_id: UUID,
    purpose: str = Purpose.FINANCING,
    actor: Actor,
    at: datetime,
    snapshots: Mapping[str, int] | None = None,
) -> FeatureFrame:
    """All features as of a date, one row per enterprise; items without consent give no values.

    `snapshots` reads the record tables as they stood: with those of a frame, its values come out the same.
    """
    return compute_panel(
        enterprise_ids=enterprise_ids,
        dates=[as_of],
        reader_id=reader_id,
        purpose=purpose,
        actor=actor,
        at=at,
        snapshots=snapshots,
    )


def compute_panel(
    *,
    enterprise_ids: Sequence[UUID],
    dates: Sequence[date],
    reader_id: UUID,
    purpose: str = Purpose.FINANCING,
    actor: Actor,
    at: datetime,
    snapshots: Mapping[str, int] | None = None,
) -> FeatureFrame:
    """The same as of many dates in one run: one row per enterprise and date, enterprises outermost."""
    reader = Reader(reader_id, str(purpose), actor, at)
    return compute_frame(enterprise_ids=enterprise_ids, dates=dates, reader=reader, snapshots=snapshots)


def latest_portrait(
    *,
    enterprise_id: UUID,
    reader_id: UUID,
    purpose: str = Purpose.FINANCING,
    actor: Actor,
    at: datetime,
    as_of: date | None = None,
) -> Portrait:
    """The newest portrait of an enterprise, as of a date or before. Raises ConsentMissing, PortraitMissing."""
    found = latest_portraits(
        enterprise_ids=[enterprise_id], reader_id=reader_id, purpose=purpose, actor=actor, at=at, as_of=as_of
    )
    if enterprise_id not in found:
        raise PortraitMissing(enterprise=encode_id("ent", enterprise_id))
    return found[enterprise_id]


def latest_portraits(
    *,
    enterprise_ids: Sequence[UUID],
    reader_id: UUID,
    purpose: str = Purpose.FINANCING,
    actor: Actor,
    at: datetime,
    as_of: date | None = None,
) -> dict[UUID, Portrait]:
    """The newest portrait of each enterprise that has one, in one query. Raises ConsentMissing."""
    _require(enterprise_ids, reader_id, purpose, actor, at)
    with as_platform():
        rows = PortraitRow.objects.filter(enterprise_id__in=list(enterprise_ids))
        if as_of is not None:
            rows = rows.filter(as_of__lte=as_of)
        newest = rows.order_by("enterprise_id", "-as_of", "-recorded_at", "-id").distinct("enterprise_id")
        return {row.enterprise_id: portrait_of(row) for row in newest}


def portrait(
    *, portrait_id: UUID, reader_id: UUID, purpose: str = Purpose.FINANCING, actor: Actor, at: datetime
) -> Portrait:
    """One portrait as it was built. Raises PortraitMissing, also where the firm has not authorised the reader."""
    row = _row(portrait_id, Reader(reader_id, str(purpose), actor, at))
    return portrait_of(row)


def portrait_series(
    *,
    enterprise_id: UUID,
    features: Sequence[str] = (),
    reader_id: UUID,
    purpose: str = Purpose.FINANCING,
    actor: Actor,
    at: datetime,
    date_from: date | None = None,
    date_to: date | None = None,
) -> tuple[SeriesPoint, ...]:
    """Values and scores over an enterprise's portraits, the last one of each as-of date, oldest first; at most 400.

    Raises FeatureUnknown, ConsentMissing.
    """
    for name in features:
        if name not in names():
            raise FeatureUnknown(feature=name[:80])
    _require([enterprise_id], reader_id, purpose, actor, at)
    with as_platform():
        rows = PortraitRow.objects.filter(enterprise_id=enterprise_id)
        if date_from is not None:
            rows = rows.filter(as_of__gte=date_from)
        if date_to is not None:
            rows = rows.filter(as_of__lte=date_to)
        last = list(rows.order_by("-as_of", "-recorded_at", "-id").distinct("as_of")[:SERIES_LIMIT])
    return tuple(_point(row, features or names()) for row in reversed(last))


def portrait_changes(
    *, portrait_id: UUID, reader_id: UUID, purpose: str = Purpose.FINANCING, actor: Actor, at: datetime
) -> PortraitChange:
    """What changed since the enterprise's previous portrait of an earlier date. Raises PortraitMissing, as `portrait`."""
    row = _row(portrait_id, Reader(reader_id, str(purpose), actor, at))
    with as_platform():
        earlier = PortraitRow.objects.filter(enterprise_id=row.enterprise_id, as_of__lt=row.as_of)
        previous = earlier.order_by("-as_of", "-recorded_at", "-id").first()
    definitions = {one.name: one for one in catalogue()}
    return changes(portrait_of(row), portrait_of(previous) if previous else None, definitions)


def provenance(
    *,
    portrait_id: UUID,
    feature: str,
    reader_id: UUID,
    purpose: str = Purpose.FINANCING,
    actor: Actor,
    at: datetime,
) -> FeatureProvenance:
    """The records that one value of a portrait is made of, read again from the states of the tables that it was read from.

    `records.facade.provenance` tells their source, batch and consent. Raises FeatureUnknown, PortraitMissing, ConsentMissing.
    """
    if feature not in EVIDENCE:
        raise FeatureUnknown(feature=feature[:80])
    row = _row(portrait_id, Reader(reader_id, str(purpose), actor, at))
    snapshots = {item: int(state) for item, state in json.loads(row.lineage)["snapshot_ids"].items()}
    items = [item for item in EVIDENCE[feature] if item in snapshots]
    observed = observe(
        [row.enterprise_id],
        reader=Reader(reader_id, str(purpose), actor, at),
        as_of=row.as_of,
        snapshots=snapshots,
        items=items,
    )
    (subject,) = subjects_of(observed, [row.as_of])
    return FeatureProvenance(
        portrait_id=portrait_of(row).id,
        feature=feature,
        value=portrait_of(row).values.get(feature),
        row_ids=evidence(subject, observed.tables, feature),
        snapshot_ids={item: state for item, state in snapshots.items() if item in items},
    )


def portrait_evidence(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Evidence of kind `portrait`: the canonical bytes of stored portraits, whose SHA-256 is their digest."""
    return {row.id: evidence_of(row, versions) for row in PortraitRow.objects.filter(pk__in=list(ids))}


def _point(row: PortraitRow, features: Sequence[str]) -> SeriesPoint:
    one = portrait_of(row)
    return SeriesPoint(
        portrait_id=one.id,
        as_of=one.as_of,
        values={name: one.values.get(name) for name in features},
        scores={dimension.code: dimension.score for dimension in one.dimensions},
        unknown=one.unknown,
        assumed=one.assumed,
    )


def _row(portrait_id: UUID, reader: Reader) -> PortraitRow:
    """A portrait that the reader may read; to whom it is closed, it is not there: the answer does not say that it exists."""
    with as_platform():  # consent, asked next, is the door; the firm's own rows are not the reader's
        row = PortraitRow.objects.filter(pk=portrait_id).first()
    if row is not None:
        try:
            _require([row.enterprise_id], reader.id, reader.purpose, reader.actor, reader.at)
        except consent.ConsentMissing:
            row = None
    if row is None:
        raise PortraitMissing(portrait=encode_id("prt", portrait_id))
    return row


def _require(enterprise_ids: Sequence[UUID], reader_id: UUID, purpose: str, actor: Actor, at: datetime) -> None:
    consent.require(
        reader_id=reader_id,
        enterprise_ids=list(enterprise_ids),
        item=Item.PORTRAIT,
        purpose=str(purpose),
        actor=actor,
        at=at,
    )
