"""From an offer to an agreement that both sides signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType

import pytest

from rongtong.attest import facade as attest
from rongtong.matching import facade as matching
from rongtong.matching.contracts import OfferState
from rongtong.origination import facade as origination
from rongtong.origination.contracts import AgreementState, ApplicationState, Outcome, Side
from rongtong.parties.contracts import Organisation
from tests import hands
from tests.columns import a_later_version

pytestmark = pytest.mark.django_db


class TestTheWholeWay:
    def test_leads_from_an_offer_to_a_signed_agreement(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        assert application.state is ApplicationState.SUBMITTED
        decision = kit.decide(application)
        assert decision.outcome is Outcome.APPROVED, decision.reasons
        assert decision.amount_minor == application.amount_minor
        assert decision.annual_rate == application.annual_rate
        origination.accept_decision(application_id=application.id, actor=kit.person(firm), at=kit.AT)
        agreement = origination.prepare_agreement(application_id=application.id, actor=kit.person(firm), at=kit.AT)
        assert agreement.state is AgreementState.PREPARED
        origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=kit.person(firm), at=kit.AT)
        signed = origination.sign_agreement(
            agreement_id=agreement.id, side=Side.LENDER, actor=hands.of_lender(agreement), at=kit.AT
        )
        assert signed.state is AgreementState.SIGNED
        assert origination.application(application_id=application.id).state is ApplicationState.SIGNED
        assert matching.offer(offer_id=application.offer_id).state is OfferState.TAKEN
        pdf = origination.agreement_pdf(agreement_id=agreement.id)
        check = origination.verify_agreement(pdf=pdf)
        assert check.ok, check.problems
        assert check.agreement_id == agreement.id
        assert check.digest == signed.pdf_digest
        assert [one.side for one in check.signatures] == ["firm", "lender"]
        assert [one.signer for one in check.signatures] == [firm.name, application.lender_name]

    def test_is_in_the_transparency_log_step_by_step(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        kit.signed(firm)
        attest.sequence(at=datetime(2026, 6, 2, tzinfo=UTC))
        kinds = [leaf.step.kind for leaf in attest.steps_of_enterprise(enterprise_id=firm.id)]
        assert {
            "application.submitted",
            "application.decided",
            "decision.accepted",
            "agreement.prepared",
            "agreement.signed",
        } <= set(kinds)
        assert kinds.count("agreement.signed") == 2
        result = attest.verify_log()
        assert result.ok, result

    def test_replays_to_the_same_bytes(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        for firm in kit.register_firms(3):
            kit.decide(kit.submit(firm))
        result = origination.replay_decisions()
        assert (result.decisions, result.identical, result.differing) == (3, 3, ())

    def test_holds_after_a_later_version_added_a_column_to_each_table(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        first, second = kit.register_firms(2)
        kit.signed(first)
        attest.seal_rows(at=kit.AT)
        attest.sequence(at=kit.AT)
        before = attest.verify_log()
        assert before.ok, before
        with a_later_version():
            again = attest.verify_log()
            assert replace(again, state=before.state) == before  # what waits for its seal changes as time goes by
            kit.signed(second)
            attest.seal_rows(at=kit.AT)
            attest.sequence(at=kit.AT)
            after = attest.verify_log()
            assert after.ok, after
            assert after.leaves > before.leaves
