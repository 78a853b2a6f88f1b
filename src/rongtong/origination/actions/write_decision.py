"""Write a decision with its inputs and move the application by it, all or nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from rongtong.core.actors import Actor
from rongtong.core.canonical import canonical_json
from rongtong.core.ids import decode_id, encode_id, new_id
from rongtong.matching import facade as matching
from rongtong.matching.contracts import OfferId
from rongtong.origination import models
from rongtong.origination.actions.move_application import move_application
from rongtong.origination.actions.record_step import Evidence, record_step
from rongtong.origination.contracts import ApplicationState, DecidedBy, Outcome, ProposalState
from rongtong.origination.queries.evidence import DECISION, evidence_bytes
from rongtong.origination.queries.replays import decision_digest


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided: canonical inputs and the result of the pure function over them."""

    inputs: Mapping[str, Any]
    result: Mapping[str, Any]
    decided_by: DecidedBy
    as_of: date
    started: float
    """`time.perf_counter` at the call, for the latency."""
    note: str = ""


def write_decision(row: models.Application, verdict: Verdict, *, actor: Actor, at: datetime) -> models.Decision:
    """Write it in the caller's transaction, the application being locked. Raises ApplicationMoved."""
    outcome = Outcome(verdict.result["outcome"])
    out_of = ApplicationState.SUBMITTED if verdict.decided_by is DecidedBy.AUTOMATIC else ApplicationState.REFERRED
    move_application(row, to=ApplicationState(outcome.value), out_of=[out_of], at=at)
    row.proposals.filter(state=ProposalState.PENDING.value).update(state=ProposalState.REPLACED.value)
    decision = _row(row, verdict, outcome, actor, at)
    decision.save(force_insert=True)
    terms = verdict.result["terms"] or {}
    _hold(row, outcome, terms, actor, at)
    record_step(
        application=row,
        name="application.decided",
        subject=encode_id("app", row.id),
        actor=actor,
        at=at,
        facts={
            "outcome": outcome.value,
            "decided_by": verdict.decided_by.value,
            "decision": encode_id("dec", decision.id),
            "amount_minor": terms.get("amount_minor"),
        },
        evidence=Evidence("decision", decision.id, evidence_bytes(decision, DECISION)),
    )
    return decision


def _hold(row: models.Application, outcome: Outcome, terms: Mapping[str, Any], actor: Actor, at: datetime) -> None:
    """What is granted stays held, and is the firm's exposure; what is declined is free for others at once."""
    offer_id = OfferId(row.offer_id)
    if outcome in {Outcome.APPROVED, Outcome.COUNTERED}:
        matching.hold_granted(offer_id=offer_id, amount_minor=terms["amount_minor"], at=at)
    elif outcome is Outcome.DECLINED:
        matching.release_offer(offer_id=offer_id, actor=actor, at=at, reason="declined")


def _row(row: models.Application, verdict: Verdict, outcome: Outcome, actor: Actor, at: datetime) -> models.Decision:
    inputs, result = canonical_json(verdict.inputs), canonical_json(verdict.result)
    score = verdict.inputs.get("score") or {}
    portrait = verdict.inputs.get("portrait") or {}
    terms = verdict.result["terms"] or {}
    last = row.decisions.aggregate(last=Max("number"))["last"] or 0
    return models.Decision(
        id=new_id(),
        application_id=row.id,
        enterprise_id=row.enterprise_id,
        lender_id=row.lender_id,
        number=last + 1,
        outcome=outcome.value,
        decided_by=verdict.decided_by.value,
        score=score.get("score"),
        grade=score.get("grade", ""),
        amount_minor=terms.get("amount_minor"),
        scorecard_version=f"{score['scorecard']}/{score['version']}" if score else "",
        rulebook_version=verdict.inputs["rulebook_version"],
        product_version=row.product_version,
        portrait_id=decode_id("prt", portrait["id"]) if portrait else None,
        portrait_digest=portrait.get("digest", ""),
        inputs=inputs.decode(),
        result=result.decode(),
        digest=decision_digest(inputs, result),
        note=verdict.note,
        **actor.columns(),
        decided_at=at,
        as_of=verdict.as_of,
        latency_ms=round((time.perf_counter() - verdict.started) * 1000),
    )
