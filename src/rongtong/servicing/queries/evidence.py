"""The rows behind the steps of a loan, as canonical bytes for the transparency log: what was written, not what changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from rongtong.core.canonical import canonical_json
from rongtong.core.frozen_columns import Versions
from rongtong.ledger import facade as ledger
from rongtong.servicing import models
from rongtong.servicing.contracts import Component
from rongtong.servicing.queries.evidence_columns import (
    ALLOCATION,
    CLASSIFICATION,
    FACILITY,
    FREEZE,
    INSTALMENT,
    INSTRUCTION,
    LOAN,
    MESSAGE,
    PAYOUT,
    REPAYMENT,
    STATEMENT,
    STATEMENT_ENTRY,
)
from rongtong.servicing.queries.soundness import facility_faults, loan_faults


def load_facilities(
    ids: Sequence[UUID], versions: Versions | None = None, *, fresh: bool = False
) -> Mapping[UUID, bytes]:
    """A facility as it was agreed, with the commitment in the ledger; and what of its present state does not hold."""
    rows = list(models.Facility.objects.filter(id__in=ids))
    faults = {} if fresh else facility_faults(rows)
    transfers = ledger.transfer_evidence((f"{row.id}:commit" for row in rows), versions)
    return {
        row.id: canonical_json(
            {
                "facility": FACILITY.values(row, versions),
                "transfer": transfers.get(f"{row.id}:commit"),
                "fault": faults.get(row.id),
            }
        )
        for row in rows
    }


def load_write_offs(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """A loan written off, with the transfer in the ledger."""
    rows = list(models.Loan.objects.filter(id__in=ids))
    transfers = ledger.transfer_evidence((f"{row.id}:written_off" for row in rows), versions)
    return {
        row.id: canonical_json({"loan": LOAN.values(row, versions), "transfer": transfers.get(f"{row.id}:written_off")})
        for row in rows
    }


def load_instructions(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """An instruction with the message that carries it and the loan that it is for."""
    rows = models.Instruction.objects.filter(id__in=ids).select_related("message", "loan")
    return {
        row.id: canonical_json(
            {
                "instruction": INSTRUCTION.values(row, versions),
                "message": MESSAGE.values(row.message, versions),
                "loan": LOAN.values(row.loan, versions),
            }
        )
        for row in rows
    }


def load_payouts(ids: Sequence[UUID], versions: Versions | None = None, *, fresh: bool = False) -> Mapping[UUID, bytes]:
    """A payout with the loan, its first schedule and its transfers in the ledger; and what of its state does not hold."""
    rows = list(models.Payout.objects.filter(loan_id__in=ids).select_related("loan"))
    faults = {} if fresh else loan_faults([row.loan for row in rows])
    schedules = _instalments(Q(loan_id__in=ids, version=1), versions)
    references = {row.loan_id: [f"{row.loan_id}:{name}" for name in ("drawdown", "commitment")] for row in rows}
    transfers = ledger.transfer_evidence((name for names in references.values() for name in names), versions)
    return {
        row.loan_id: canonical_json(
            {
                "payout": PAYOUT.values(row, versions),
                "loan": LOAN.values(row.loan, versions),
                "schedule": schedules[row.loan_id, 1],
                "transfers": [transfers.get(name) for name in references[row.loan_id]],
                "fault": faults.get(row.loan_id),
            }
        )
        for row in rows
    }


def load_repayments(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """A repayment with what it was put towards, the schedule that it made, and its transfers in the ledger."""
    rows = list(models.Repayment.objects.filter(id__in=ids))
    parts: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for part in models.Allocation.objects.filter(repayment_id__in=ids).order_by("id"):
        parts[part.repayment_id].append(ALLOCATION.values(part, versions))
    made = Q(pk__in=[])
    for row in rows:
        if row.made_version is not None:
            made |= Q(loan_id=row.loan_id, version=row.made_version)
    schedules = _instalments(made, versions)
    names = [*(component.value for component in Component), "restored"]
    transfers = ledger.transfer_evidence((f"{row.id}:{name}" for row in rows for name in names), versions)
    return {
        row.id: canonical_json(
            {
                "repayment": REPAYMENT.values(row, versions),
                "parts": parts[row.id],
                "schedule": schedules.get((row.loan_id, row.made_version or 0), []),
                "transfers": [transfers.get(f"{row.id}:{name}") for name in names],
            }
        )
        for row in rows
    }


def load_statements(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """A statement of a lender's bank with the entries that it brought."""
    entries: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for entry in models.StatementEntry.objects.filter(statement_id__in=ids).order_by("id"):
        entries[entry.statement_id].append(STATEMENT_ENTRY.values(entry, versions))
    rows = models.Statement.objects.filter(id__in=ids)
    return {
        row.id: canonical_json({"statement": STATEMENT.values(row, versions), "entries": entries[row.id]})
        for row in rows
    }


def load_classifications(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """A change of class."""
    return {
        row.id: canonical_json(CLASSIFICATION.values(row, versions))
        for row in models.Classification.objects.filter(id__in=ids)
    }


def load_freezes(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """A limit frozen or given free."""
    return {row.id: canonical_json(FREEZE.values(row, versions)) for row in models.Freeze.objects.filter(id__in=ids)}


LOADERS: dict[str, Callable[..., Mapping[UUID, bytes]]] = {
    "facility": load_facilities,
    "write_off": load_write_offs,
    "instruction": load_instructions,
    "payout": load_payouts,
    "repayment": load_repayments,
    "bank_statement": load_statements,
    "classification": load_classifications,
    "limit_freeze": load_freezes,
}


def load_fresh(kind: str, ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
    """What a loader will give for rows that were written just now: nothing is wrong with their state yet."""
    if kind == "facility":
        return load_facilities(ids, fresh=True)
    return load_payouts(ids, fresh=True) if kind == "payout" else LOADERS[kind](ids)


def _instalments(which: Q, versions: Versions | None) -> dict[tuple[UUID, int], list[dict[str, Any]]]:
    found: dict[tuple[UUID, int], list[dict[str, Any]]] = defaultdict(list)
    for row in models.Instalment.objects.filter(which).order_by("number"):
        found[row.loan_id, row.version].append(INSTALMENT.values(row, versions))
    return found
