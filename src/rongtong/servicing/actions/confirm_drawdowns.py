"""Book what the lenders' banks say to drawdowns: a taken one makes the loan active, a refused one gives the limit back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.credit import facade as credit
from rongtong.credit.contracts import RepaymentMethod
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountDraft, AccountKind, TransferDraft
from rongtong.servicing import models
from rongtong.servicing.actions.attest_rows import Written, attest_rows
from rongtong.servicing.actions.prepay import instalment_of
from rongtong.servicing.actions.settle_facilities import tell_commitments
from rongtong.servicing.actions.states import Accounts, assess, save_loans
from rongtong.servicing.contracts import LoanState
from rongtong.servicing.queries.histories import terms_of
from rongtong.servicing.rules.history import History, Row

_KINDS = (
    AccountKind.PRINCIPAL_RECEIVABLE,
    AccountKind.INTEREST_RECEIVABLE,
    AccountKind.PENALTY_RECEIVABLE,
    AccountKind.COLLECTIONS,
    AccountKind.WRITTEN_OFF,
    AccountKind.FUNDING,
    AccountKind.INTEREST_INCOME,
    AccountKind.PENALTY_INCOME,
)


def confirm_drawdowns(*, instructions: Sequence[models.Instruction], actor: Actor, at: datetime) -> int:
    """Make the loans of accepted drawdown instructions active; say how many became so now.

    Called in the transaction that holds the instructions. One that is active already stays as it is: the bank may
    report a payout a hundred times.
    """
    wanted = {one.loan_id: one for one in instructions}
    loans = list(
        models.Loan.objects.select_for_update(of=("self",))
        .select_related("facility")
        .filter(id__in=wanted, state=LoanState.INSTRUCTED)
        .order_by("id")
    )
    if not loans:
        return 0
    rows = {loan.id: _schedule(loan) for loan in loans}
    for loan in loans:
        loan.schedule_version = 1
    models.Instalment.objects.bulk_create(
        [instalment_of(loan, row) for loan in loans for row in rows[loan.id]], batch_size=2000
    )
    _post(loans, actor, at)
    for loan in loans:
        loan.state, loan.activated_at = LoanState.ACTIVE.value, at
        loan.maturity_date = rows[loan.id][-1].due_date
        assess(loan, History(rows[loan.id], (), terms_of(loan)), loan.start_date)
    save_loans(loans)
    models.Payout.objects.bulk_create([_payout(loan, wanted[loan.id], at) for loan in loans], batch_size=2000)
    attest_rows(
        kind="drawdown.confirmed",
        evidence_kind="payout",
        rows=[Written(loan.id, encode_id("loan", loan.id), loan.enterprise_id, loan.lender_id) for loan in loans],
        at=at,
    )
    facts = {loan.id: {"amount_minor": loan.principal_minor, "maturity_date": loan.maturity_date} for loan in loans}
    _record("drawdown.confirmed", loans, facts, actor, at)
    return len(loans)


def reject_drawdowns(*, instructions: Sequence[models.Instruction], actor: Actor, at: datetime) -> int:
    """Close the loans of refused drawdown instructions and give their limit back; say how many were closed now."""
    reasons = {one.loan_id: one.reason for one in instructions}
    loans = list(
        models.Loan.objects.select_for_update().filter(id__in=reasons, state=LoanState.INSTRUCTED).order_by("id")
    )
    if not loans:
        return 0
    back: dict[UUID, int] = defaultdict(int)
    for loan in loans:
        loan.state, loan.rejection_reason = LoanState.REJECTED.value, reasons[loan.id]
        back[loan.facility_id] += loan.principal_minor
    models.Loan.objects.bulk_update(loans, ["state", "rejection_reason"], batch_size=500)
    facilities = list(models.Facility.objects.select_for_update().filter(id__in=back).order_by("id"))
    for facility in facilities:
        facility.used_minor -= back[facility.id]
    models.Facility.objects.bulk_update(facilities, ["used_minor"], batch_size=500)
    tell_commitments(facility_ids=back, actor=actor, at=at)
    _record("drawdown.rejected", loans, {loan.id: {"reason": loan.rejection_reason} for loan in loans}, actor, at)
    return len(loans)


def _schedule(loan: models.Loan) -> list[Row]:
    made = credit.repayment_schedule(
        method=RepaymentMethod(loan.repayment_method),
        principal_minor=loan.principal_minor,
        annual_rate=loan.annual_rate,
        start_date=loan.start_date,
        term_months=loan.term_months,
        on=loan.start_date,
    )
    rows, start = [], loan.start_date
    for one in made:
        end = one.nominal_date or one.due_date
        rows.append(Row(one.number, one.due_date, start, end, one.principal_minor, one.interest_minor))
        start = end
    return rows


def _payout(loan: models.Loan, instruction: models.Instruction, at: datetime) -> models.Payout:
    return models.Payout(
        loan=loan,
        instruction=instruction,
        enterprise_id=loan.enterprise_id,
        lender_id=loan.lender_id,
        amount_minor=loan.principal_minor,
        business_date=loan.start_date,
        occurred_at=at,
    )


def _post(loans: Sequence[models.Loan], actor: Actor, at: datetime) -> None:
    drafts = [AccountDraft(kind, loan.lender_id, loan.enterprise_id, loan.id) for loan in loans for kind in _KINDS]
    accounts: Accounts = ledger.open_accounts(drafts=drafts, actor=actor, at=at)
    lines = ledger.account_ids(references={loan.facility_id for loan in loans})
    transfers = []
    for loan in loans:
        transfers += [
            TransferDraft(
                accounts[AccountKind.PRINCIPAL_RECEIVABLE, loan.id],
                accounts[AccountKind.FUNDING, loan.id],
                loan.principal_minor,
                "drawdown",
                f"{loan.id}:drawdown",
                loan.start_date,
            ),
            TransferDraft(
                lines[AccountKind.COMMITMENT_CONTRA, loan.facility_id],
                lines[AccountKind.COMMITMENT, loan.facility_id],
                loan.principal_minor,
                "commitment.used",
                f"{loan.id}:commitment",
                loan.start_date,
            ),
        ]
    ledger.post(transfers=transfers, actor=actor, at=at)


def _record(
    name: str, loans: Sequence[models.Loan], facts: Mapping[UUID, Mapping[str, object]], actor: Actor, at: datetime
) -> None:
    deeds = [
        Deed(name, subject=encode_id("loan", loan.id), enterprise_id=loan.enterprise_id, facts=facts[loan.id])
        for loan in loans
    ]
    record_all(deeds=deeds, actor=actor, at=at)
