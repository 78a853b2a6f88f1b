"""Every state that a page can show has a name."""

from __future__ import annotations

from enum import Enum

import pytest

from rongtong.consent.contracts import ConsentState, Item, Refusal
from rongtong.consent.contracts import Purpose as ConsentPurpose
from rongtong.credit.contracts import RepaymentMethod
from rongtong.matching.contracts import OfferState, Unknown
from rongtong.monitoring.contracts import Disposition, Level
from rongtong.origination.contracts import (
    AgreementState,
    ApplicationState,
    CheckState,
    DecidedBy,
    ObjectionState,
    Outcome,
    Purpose,
    Side,
)
from rongtong.parties.contracts import CheckResult, LicenceType, Role, SizeClass
from rongtong.portals.labels import LABELS, label_of, tone_of
from rongtong.portals.navigation import HOMES, PLACES
from rongtong.servicing.contracts import (
    Component,
    ExceptionReason,
    InstructionKind,
    InstructionState,
    LoanClass,
    LoanState,
)

FAMILIES: dict[str, type[Enum]] = {
    "role": Role, "item": Item, "purpose": ConsentPurpose, "consent_state": ConsentState, "refusal": Refusal,
    "size": SizeClass, "licence_type": LicenceType, "check": CheckResult, "repayment_method": RepaymentMethod,
    "offer_state": OfferState, "application_state": ApplicationState, "outcome": Outcome, "decided_by": DecidedBy,
    "agreement_state": AgreementState, "objection_state": ObjectionState, "side": Side, "loan_purpose": Purpose,
    "check_state": CheckState, "unknown": Unknown, "level": Level, "disposition": Disposition,
    "loan_state": LoanState, "class": LoanClass, "component": Component, "instruction_kind": InstructionKind,
    "instruction_state": InstructionState, "entry_reason": ExceptionReason,
}  # fmt: skip


class TestLabels:
    @pytest.mark.parametrize("family", FAMILIES)
    def test_name_every_member(self, family: str) -> None:
        assert {str(one.value) for one in FAMILIES[family]} - set(LABELS[family]) == set()

    def test_show_what_has_no_name_as_it_is(self) -> None:
        assert (label_of("new_state", "outcome"), tone_of("new_state", "outcome"), label_of(None)) == (
            "new_state",
            "",
            "",
        )

    def test_use_tones_that_the_design_has(self) -> None:
        tones = {tone for family in LABELS.values() for _name, tone in family.values()}
        assert tones <= {"", "good", "note", "warn", "alarm", "bad"}


class TestPlaces:
    def test_lead_somewhere_for_every_role(self) -> None:
        assert set(PLACES) == set(HOMES) == set(Role)
        assert all(place.url.startswith("/") for places in PLACES.values() for place in places)
