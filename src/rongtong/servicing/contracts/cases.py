"""Servicing's kinds of cases: for each state who acts next, how it is left, and until when."""

from __future__ import annotations

from rongtong.core.cases import CaseKind, Exit, NextActor, Stage

_SEND = Exit("send_instructions", ("sent", "accepted", "rejected"), NextActor.PLATFORM)
_REPORTS = (
    Exit("import_statement", ("accepted",), NextActor.LENDER),
    Exit("receive_status", ("accepted", "rejected"), NextActor.LENDER),
)
FACILITY = CaseKind(
    "facility",
    {"open": Stage(NextActor.FIRM, (Exit("settle_facilities", ("closed",), NextActor.PLATFORM),), ":end_date")},
    final=frozenset({"closed"}),
)
LOAN = CaseKind(
    "loan",
    {
        "instructed": Stage(
            NextActor.LENDERS_BANK,
            (
                Exit("send_instructions", ("active", "rejected"), NextActor.PLATFORM),
                Exit("import_statement", ("active",), NextActor.LENDER),
                Exit("receive_status", ("active", "rejected"), NextActor.LENDER),
            ),
            "origination.payout_days",
        ),
        "active": Stage(
            NextActor.FIRM,
            (
                Exit("request_prepayment", ("repaid",), NextActor.FIRM),
                Exit("import_statement", ("repaid",), NextActor.LENDER),
            ),
            ":next_due_date",
        ),
    },
    final=frozenset({"repaid", "written_off", "rejected"}),
)
MESSAGE = CaseKind(
    "message",
    {
        "prepared": Stage(NextActor.PLATFORM, (_SEND,), "servicing.bank_answer_hours"),
        "sent": Stage(NextActor.LENDERS_BANK, (_SEND, *_REPORTS), "servicing.bank_answer_hours"),
    },
    final=frozenset({"accepted", "rejected"}),
)
ENTRY = CaseKind(
    "unbooked_entry",
    {
        "open": Stage(
            NextActor.LENDER, (Exit("resolve_entry", ("resolved",), NextActor.LENDER),), "servicing.unbooked_days"
        )
    },
    final=frozenset({"resolved"}),
)
CASE_KINDS = (FACILITY, LOAN, MESSAGE, ENTRY)
"""Servicing's kinds of cases: for each state who acts next, how it is left, and until when."""
