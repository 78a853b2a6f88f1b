from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from rongtong.core.actors import Actor
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Application, ApplicationState, DecidedBy, Decision, Outcome, Proposal, Side
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation
from tests import hands

pytestmark = pytest.mark.django_db


def referred(kit: ModuleType) -> Application:
    (firm,) = kit.register_firms(1)
    application = kit.submit(firm, human_review=True)
    kit.decide(application)
    return origination.application(application_id=application.id)


def desk(application: Application, kit: ModuleType, outcome: Outcome, **terms: Any) -> Decision | Proposal:
    arguments = {"actor": kit.JOB, "at": kit.AT, "reason": "现场核实经营正常", **terms}
    return origination.decide_manually(application_id=application.id, outcome=outcome, **arguments)


class TestDecideManually:
    def test_approves_what_was_applied_for(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        application = referred(kit)
        decision = desk(application, kit, Outcome.APPROVED)
        assert isinstance(decision, Decision)
        assert (decision.number, decision.decided_by, decision.outcome) == (2, DecidedBy.MANUAL, Outcome.APPROVED)
        assert decision.amount_minor == application.amount_minor
        assert decision.note == "现场核实经营正常"
        assert origination.application(application_id=application.id).state is ApplicationState.APPROVED

    def test_calls_other_terms_a_counter_offer(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        application = referred(kit)
        decision = desk(
            application,
            kit,
            Outcome.APPROVED,
            amount_minor=application.amount_minor - 1_000_000,
            annual_rate=Decimal("0.0525"),
        )
        assert isinstance(decision, Decision)
        assert decision.outcome is Outcome.COUNTERED
        assert decision.annual_rate == Decimal("0.0525")
        assert decision.annual_cost_effective is not None
        accepted = origination.accept_decision(
            application_id=application.id, actor=hands.of_firm(application), at=kit.AT
        )
        assert accepted.state is ApplicationState.ACCEPTED
        agreement = origination.prepare_agreement(application_id=application.id, actor=kit.JOB, at=kit.AT)
        assert agreement.amount_minor == application.amount_minor - 1_000_000
        assert agreement.annual_rate == Decimal("0.0525")
        assert agreement.penalty_rate == Decimal("0.07875")

    def test_declines_with_its_reason(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        decision = desk(referred(kit), kit, Outcome.DECLINED, reason="订单无法核实")
        assert isinstance(decision, Decision)
        assert decision.outcome is Outcome.DECLINED
        assert decision.reasons[0].text_zh == "订单无法核实"

    @pytest.mark.parametrize("reason", ["", "  \u200b ", "长" * 2001])
    def test_needs_a_reason(self, market: dict[str, Organisation], kit: ModuleType, reason: str) -> None:
        with pytest.raises(origination.DeskReasonMissing):
            desk(referred(kit), kit, Outcome.APPROVED, reason=reason)

    @pytest.mark.parametrize(
        "terms",
        [
            {"amount_minor": 0},
            {"amount_minor": 10**15},
            {"term_months": 0},
            {"term_months": 361},
            {"annual_rate": Decimal("0")},
            {"annual_rate": Decimal("1")},
            {"annual_rate": Decimal("0.05123456")},
        ],
    )
    def test_refuses_terms_that_cannot_be(
        self, market: dict[str, Organisation], kit: ModuleType, terms: dict[str, Any]
    ) -> None:
        with pytest.raises(origination.DeskTermsInvalid):
            desk(referred(kit), kit, Outcome.COUNTERED, **terms)

    def test_is_barred_by_the_cap_on_the_annual_cost(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        application = referred(kit)
        with pytest.raises(origination.DecisionBarred) as barred:
            desk(application, kit, Outcome.COUNTERED, annual_rate=Decimal("0.30"))
        assert barred.value.facts["checks"] == ["cost_cap"]
        assert origination.application(application_id=application.id).state is ApplicationState.REFERRED

    def test_is_open_to_the_lender_only(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        application = referred(kit)
        stranger = next(one for one in market.values() if one.id != application.lender_id)
        with pytest.raises(origination.NotAParty):
            desk(application, kit, Outcome.APPROVED, actor=kit.person(stranger))
        firm = parties.organisation(application.enterprise_id)
        with pytest.raises(origination.NotAParty):
            desk(application, kit, Outcome.APPROVED, actor=kit.person(firm))

    def test_decides_only_what_was_referred(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        with pytest.raises(origination.ApplicationMoved):
            desk(application, kit, Outcome.APPROVED)
        kit.decide(application)
        with pytest.raises(origination.ApplicationMoved):
            desk(application, kit, Outcome.DECLINED)

    def test_grants_nothing_once_the_capacity_has_gone(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        application = referred(kit)
        later = kit.AT + timedelta(days=31)
        matching.release_offer(offer_id=application.offer_id, actor=kit.JOB, at=later)
        with pytest.raises(matching.OfferNotOpen):
            desk(application, kit, Outcome.APPROVED, at=later)
        decision = desk(application, kit, Outcome.DECLINED, at=later)
        assert isinstance(decision, Decision)

    def test_replays_too(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        desk(referred(kit), kit, Outcome.APPROVED)
        result = origination.replay_decisions()
        assert (result.decisions, result.identical) == (2, 2)

    def test_moves_the_day_of_the_books_with_the_days_of_the_world(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        decision = desk(referred(kit), kit, Outcome.APPROVED, at=kit.AT + timedelta(days=3))
        assert isinstance(decision, Decision)
        assert decision.as_of == kit.AS_OF + timedelta(days=3)


class TestFourEyes:
    def proposed(self, kit: ModuleType) -> tuple[Proposal, Organisation]:
        (firm,) = kit.register_firms(1)
        offers = kit.offers_for(firm, inv_sales_12m_fen=4e9)
        offer = next(one for one in offers if one.amount_minor >= 300_000_000)
        lender = parties.organisation(offer.lender_id)
        kit.grant(firm, lender)
        application = origination.submit_application(
            draft=kit.draft_for(offer, human_review=True), actor=kit.JOB, at=kit.AT
        )
        kit.decide(application, inv_sales_12m_fen=4e9)
        proposal = desk(application, kit, Outcome.APPROVED, actor=kit.person(lender, "first"))
        assert isinstance(proposal, Proposal)
        return proposal, lender

    def test_ask_for_a_second_person_from_the_amount_up(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        proposal, lender = self.proposed(kit)
        application = origination.application(application_id=proposal.application_id)
        assert application.state is ApplicationState.REFERRED
        assert origination.timeline(application_id=application.id, at=kit.AT).next_action == "confirm_proposal"
        with pytest.raises(origination.SecondPersonNeeded):
            origination.confirm_proposal(proposal_id=proposal.id, actor=kit.person(lender, "first"), at=kit.AT)
        decision = origination.confirm_proposal(proposal_id=proposal.id, actor=kit.person(lender, "second"), at=kit.AT)
        assert decision.outcome is Outcome.APPROVED
        assert decision.actor_name == "second"
        with pytest.raises(origination.ProposalClosed):
            origination.confirm_proposal(proposal_id=proposal.id, actor=kit.person(lender, "third"), at=kit.AT)

    @pytest.mark.parametrize("person", ["first", ""])
    def test_are_not_confirmed_by_a_key_of_the_same_person_or_of_nobody_known(
        self, market: dict[str, Organisation], kit: ModuleType, person: str
    ) -> None:
        proposal, lender = self.proposed(kit)
        maker = kit.person(lender, "first").id if person else ""
        key = Actor("client", "key-1", "ERP", lender.id, person_id=maker)
        with pytest.raises(origination.SecondPersonNeeded):
            origination.confirm_proposal(proposal_id=proposal.id, actor=key, at=kit.AT)

    def test_made_by_key_are_not_confirmed_by_its_maker_or_its_other_key(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        proposal, lender = self.proposed(kit)
        maker = kit.person(lender, "third")
        key = Actor("client", "key-1", "ERP", lender.id, person_id=maker.id)
        application = origination.application(application_id=proposal.application_id)
        by_key = desk(application, kit, Outcome.APPROVED, actor=key)
        assert isinstance(by_key, Proposal)
        for same in (maker, Actor("client", "key-2", "CRM", lender.id, person_id=maker.id)):
            with pytest.raises(origination.SecondPersonNeeded):
                origination.confirm_proposal(proposal_id=by_key.id, actor=same, at=kit.AT)
        other = Actor("client", "key-3", "CRM", lender.id, person_id=kit.person(lender, "fourth").id)
        assert origination.confirm_proposal(proposal_id=by_key.id, actor=other, at=kit.AT).outcome is Outcome.APPROVED

    def test_let_a_newer_proposal_take_the_place_of_an_older_one(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        proposal, lender = self.proposed(kit)
        application = origination.application(application_id=proposal.application_id)
        newer = desk(application, kit, Outcome.APPROVED, actor=kit.person(lender, "second"))
        assert isinstance(newer, Proposal)
        assert origination.proposal_of(application_id=application.id) == newer
        with pytest.raises(origination.ProposalClosed):
            origination.confirm_proposal(proposal_id=proposal.id, actor=kit.person(lender, "third"), at=kit.AT)

    def test_count_what_the_firm_has_at_that_lender_beside_it(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        """A sum that needs a second person needs one in two parts as well; what another lender gives is not counted."""
        (firm,) = kit.register_firms(1)
        part = 160_000_000

        def part_at(code: str) -> Application:
            offers = kit.offers_for(firm, inv_sales_12m_fen=4e9)
            offer = next(one for one in offers if one.product_code == code)
            kit.grant(firm, parties.organisation(offer.lender_id))
            made = origination.submit_application(
                draft=kit.draft_for(offer, amount_minor=part, human_review=True), actor=kit.JOB, at=kit.AT
            )
            kit.decide(made, inv_sales_12m_fen=4e9)
            return made

        first = part_at("huayu_order")
        lender = parties.organisation(first.lender_id)
        clerk = kit.person(lender, "first")
        assert isinstance(desk(first, kit, Outcome.APPROVED, actor=clerk), Decision)
        elsewhere = part_at("jiangzuo_revolving")
        other = kit.person(parties.organisation(elsewhere.lender_id), "theirs")
        assert isinstance(desk(elsewhere, kit, Outcome.APPROVED, actor=other), Decision)
        second = part_at("huayu_invoice")
        proposal = desk(second, kit, Outcome.APPROVED, actor=clerk)
        assert isinstance(proposal, Proposal)
        with pytest.raises(origination.SecondPersonNeeded):
            origination.confirm_proposal(proposal_id=proposal.id, actor=clerk, at=kit.AT)
        smaller = desk(second, kit, Outcome.APPROVED, actor=clerk, amount_minor=139_000_000)
        assert isinstance(smaller, Decision)


class TestAcceptAndWithdraw:
    def test_accept_only_what_was_granted_and_in_time(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        accept = {"application_id": application.id, "actor": hands.of_firm(application)}
        with pytest.raises(origination.ApplicationMoved):
            origination.accept_decision(**accept, at=kit.AT)
        kit.decide(application)
        with pytest.raises(origination.DecisionExpired):
            origination.accept_decision(**accept, at=kit.AT + timedelta(days=31))
        lender = parties.organisation(application.lender_id)
        with pytest.raises(origination.NotAParty):
            origination.accept_decision(application_id=application.id, actor=kit.person(lender), at=kit.AT)
        first = origination.accept_decision(**accept, at=kit.AT)
        assert first.state is ApplicationState.ACCEPTED
        assert origination.accept_decision(**accept, at=kit.AT) == first

    def test_withdraw_frees_the_capacity_and_ends_the_way(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.accepted(firm)
        agreement = origination.prepare_agreement(application_id=application.id, actor=kit.JOB, at=kit.AT)
        for _ in range(2):
            withdrawn = origination.withdraw_application(
                application_id=application.id, reason="另有安排", actor=kit.person(firm), at=kit.AT
            )
            assert withdrawn.state is ApplicationState.WITHDRAWN
        assert matching.offer(offer_id=application.offer_id).state == "withdrawn"
        with pytest.raises(origination.AgreementVoid):
            origination.sign_agreement(
                agreement_id=agreement.id, side=Side.FIRM, actor=hands.of_firm(agreement), at=kit.AT
            )

    def test_withdraw_nothing_that_is_signed(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.signed(firm)
        with pytest.raises(origination.ApplicationMoved):
            origination.withdraw_application(
                application_id=agreement.application_id, reason="", actor=kit.JOB, at=kit.AT
            )
