"""Repay early: quote it, and ask the lender's bank to collect it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.servicing import models
from rongtong.servicing.actions.write_collection import write_collection
from rongtong.servicing.contracts import InstructionKind, InstructionState, PrepaymentMode, PrepaymentQuote
from rongtong.servicing.queries.loans import LoanUnknown
from rongtong.servicing.queries.parties import firm_party, lender_party, organisations_of
from rongtong.servicing.queries.prepayments import quote_prepayment


class PrepaymentUnderWay(Conflict):
    """An early repayment of this loan is being collected already."""

    code = "prepayment_under_way"
    message = _("An early repayment of this loan is under way.")


def request_prepayment(
    *,
    loan_id: UUID,
    business_date: date,
    mode: PrepaymentMode,
    actor: Actor,
    at: datetime,
    principal_minor: int | None = None,
) -> PrepaymentQuote:
    """Write the collection of an early repayment (of all that is owed where no amount is given); a job sends it.

    Raises LoanUnknown, LoanNotActive, ArrearsFirst, PrepaymentTooLarge, PrepaymentUnderWay.
    """
    with transaction.atomic():
        loan = models.Loan.objects.select_for_update(of=("self",)).select_related("facility").filter(pk=loan_id).first()
        if loan is None:
            raise LoanUnknown(loan=encode_id("loan", loan_id))
        quote = quote_prepayment(loan_id=loan_id, on=business_date, mode=mode, principal_minor=principal_minor)
        waiting = loan.instructions.filter(kind=InstructionKind.PREPAYMENT, business_date=business_date).exclude(
            state=InstructionState.REJECTED
        )
        if waiting.exists():
            raise PrepaymentUnderWay(loan=encode_id("loan", loan_id))
        parties = organisations_of([loan.lender_id, loan.enterprise_id])
        write_collection(
            loans=[loan],
            amounts={loan.id: quote.total_minor},
            lender=lender_party(parties[loan.lender_id]),
            firms={loan.id: firm_party(parties[loan.enterprise_id], loan.facility)},
            kind=InstructionKind.PREPAYMENT,
            business_date=business_date,
            at=at,
            mode=mode.value,
        )
        deed = Deed(
            "prepayment.requested",
            subject=encode_id("loan", loan.id),
            enterprise_id=loan.enterprise_id,
            facts={"principal_minor": quote.principal_minor, "total_minor": quote.total_minor, "mode": mode},
        )
        record(deed=deed, actor=actor, at=at)
    return quote
