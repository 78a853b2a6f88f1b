"""What an early repayment would cost and leave."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Conflict, Invalid
from rongtong.core.ids import encode_id
from rongtong.servicing.contracts import LoanId, LoanState, PrepaymentMode, PrepaymentQuote
from rongtong.servicing.queries.histories import day_count_base, histories
from rongtong.servicing.queries.loans import loan_row
from rongtong.servicing.rules.allocation import dues
from rongtong.servicing.rules.prepayment import prepayment_interest, reschedule, split_point


class LoanNotActive(Conflict):
    """The loan is not paid out yet, or is closed."""

    code = "loan_not_active"
    message = _("This loan is not active.")


class ArrearsFirst(Conflict):
    """Something is due on the day: that is paid first."""

    code = "arrears_first"
    message = _("Please pay what is due first.")


class PrepaymentTooLarge(Invalid):
    """More principal was to be repaid early than is owed, or none at all."""

    code = "prepayment_too_large"
    message = _("Please name an amount of at most what is owed.")


def quote_prepayment(
    *, loan_id: UUID, on: date, mode: PrepaymentMode, principal_minor: int | None = None
) -> PrepaymentQuote:
    """What repaying principal early on a day costs, and the interest that it saves; all principal where none is named.

    The collection is made of this quote: it refuses what the collection would. Raises LoanUnknown, LoanNotActive,
    ArrearsFirst, PrepaymentTooLarge.
    """
    loan = loan_row(loan_id)
    history = histories([loan])[loan.id]
    if loan.state != LoanState.ACTIVE or on < loan.start_date:
        raise LoanNotActive(loan=encode_id("loan", loan_id))
    if dues(history, on):
        raise ArrearsFirst(loan=encode_id("loan", loan_id))
    _done, coming = split_point(history.rows, on)
    owed = sum(row.principal for row in coming)
    principal = owed if principal_minor is None else principal_minor
    interest = prepayment_interest(history.rows, on)
    if not 0 < principal <= min(owed, loan.outstanding_minor):
        raise PrepaymentTooLarge(outstanding_minor=loan.outstanding_minor)
    rows = reschedule(
        rows=history.rows,
        day=on,
        principal_minor=principal,
        method=loan.repayment_method,
        annual_rate=loan.annual_rate,
        mode=mode,
        day_count_base=day_count_base(loan.start_date),
    )
    before, after = sum(row.interest for row in coming), sum(row.interest for row in rows)
    return PrepaymentQuote(
        loan_id=LoanId(loan.id),
        business_date=on,
        mode=mode,
        principal_minor=principal,
        interest_minor=interest,
        total_minor=principal + interest,
        saved_minor=before - after,
        remaining_minor=owed - principal,
        last_due_date=rows[-1].due_date if len(rows) > 1 else None,
        next_instalment_minor=rows[1].principal + rows[1].interest if len(rows) > 1 else 0,
    )
