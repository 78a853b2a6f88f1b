"""Reads of steps, as far as the viewer may see them, and the bundle with which a stranger checks them."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from rongtong.attest import models, rules
from rongtong.attest.adapters.evidence import load_evidence
from rongtong.attest.adapters.signing import public_key
from rongtong.attest.contracts import Leaf, Step
from rongtong.attest.queries.tree import (
    NoSuchProof,
    checkpoint_covering,
    consistency_proof,
    evidence_key,
    inclusion_proofs,
    latest_checkpoint,
    leaf_bytes,
)


def steps_of_subject(subject: str) -> tuple[Leaf, ...]:
    """The steps of one subject, oldest first."""
    return tuple(_contract(row) for row in _rows().filter(subject=subject))


def steps_of_enterprise(enterprise_id: UUID, *, page: int = 1, page_size: int = 50) -> tuple[Leaf, ...]:
    """The steps that concern a firm, newest first, a page at a time."""
    start = (page - 1) * page_size
    rows = _rows().filter(enterprise_id=enterprise_id).order_by("-id")[start : start + page_size]
    return tuple(_contract(row) for row in rows)


def evidence_bundle(*subjects: str, since: int | None = None) -> dict[str, Any]:
    """What a stranger needs to check the steps of subjects offline, as plain JSON values.

    Per step, in the order of the log, its leaf bytes, evidence bytes and inclusion proof in the newest checkpoint; and the consistency proof
    from the checkpoint of size `since`, which the stranger may have kept, or else from the first one that held one of
    the steps. Steps that are still to be sequenced are named in `pending`. Raises NoSuchProof.
    """
    rows = list(_rows().filter(subject__in=subjects))
    placed = sorted((row for row in rows if _index(row) is not None), key=lambda row: row.leaf.leaf_index)
    newest = latest_checkpoint()
    bundle: dict[str, Any] = {
        "format": "rongtong-evidence/1",
        "subjects": list(subjects),
        "public_key": public_key().hex(),
        "checkpoint": newest.note if newest else None,
        "steps": [],
        "pending": [str(row.id) for row in rows if _index(row) is None],
    }
    if not placed or newest is None:
        return bundle
    evidence = _evidence_of(placed)
    proofs = inclusion_proofs(leaf_indexes=[row.leaf.leaf_index for row in placed], tree_size=newest.tree_size)
    bundle["steps"] = [
        {
            "leaf_index": row.leaf.leaf_index,
            "leaf": leaf_bytes(row).decode(),
            "path": list(proof.path),
            "evidence": _base64(evidence.get(row.id)),
        }
        for row, proof in zip(placed, proofs, strict=True)
    ]
    first = checkpoint_covering(since or min(row.leaf.leaf_index for row in placed) + 1)
    if since is not None and (first is None or first.tree_size != since):
        raise NoSuchProof(tree_size=newest.tree_size)
    if first is not None:
        growth = consistency_proof(old_size=first.tree_size, new_size=newest.tree_size)
        bundle["earlier_checkpoint"] = first.note
        bundle["consistency"] = list(growth.path)
    return bundle


def _evidence_of(rows: list[models.Step]) -> dict[UUID, bytes]:
    """The bytes behind each step, by the step's id, in the versions that it was made with."""
    wanted: dict[tuple[str, bytes], list[models.Step]] = defaultdict(list)
    for row in rows:
        wanted[evidence_key(row)].append(row)
    found: dict[UUID, bytes] = {}
    for (kind, versions), steps in wanted.items():
        loaded = load_evidence(kind, sorted({step.evidence_id for step in steps}), json.loads(versions)) or {}
        found |= {step.id: loaded[step.evidence_id] for step in steps if step.evidence_id in loaded}
    return found


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _rows() -> QuerySet[models.Step]:
    return models.Step.objects.select_related("leaf").order_by("id")


def _index(row: models.Step) -> int | None:
    return row.leaf.leaf_index if hasattr(row, "leaf") else None


def _contract(row: models.Step) -> Leaf:
    step = Step(
        kind=row.kind,
        subject=row.subject,
        enterprise_id=row.enterprise_id,
        evidence_kind=row.evidence_kind,
        evidence_id=row.evidence_id,
        evidence_digest=row.evidence_digest,
        occurred_at=row.occurred_at,
        lender_id=row.lender_id,
    )
    value = rules.leaf_hash(leaf_bytes(row)).hex()
    return Leaf(step_id=row.id, step=step, leaf_index=_index(row), leaf_hash=value, recorded_at=row.recorded_at)
