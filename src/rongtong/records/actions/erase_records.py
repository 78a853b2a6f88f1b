"""Erase records whose time is over (PIPL art. 47): the rows, every earlier state that held them, and what was refused of them.

What remains is the proof: which rows of which firm were erased, when, and on which ground, in the transparency log.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from rongtong.attest import facade as attest
from rongtong.attest.contracts import Step
from rongtong.consent import facade as consent
from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.core.tenancy import as_platform
from rongtong.records.actions.land_rows import settle_batches
from rongtong.records.actions.vouch_for_files import vouch_for_files
from rongtong.records.adapters.locks import landing_lock
from rongtong.records.adapters.tables import scan_rows
from rongtong.records.adapters.upkeep import delete_rows, forget_history
from rongtong.records.contracts import ITEMS, ErasureReport, SourceKind
from rongtong.records.models import Erasure, Holding, RefusedRow, TableState
from rongtong.records.queries.evidence import erasure_bytes


@dataclass(frozen=True, slots=True)
class _Due:
    enterprise_id: UUID
    consent_ids: frozenset[UUID] | None
    """None: the rows of the firm under whatever consent."""


def erase_expired_records(*, actor: Actor, at: datetime) -> ErasureReport:
    """Erase the records collected under authorisations whose agreed retention is over, unless a live one of the firm covers their kind.

    Safe to run again. Earlier states of the tables touched can no longer be read by `snapshot_id`; a read that names
    one is answered with what was known then, less what was erased.
    """
    with as_platform():
        over = consent.past_retention(at=at)
        claims = consent.assertions_past_retention(at=at)
        firms = {firm for some in over.values() for firm in some} | set(claims)
        live = consent.live_items(enterprise_ids=firms, at=at)
        due = {
            item: [
                _Due(firm, frozenset({*over.get(item, {}).get(firm, ()), *claims.get(firm, ())}))
                for firm in sorted({*over.get(item, {}), *claims})
                if item not in live.get(firm, ())
            ]
            for item in ITEMS
        }
        return _erase(due, "retention_over", actor, at)


def erase_records(
    *, enterprise_id: UUID, reason: str, actor: Actor, at: datetime, items: Collection[str] = ITEMS
) -> ErasureReport:
    """Erase all records of one firm, whatever consent they came under: on its demand or a court's."""
    with as_platform():
        return _erase({item: [_Due(enterprise_id, None)] for item in items}, reason, actor, at)


def _erase(due: Mapping[str, Collection[_Due]], reason: str, actor: Actor, at: datetime) -> ErasureReport:
    """What is due of each kind."""
    rows, quarantined, touched = 0, 0, set()
    for item, whose in due.items():
        if not whose:
            continue
        kind = SourceKind(item)
        with landing_lock(kind):
            settle_batches(kind=kind, at=at)
            erased, states = {}, []
            for one in whose:
                ids = None if one.consent_ids is None else {str(consent_id) for consent_id in one.consent_ids}
                count, state = delete_rows(kind, str(one.enterprise_id), ids)
                if state is not None:
                    erased[one] = count
                    states.append(TableState(item=item, snapshot_id=state, cause="erasure", recorded_at=at))
            if erased:
                forget_history(kind)
                vouch_for_files(kind, at)
                _keep_proof(kind, erased, states[-1], reason=reason, actor=actor, at=at)
                rows += sum(erased.values())
                touched |= {one.enterprise_id for one in erased}
        refused, _ = RefusedRow.objects.filter(
            item=item, enterprise_id__in=[one.enterprise_id for one in whose]
        ).delete()
        quarantined += refused
    return ErasureReport(enterprises=len(touched), rows=rows, quarantined=quarantined)


def _keep_proof(
    kind: SourceKind, erased: dict[_Due, int], state: TableState, *, reason: str, actor: Actor, at: datetime
) -> None:
    proofs = [
        Erasure(
            enterprise_id=one.enterprise_id,
            item=kind.value,
            consent_ids=sorted(one.consent_ids or ()),
            rows=count,
            reason=reason,
            erased_by=str(actor),
            **actor.behalf(),
            erased_at=at,
        )
        for one, count in erased.items()
    ]
    steps = [
        Step(
            kind="records.erased",
            subject=encode_id("ers", proof.id),
            enterprise_id=proof.enterprise_id,
            evidence_kind="erasure",
            evidence_id=proof.id,
            evidence_digest=digest(erasure_bytes(proof)),
            occurred_at=at,
        )
        for proof in proofs
    ]
    deeds = [
        Deed(
            "records.erased",
            step.subject,
            proof.enterprise_id,
            {"item": kind.value, "rows": proof.rows, "reason": reason},
        )
        for proof, step in zip(proofs, steps, strict=True)
    ]
    firms = [str(one.enterprise_id) for one in erased]
    left = scan_rows(kind, enterprise_ids=firms, columns=("enterprise_id", "occurred_date")).group_by("enterprise_id")
    held = left.aggregate([("occurred_date", "count"), ("occurred_date", "min"), ("occurred_date", "max")]).to_pylist()
    with transaction.atomic():
        Erasure.objects.bulk_create(proofs)
        state.save(force_insert=True)
        Holding.objects.filter(item=kind.value, enterprise_id__in=firms).delete()
        Holding.objects.bulk_create(
            Holding(
                enterprise_id=UUID(one["enterprise_id"]),
                item=kind.value,
                rows=one["occurred_date_count"],
                first_date=one["occurred_date_min"],
                last_date=one["occurred_date_max"],
                recorded_at=at,
            )
            for one in held
        )
        record_all(deeds=deeds, actor=actor, at=at)
        attest.append_steps(steps=steps, at=at)
