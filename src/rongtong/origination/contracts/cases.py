"""Origination's kinds of cases: for each state who acts next, how it is left, and until when.

The database's guards (`migrations`) and the enums' comments say the same; a test holds them together.
"""

from __future__ import annotations

from rongtong.core.cases import CaseKind, Exit, NextActor, Stage

_FIRM, _LENDER, _PLATFORM = NextActor.FIRM, NextActor.LENDER, NextActor.PLATFORM
_WITHDRAW = Exit("withdraw_application", ("withdrawn",), _FIRM)
_LAPSE = Exit("lapse_application", ("lapsed",), _PLATFORM)
_ENDED = (
    Exit("withdraw_application", ("void",), _FIRM),
    Exit("lapse_application", ("void",), _PLATFORM),
)

APPLICATION = CaseKind(
    "application",
    {
        "submitted": Stage(
            _PLATFORM,
            (Exit("decide_application", ("approved", "declined", "referred"), _PLATFORM), _WITHDRAW, _LAPSE),
            "origination.automatic_minutes",
        ),
        "referred": Stage(
            _LENDER,
            (
                Exit("decide_manually", ("approved", "countered", "declined"), _LENDER),
                Exit("confirm_proposal", ("approved", "countered"), _LENDER),
                _WITHDRAW,
                _LAPSE,
            ),
            "origination.decision_days",
        ),
        "approved": Stage(
            _FIRM,
            (Exit("accept_decision", ("accepted",), _FIRM), _WITHDRAW, _LAPSE),
            "origination.acceptance_days",
        ),
        "countered": Stage(
            _FIRM,
            (Exit("accept_decision", ("accepted",), _FIRM), _WITHDRAW, _LAPSE),
            "origination.acceptance_days",
        ),
        "accepted": Stage(
            _PLATFORM,
            (
                Exit("prepare_agreement", (), _PLATFORM),
                Exit("sign_agreement", ("signed",), _LENDER),
                _WITHDRAW,
                _LAPSE,
            ),
            "origination.automatic_minutes",
        ),
        "signed": Stage(_PLATFORM, (Exit("open_facility", (), _PLATFORM),), "origination.automatic_minutes"),
    },
    final=frozenset({"declined", "withdrawn", "lapsed"}),
)
"""An accepted one waits for its agreement, a signed one for its facility; from then on these are the cases that wait."""

PROPOSAL = CaseKind(
    "proposal",
    {
        "pending": Stage(
            _LENDER,
            (
                Exit("confirm_proposal", ("confirmed",), _LENDER),
                Exit("decide_manually", ("replaced",), _LENDER),
                Exit("withdraw_application", ("dropped",), _FIRM),
                Exit("lapse_application", ("dropped",), _PLATFORM),
            ),
            "origination.decision_days",
        )
    },
    final=frozenset({"confirmed", "replaced", "dropped"}),
)

AGREEMENT = CaseKind(
    "agreement",
    {
        "prepared": Stage(
            _FIRM,
            (Exit("sign_agreement", ("signed_by_firm",), _FIRM), *_ENDED),
            "origination.acceptance_days",
        ),
        "signed_by_firm": Stage(
            _LENDER,
            (Exit("sign_agreement", ("signed",), _LENDER), *_ENDED),
            "origination.decision_days",
        ),
    },
    final=frozenset({"signed", "void"}),
)

OBJECTION = CaseKind(
    "objection",
    {"raised": Stage(_LENDER, (Exit("answer_objection", ("upheld", "dismissed"), _LENDER),), ":deadline")},
    final=frozenset({"upheld", "dismissed"}),
)

REOPENED = frozenset((state, "referred") for state in ("declined", "approved", "countered", "accepted"))
"""What an objection that is upheld does to a decided application, until both sides have signed."""

CASE_KINDS = (APPLICATION, PROPOSAL, AGREEMENT, OBJECTION)
