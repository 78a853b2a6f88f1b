"""Whether what a row says of its present state follows from what happened: for the evidence behind the log.

The state of a loan or a line changes, so its digest cannot be attested; that it agrees with the ledger and with the
rows that never change can, and must hold at any moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Sum

from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountKind
from rongtong.servicing import models
from rongtong.servicing.contracts import FacilityState, LoanClass, LoanState

Balances = dict[tuple[AccountKind, UUID], int]


def loan_faults(loans: Sequence[models.Loan]) -> dict[UUID, str]:
    """What does not hold, by loan; loans that are sound are left out."""
    balances, faults = _balances([loan.id for loan in loans])
    classes: dict[UUID, str] = {}
    changes = models.Classification.objects.filter(loan_id__in=[loan.id for loan in loans]).order_by(
        "business_date", "id"
    )
    for loan_id, grade in changes.values_list("loan_id", "to_class"):
        classes[loan_id] = grade
    for loan in loans:
        owed = 0 if loan.state == LoanState.WRITTEN_OFF else loan.outstanding_minor
        expected = {
            AccountKind.PRINCIPAL_RECEIVABLE: owed,
            AccountKind.INTEREST_RECEIVABLE: loan.interest_accrued_minor - loan.interest_paid_minor,
            AccountKind.PENALTY_RECEIVABLE: loan.penalty_accrued_minor - loan.penalty_paid_minor,
        }
        for kind, minor in expected.items():
            if balances.get((kind, loan.id), 0) != minor:
                faults[loan.id] = f"{kind.value} is {balances.get((kind, loan.id), 0)} in the ledger, not {minor}"
        if loan.loan_class != classes.get(loan.id, LoanClass.NORMAL.value):
            faults[loan.id] = f"the class is {loan.loan_class}, which no classification says"
    return faults


def facility_faults(facilities: Sequence[models.Facility]) -> dict[UUID, str]:
    """What does not hold, by facility; those that are sound are left out."""
    ids = [row.id for row in facilities]
    balances, faults = _balances(ids)
    waiting = dict(
        models.Loan.objects.filter(facility_id__in=ids, state=LoanState.INSTRUCTED)
        .values_list("facility_id")
        .annotate(sum=Sum("principal_minor"))
    )
    frozen = dict(models.Freeze.objects.filter(facility_id__in=ids).order_by("id").values_list("facility_id", "frozen"))
    for row in facilities:
        is_open = row.state == FacilityState.OPEN
        unused = row.limit_minor - row.used_minor + waiting.get(row.id, 0) if is_open else 0
        if balances.get((AccountKind.COMMITMENT, row.id), 0) != unused:
            faults[row.id] = f"the unused limit is {balances.get((AccountKind.COMMITMENT, row.id), 0)}, not {unused}"
        if row.frozen != frozen.get(row.id, False):
            faults[row.id] = "the limit is frozen or free without a deed that says so"
    return faults


def _balances(references: Iterable[UUID]) -> tuple[Balances, dict[UUID, str]]:
    """Balances recomputed from the entries, and the references whose accounts say something else."""
    wanted = list(references)
    entries = ledger.balances_of(references=wanted, on=date.max)
    faults: dict[UUID, str] = defaultdict(str)
    for (kind, reference), minor in ledger.balances_of(references=wanted).items():
        if entries[kind, reference] != minor:
            faults[reference] = f"the balance of {kind.value} is {minor}, the entries say {entries[kind, reference]}"
    return entries, dict(faults)
