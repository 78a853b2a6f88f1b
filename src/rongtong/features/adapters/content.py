"""A portrait as canonical text, and back: the bytes that are kept, digested and compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

from rongtong.core.canonical import canonical_json, digest
from rongtong.core.frozen_columns import Versions
from rongtong.features.adapters.compute import freshness_of
from rongtong.features.adapters.frame import Evaluated, month_labels
from rongtong.features.adapters.observations import Observed, covered, parameters
from rongtong.features.contracts import VERSION, Dimension, Driver, Portrait, PortraitId, SourceState
from rongtong.features.definitions.catalogue import catalogue, names
from rongtong.features.models import PORTRAIT_COLUMNS, PortraitRow
from rongtong.features.rules.dimensions import dimension_rules, dimensions
from rongtong.features.rules.knowledge import UNKNOWN, features_of
from rongtong.parties.contracts import OrganisationId


def inputs_digest(observed: Observed, enterprise_id: UUID, as_of: date) -> str:
    """Of all that a portrait is computed from: which items, in which state of their tables, with which parameters."""
    permitted = observed.consents[enterprise_id]
    organisation = observed.organisations.get(OrganisationId(enterprise_id))
    return digest(
        {
            "items": {item: observed.snapshot_ids.get(item) for item in sorted(permitted)},
            "covered": covered(observed, enterprise_id, as_of),
            "asked": observed.coverage.get(enterprise_id, {}),
            "evaluated": observed.evaluated,
            "parameters": parameters(as_of),
            "name": organisation.name if organisation else None,
            "identifiers": sorted([one.scheme, one.value] for one in organisation.identifiers) if organisation else [],
        }
    )


def content_of(
    observed: Observed, evaluated: Evaluated, index: int, as_of: date, states: Mapping[str, SourceState]
) -> str:
    """What the records say of one enterprise, as canonical JSON text."""
    enterprise_id = observed.enterprise_ids[index]
    values = {
        name: None if np.isnan(value) else float(value)
        for name, value in zip(names(), evaluated.values[index], strict=True)
    }
    permitted = observed.consents[enterprise_id]
    used = {item: rows[index] for item, rows in evaluated.usage.items() if item in permitted and rows[index].row_count}
    unknown = features_of(states, catalogue(), UNKNOWN)
    assumed = features_of(states, catalogue(), {SourceState.ASSUMED})
    body = {
        "enterprise_id": enterprise_id,
        "as_of": as_of,
        "version": VERSION,
        "values": values,
        "dimensions": [
            {
                "code": one.code,
                "score": one.score,
                "drivers": [{"feature": d.feature, "score": d.score, "weight": d.weight} for d in one.drivers],
                "unknown": list(one.unknown),
            }
            for one in dimensions(values, {one.name: one for one in catalogue()}, unknown)
        ],
        "freshness": freshness_of(observed, evaluated, index),
        "monthly": {"month": month_labels(as_of), **evaluated.monthly[index]},
        "row_counts": {item: usage.row_count for item, usage in used.items()},
        "generated": any(usage.generated for usage in used.values()),
        "sources": {item: state.value for item, state in states.items()},
        "unknown": list(unknown),
        "assumed": [name for name in assumed if name not in unknown],
        "ranks": observed.ranks[enterprise_id],
    }
    return canonical_json(body).decode()


def lineage_of(observed: Observed, enterprise_id: UUID, as_of: date) -> str:
    """Where it was read, under which consents and with which parameters, as canonical JSON text."""
    permitted = observed.consents[enterprise_id]
    body = {
        "snapshot_ids": {item: state for item, state in observed.snapshot_ids.items() if item in permitted},
        "consents": dict(permitted),
        "parameters": parameters(as_of),
    }
    return canonical_json(body).decode()


def evidence_of(row: PortraitRow, versions: Versions | None = None) -> bytes:
    """Every column of a stored portrait but its own digest, as canonical bytes; `versions` (None: the present ones) tell which."""
    return canonical_json(PORTRAIT_COLUMNS.values(row, versions))


def portrait_of(row: PortraitRow) -> Portrait:
    """A stored portrait as a contract."""
    content, lineage = json.loads(row.content), json.loads(row.lineage)
    return Portrait(
        id=PortraitId(row.id),
        enterprise_id=OrganisationId(row.enterprise_id),
        as_of=row.as_of,
        recorded_at=row.recorded_at,
        version=row.version,
        values=content["values"],
        dimensions=tuple(_dimension(one, content["values"]) for one in content["dimensions"]),
        freshness={item: date.fromisoformat(day) if day else None for item, day in content["freshness"].items()},
        monthly={name: tuple(series) for name, series in content["monthly"].items()},
        row_counts=content["row_counts"],
        snapshot_ids=lineage["snapshot_ids"],
        content_digest=row.content_digest,
        digest=row.digest,
        generated=row.generated,
        sources={item: SourceState(state) for item, state in content.get("sources", {}).items()},
        unknown=tuple(content.get("unknown", _nothing_of(content["values"]))),
        assumed=tuple(content.get("assumed", ())),
        ranks=content.get("ranks", {}),
    )


def _nothing_of(values: Mapping[str, float | None]) -> list[str]:
    """In a portrait of before, whatever has no value was perhaps not known."""
    return [name for name, value in values.items() if value is None]


def _dimension(stored: Mapping[str, Any], values: Mapping[str, float | None]) -> Dimension:
    """Titles are those published today; what was computed is as stored."""
    titles = {one.code: one for one in dimension_rules()}.get(stored["code"])
    return Dimension(
        code=stored["code"],
        title_en=titles.title_en if titles else stored["code"],
        title_zh=titles.title_zh if titles else stored["code"],
        score=stored["score"],
        drivers=tuple(_driver(one, values) for one in stored["drivers"]),
        unknown=tuple(stored.get("unknown", ())),
    )


def _driver(stored: Mapping[str, Any], values: Mapping[str, float | None]) -> Driver:
    definition = {one.name: one for one in catalogue()}.get(stored["feature"])
    return Driver(
        feature=stored["feature"],
        title_en=definition.title_en if definition else stored["feature"],
        title_zh=definition.title_zh if definition else stored["feature"],
        value=values.get(stored["feature"]),
        score=stored["score"],
        weight=stored["weight"],
    )
