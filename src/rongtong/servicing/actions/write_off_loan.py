"""Write off a loan that is a loss: the claim stays the lender's, the books give up its principal; interest and penalties stay as they stand."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountKind, TransferDraft
from rongtong.servicing import models
from rongtong.servicing.actions.attest_rows import Written, attest_rows
from rongtong.servicing.contracts import Loan, LoanClass, LoanState
from rongtong.servicing.queries.loans import LoanUnknown, loan_contract


class NotALoss(Conflict):
    """A loan was to be written off that is not active, or not classed as a loss."""

    code = "not_a_loss"
    message = _("Only an active loan that is classed as a loss can be written off.")


def write_off_loan(*, loan_id: UUID, reason: str, business_date: date, actor: Actor, at: datetime) -> Loan:
    """Move the principal owed to the lender's account of losses and close the loan. Raises LoanUnknown, NotALoss."""
    with transaction.atomic():
        loan = models.Loan.objects.select_for_update(of=("self",)).select_related("facility").filter(pk=loan_id).first()
        if loan is None:
            raise LoanUnknown(loan=encode_id("loan", loan_id))
        if loan.state != LoanState.ACTIVE or loan.loan_class != LoanClass.LOSS:
            raise NotALoss(loan=encode_id("loan", loan_id))
        accounts = ledger.account_ids(references=[loan.id])
        lost = TransferDraft(
            accounts[AccountKind.WRITTEN_OFF, loan.id],
            accounts[AccountKind.PRINCIPAL_RECEIVABLE, loan.id],
            loan.outstanding_minor,
            "written_off",
            f"{loan.id}:written_off",
            business_date,
        )
        ledger.post(transfers=[lost], actor=actor, at=at)
        loan.state, loan.closed_date = LoanState.WRITTEN_OFF.value, business_date
        loan.save(update_fields=["state", "closed_date"])
        deed = Deed(
            "loan.written_off",
            subject=encode_id("loan", loan.id),
            enterprise_id=loan.enterprise_id,
            facts={"amount_minor": loan.outstanding_minor, "reason": reason[:500]},
        )
        record(deed=deed, actor=actor, at=at)
        written = Written(loan.id, deed.subject, loan.enterprise_id, loan.lender_id)
        attest_rows(kind="loan.written_off", evidence_kind="write_off", rows=[written], at=at)
    return loan_contract(loan, loan.facility)
