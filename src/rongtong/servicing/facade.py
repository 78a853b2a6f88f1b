"""The door of servicing: open, draw, collect, book, close the day, freeze; and read what came of it."""

from rongtong.servicing.actions.close_of_business import close_loan, close_of_business
from rongtong.servicing.actions.freeze_limits import freeze_limits, unfreeze_limits
from rongtong.servicing.actions.import_statement import import_statement
from rongtong.servicing.actions.open_facility import AgreementUnsigned, open_facility
from rongtong.servicing.actions.receive_status import receive_status
from rongtong.servicing.actions.request_drawdown import (
    AmountInvalid,
    DrawdownDiffers,
    FacilityClosed,
    LimitExceeded,
    LimitFrozen,
    quote_drawdown,
    request_drawdown,
)
from rongtong.servicing.actions.request_prepayment import PrepaymentUnderWay, request_prepayment
from rongtong.servicing.actions.resolve_entry import EntryMalformed, EntryNotBookable, resolve_entry
from rongtong.servicing.actions.send_collections import send_collections
from rongtong.servicing.actions.send_instructions import send_instructions
from rongtong.servicing.actions.settle_facilities import settle_line
from rongtong.servicing.actions.write_off_loan import NotALoss, write_off_loan
from rongtong.servicing.adapters.banks import Bank, BankUnavailable, open_bank
from rongtong.servicing.adapters.statement_csv import DigitsLost
from rongtong.servicing.adapters.xml import MessageMalformed
from rongtong.servicing.queries.facilities import (
    FacilityUnknown,
    facilities,
    facilities_of,
    facility,
    facility_of_agreement,
    frozen_by_alarm,
)
from rongtong.servicing.queries.figures import (
    borrowers,
    debts_of,
    exposures,
    has_loans,
    lenders_concerned,
    overdue_count,
    overdue_days,
    portfolio,
)
from rongtong.servicing.queries.loans import (
    LoanUnknown,
    class_changes,
    drawdown_message,
    instructions,
    loan,
    loan_of_number,
    loans,
    loans_of,
    repayments,
    schedule,
)
from rongtong.servicing.queries.prepayments import ArrearsFirst, LoanNotActive, PrepaymentTooLarge, quote_prepayment
from rongtong.servicing.queries.statements import EntryUnknown, unbooked_entry, unbooked_page
from rongtong.servicing.queries.waiting import overdue_cases

__all__ = [
    "AgreementUnsigned",
    "AmountInvalid",
    "ArrearsFirst",
    "Bank",
    "BankUnavailable",
    "DigitsLost",
    "DrawdownDiffers",
    "EntryMalformed",
    "EntryNotBookable",
    "EntryUnknown",
    "FacilityClosed",
    "FacilityUnknown",
    "LimitExceeded",
    "LimitFrozen",
    "LoanNotActive",
    "LoanUnknown",
    "MessageMalformed",
    "NotALoss",
    "PrepaymentTooLarge",
    "PrepaymentUnderWay",
    "borrowers",
    "class_changes",
    "close_loan",
    "close_of_business",
    "debts_of",
    "drawdown_message",
    "exposures",
    "facilities",
    "facilities_of",
    "facility",
    "facility_of_agreement",
    "freeze_limits",
    "frozen_by_alarm",
    "has_loans",
    "import_statement",
    "instructions",
    "lenders_concerned",
    "loan",
    "loan_of_number",
    "loans",
    "loans_of",
    "open_bank",
    "open_facility",
    "overdue_cases",
    "overdue_count",
    "overdue_days",
    "portfolio",
    "quote_drawdown",
    "quote_prepayment",
    "receive_status",
    "repayments",
    "request_drawdown",
    "request_prepayment",
    "resolve_entry",
    "schedule",
    "send_collections",
    "send_instructions",
    "settle_line",
    "unbooked_entry",
    "unbooked_page",
    "unfreeze_limits",
    "write_off_loan",
]

PLANNED = {
    "write_off_loan": "lending",
}
"""What nothing outside of the tests calls yet, each with the capability that will."""
