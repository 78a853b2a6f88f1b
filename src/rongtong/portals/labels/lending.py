"""Loans, payments, instructions, and rows of records."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TABLE: dict[str, dict[str, tuple[str | Promise, str]]] = {
    "loan_state": {
        "instructed": (_("Payout instructed"), "note"),
        "active": (_("Running"), "good"),
        "repaid": (_("Repaid"), ""),
        "rejected": (_("Payout rejected"), "bad"),
        "written_off": (_("Written off"), "bad"),
    },
    "class": {
        "normal": (_("Normal"), "good"),
        "special_mention": (_("Special mention"), "warn"),
        "substandard": (_("Substandard"), "alarm"),
        "doubtful": (_("Doubtful"), "bad"),
        "loss": (_("Loss"), "bad"),
    },
    "component": {
        "costs": (_("Costs"), ""),
        "penalty": (_("Penalty interest"), ""),
        "compound": (_("Compound interest"), ""),
        "interest": (_("Interest"), ""),
        "principal": (_("Principal"), ""),
    },
    "instruction_kind": {
        "drawdown": (_("Payout"), ""),
        "collection": (_("Collection"), ""),
        "prepayment": (_("Collection of an early repayment"), ""),
    },
    "instruction_state": {
        "prepared": (_("To be sent"), "note"),
        "sent": (_("Sent"), "note"),
        "accepted": (_("Accepted"), "good"),
        "rejected": (_("Rejected"), "bad"),
    },
    "entry_reason": {
        "unmatched": (_("Names no instruction of the platform"), ""),
        "excess": (_("More than was due"), ""),
        "loan_closed": (_("The loan is closed"), ""),
        "wrong_currency": (_("Another currency"), ""),
        "amount_differs": (_("Another amount than instructed"), ""),
        "date_unlikely": (_("Booked on an unlikely day"), "warn"),
    },
    "loan_view": {
        "running": (_("Running loans"), ""),
        "overdue": (_("Overdue loans"), ""),
        "all": (_("All"), ""),
    },
    "row_reason": {
        "amount_unreadable": (_("Amount cannot be read"), ""),
        "number_unreadable": (_("Number cannot be read"), ""),
        "date_unreadable": (_("Date cannot be read"), ""),
        "time_unreadable": (_("Time cannot be read"), ""),
        "code_unknown": (_("Unknown code"), ""),
        "value_missing": (_("Value missing"), ""),
        "control_character": (_("Control characters in the text"), ""),
        "text_damaged": (_("Text damaged by a wrong encoding"), ""),
        "text_too_long": (_("Text too long"), ""),
        "enterprise_missing": (_("No firm named"), ""),
        "enterprise_unknown": (_("Unknown firm"), ""),
        "date_in_future": (_("Date in the future"), ""),
        "date_too_old": (_("Date before 1980"), ""),
        "outside_consent_range": (_("Outside the period authorised"), ""),
        "amount_negative": (_("Negative amount"), ""),
        "amount_zero": (_("Amount of zero"), ""),
        "amounts_disagree": (_("Net and tax do not add up"), ""),
        "parts_exceed_total": (_("Parts exceed the total"), ""),
        "quote_unclosed": (_("Quotation mark not closed"), ""),
        "digits_lost": (_("Digits lost in a spreadsheet"), ""),
        "row_undecodable": (_("The row cannot be decoded"), ""),
        "contradicts_source": (_("Contradicts what the same source said"), ""),
        "balances_disagree": (_("Balances do not add up"), ""),
        "document_malformed": (_("Document malformed"), ""),
        "document_too_large": (_("Document too large"), ""),
        "row_too_long": (_("Too many columns"), ""),
        "row_too_short": (_("Too few columns"), ""),
    },
}
