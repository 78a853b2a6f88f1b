"""Replay decisions: compute each again from its stored inputs and compare the bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rongtong.core.canonical import canonical_json, digest
from rongtong.credit import facade as credit
from rongtong.matching.facade import score_inputs
from rongtong.origination import models
from rongtong.origination.contracts import DecisionId, ReplayResult
from rongtong.origination.rules.policy import decide

_CHUNK = 500


def replay_decisions(*, ids: Sequence[UUID] | None = None) -> ReplayResult:
    """Replay all decisions, or some: stored inputs through `decide` must give the stored result, the stored digest and
    the stored columns; where the scorecard of then is the one of now, the portrait must give the stored score too.

    Read in chunks, so that any number fits in memory.
    """
    rows = models.Decision.objects.order_by("id")
    if ids is not None:
        rows = rows.filter(id__in=list(ids))
    decisions, differing = 0, []
    for row in rows.iterator(chunk_size=_CHUNK):
        decisions += 1
        if not _identical(row):
            differing.append(DecisionId(row.id))
    return ReplayResult(decisions=decisions, identical=decisions - len(differing), differing=tuple(differing))


def decision_digest(inputs: bytes, result: bytes) -> str:
    """The digest over a decision's canonical inputs and result: what a replay must come to again."""
    return digest(inputs + b"\n" + result)


def _identical(row: models.Decision) -> bool:
    try:
        inputs = json.loads(row.inputs)
        result = decide(inputs)
    except (ValueError, KeyError, TypeError):
        return False
    written = canonical_json(result)
    return (
        canonical_json(inputs) == row.inputs.encode()
        and written == row.result.encode()
        and decision_digest(row.inputs.encode(), written) == row.digest
        and result["outcome"] == row.outcome
        and (result["terms"] or {}).get("amount_minor") == row.amount_minor
        and _score_again(inputs)
    )


def _score_again(inputs: dict[str, Any]) -> bool:
    if inputs["path"] != "automatic":
        return True
    portrait, version = inputs["portrait"], inputs["score"]["version"]
    score = score_inputs(
        credit.score(
            values=portrait["values"],
            unknown=portrait.get("unknown", ()),
            assumed=portrait.get("assumed", ()),
            version=version,
        )
    )
    return canonical_json(score) == canonical_json(inputs["score"])
