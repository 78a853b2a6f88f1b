"""Public registers are asked before the rules decide: an answer counts, a silence is for a person, and both are kept."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import pytest

from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import Book, in_book
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Decision, Outcome
from rongtong.parties.contracts import Organisation
from rongtong.records import facade as records
from rongtong.records.contracts import LookupState, PublicRegister
from tests.registers import Registers


def checks(decision: Decision) -> dict[str, str]:
    return {one.code: one.state.value for one in decision.checks if one.code.startswith("register.")}


@pytest.mark.django_db
class TestBeforeAnAutomaticDecision:
    def test_each_register_is_asked_and_the_look_up_kept(
        self, market: dict[str, Organisation], kit: ModuleType, registers: Registers
    ) -> None:
        (firm,) = kit.register_firms(1)
        decision = kit.decide(kit.submit(firm))
        assert decision.outcome is Outcome.APPROVED
        assert [one["name"] for one in registers.asked] == [firm.name]
        assert checks(decision) == {f"register.{one.value}": "passed" for one in PublicRegister}
        assert decision.inputs["offer"]["changed"] == []
        (entry,) = AuditEntry.objects.filter(action="registers.looked_up")
        assert (entry.enterprise_id, entry.facts["state"]) == (firm.id, "answered")
        assert origination.replay_decisions().identical == 1

    def test_a_silent_register_sends_the_case_to_a_person(
        self, market: dict[str, Organisation], kit: ModuleType, registers: Registers
    ) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        registers.silent = True
        decision = kit.decide(application)
        assert decision.outcome is Outcome.REFERRED
        assert set(checks(decision).values()) == {"refers"}
        assert "since_offer" in {one.code for one in decision.reasons}, "what the offer said no longer holds, and why"
        assert origination.replay_decisions().identical == 1

    @pytest.mark.parametrize(
        ("register", "outcome"),
        [
            ("dishonest", Outcome.DECLINED),
            ("registration", Outcome.DECLINED),
            ("enforcement", Outcome.REFERRED),
            ("abnormal", Outcome.REFERRED),
        ],
    )
    def test_a_listing_leads_to_what_its_rule_says(
        self, market: dict[str, Organisation], kit: ModuleType, registers: Registers, register: str, outcome: Outcome
    ) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        registers.against = {register}
        decision = kit.decide(application)
        assert decision.outcome is outcome
        assert decision.reasons[0].code == f"register.{register}"

    def test_an_evaluation_asks_nobody_and_says_so(
        self, market: dict[str, Organisation], kit: ModuleType, registers: Registers
    ) -> None:
        (firm,) = kit.register_firms(1)
        with in_book(Book.EVALUATION):
            found = records.look_up_registers(
                enterprise_id=firm.id,
                reader_id=market["qingjiang_bank"].id,
                purpose="financing",
                as_of=kit.AS_OF,
                actor=kit.JOB,
                at=kit.AT,
            )
        assert {one.state for one in found} == {LookupState.NOT_ASKED}
        assert registers.asked == []

    def test_what_is_unknown_of_the_firm_sends_the_case_to_a_person(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        portrait = kit.portray(firm, inv_circular_share=None)
        for unknown, outcome in (((), Outcome.APPROVED), (("inv_circular_share",), Outcome.REFERRED)):
            other = application if unknown else kit.submit(kit.register_firms(1, name="另一家企业{}有限公司")[0])
            given = replace(portrait, enterprise_id=other.enterprise_id, unknown=unknown)
            decision = origination.decide_application(
                application_id=other.id, as_of=kit.AS_OF, actor=kit.JOB, at=kit.AT, portrait=given
            )
            assert decision.outcome is outcome, decision.reasons
