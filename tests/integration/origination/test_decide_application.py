from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from types import ModuleType

import pytest
from django.db import DatabaseError, connection, transaction

from rongtong.consent import facade as consent
from rongtong.core.canonical import canonical_json, digest
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination import models
from rongtong.origination.contracts import ApplicationState, DecidedBy, Outcome
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation


@pytest.mark.django_db
class TestDecideApplication:
    def test_keeps_all_that_it_rests_on(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        decision = kit.decide(application)
        assert (decision.outcome, decision.decided_by, decision.number) == (Outcome.APPROVED, DecidedBy.AUTOMATIC, 1)
        assert decision.scorecard_version
        assert len(decision.rulebook_version) == 64
        assert decision.product_version == application.product_version
        assert decision.portrait_digest == decision.inputs["portrait"]["digest"]
        assert decision.inputs["consents"]
        assert decision.inputs["as_of"] == "2026-06-01"
        assert decision.inputs["portrait"]["values"] == kit.STRONG
        assert decision.annual_cost_effective is not None
        assert decision.annual_cost_simple is not None
        assert decision.annual_cost_effective > decision.annual_cost_simple > 0
        row = models.Decision.objects.get(id=decision.id)
        assert row.inputs.encode() == canonical_json(json.loads(row.inputs))
        assert row.digest == digest(row.inputs.encode() + b"\n" + row.result.encode())
        assert origination.application(application_id=application.id).state is ApplicationState.APPROVED

    def test_is_made_once(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        assert kit.decide(application) == kit.decide(application, inv_sales_12m_fen=1.0)
        assert models.Decision.objects.count() == 1

    def test_counts_what_other_lenders_have_lent_since_the_offer(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm, code="yunfan_online")
        kit.grant(firm, *market.values())
        second = max(kit.offers_for(firm), key=lambda one: one.amount_minor)
        other = origination.submit_application(draft=kit.draft_for(second), actor=kit.JOB, at=kit.AT)
        decision = kit.decide(application)
        lines = {line["code"]: line["amount_minor"] for line in decision.inputs["limit"]["lines"]}
        assert lines["open"] == -other.amount_minor, "what is under way elsewhere counts, whoever is decided first"
        assert decision.inputs["exposure"]["stages"]["applied"] == other.amount_minor
        assert decision.inputs["offer"]["changed"] == ["exposure"]
        found = matching.exposure(enterprise_ids=[firm.id], on=kit.AS_OF)[firm.id]
        assert found.total_minor <= found.limit_minor
        assert origination.replay_decisions().differing == ()

    def test_refuses_without_the_lenders_consent_and_keeps_the_refusal(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        offer = kit.offer_of(firm)
        application = origination.submit_application(draft=kit.draft_for(offer), actor=kit.JOB, at=kit.AT)
        kit.revoke(firm)
        with pytest.raises(consent.ConsentMissing):
            kit.decide(application)
        assert origination.application(application_id=application.id).state is ApplicationState.SUBMITTED
        refusal = AuditEntry.objects.get(action="consent.refused", enterprise_id=firm.id)
        assert refusal.facts["items"] == ["portrait"]
        assert models.Decision.objects.count() == 0

    def test_refuses_without_consent_to_the_portrait(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        offer = kit.offer_of(firm)
        application = origination.submit_application(draft=kit.draft_for(offer), actor=kit.JOB, at=kit.AT)
        kit.revoke(firm)
        kit.grant(firm, parties.organisation(offer.lender_id), items=("invoices",))
        with pytest.raises(consent.ConsentMissing):
            kit.decide(application)

    def test_declines_with_reasons_and_the_way_to_a_yes(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        decision = kit.decide(kit.submit(firm), crt_dishonest=1.0, inv_sales_12m_fen=1000.0)
        assert decision.outcome is Outcome.DECLINED
        assert decision.amount_minor is None
        assert decision.reasons
        assert all(reason.text_zh and reason.text_en for reason in decision.reasons)
        assert {"dishonest"} <= {reason.code for reason in decision.reasons}
        assert decision.fixes

    def test_grants_less_where_the_limit_has_fallen(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        decision = kit.decide(application, inv_sales_12m_fen=0.8 * 1_800_000_000)
        assert decision.outcome is Outcome.APPROVED, decision.reasons
        assert decision.amount_minor is not None
        assert 0 < decision.amount_minor < application.amount_minor
        assert "limit" in {reason.code for reason in decision.reasons}

    def test_follows_the_wish_for_a_person(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        decision = kit.decide(kit.submit(firm, human_review=True))
        assert decision.outcome is Outcome.REFERRED
        assert "human_review" in {reason.code for reason in decision.reasons}

    def test_declines_once_the_capacity_is_no_longer_held(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        later = kit.AT + timedelta(days=31)
        matching.release_offer(offer_id=application.offer_id, actor=kit.JOB, at=later)
        decision = kit.decide(application, at=later)
        assert [reason.code for reason in decision.reasons] == ["capacity", "since_offer"]
        assert "资金方预留额度" in decision.reasons[-1].text_zh

    def test_refers_when_the_records_are_old(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        stale = kit.portray(firm, freshness=date(2026, 1, 1))
        decision = origination.decide_application(
            application_id=application.id, as_of=kit.AS_OF, actor=kit.JOB, at=kit.AT, portrait=stale
        )
        assert decision.outcome is Outcome.REFERRED
        assert [reason.code for reason in decision.reasons] == ["records_age"]

    def test_bars_the_platforms_and_the_lenders_related_parties(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        scheme, value = firm.identifiers[0].scheme, firm.identifiers[0].value
        platform = parties.platform()
        for _ in range(2):
            origination.declare_related_party(
                of=platform.id, scheme=scheme, value=value, relation="董事控股企业", actor=kit.JOB, at=kit.AT
            )
        (declared,) = origination.related_parties(of=platform.id)
        assert (declared.scheme, declared.value) == (scheme, value)
        decision = kit.decide(application)
        assert decision.outcome is Outcome.DECLINED
        assert [reason.code for reason in decision.reasons] == ["related_party"]
        assert "董事控股企业" in decision.reasons[0].text_zh

    def test_decides_old_cases_by_the_rules_of_then_with_a_note(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        day = date(2020, 3, 1)
        offer = kit.offer_of(firm, as_of=day)
        kit.grant(firm, parties.organisation(offer.lender_id))
        application = origination.submit_application(draft=kit.draft_for(offer), actor=kit.JOB, at=kit.AT)
        decision = kit.decide(application, as_of=day)
        assert decision.as_of == day
        assert any("earliest known row" in note for note in decision.notes)
        assert origination.replay_decisions().identical == 1

    def test_refuses_a_portrait_of_another_firm_or_of_a_later_day(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        firm, other = kit.register_firms(2)
        application = kit.submit(firm)
        for portrait in (kit.portray(other), kit.portray(firm, as_of=date(2026, 6, 2))):
            with pytest.raises(origination.PortraitUnfit):
                origination.decide_application(
                    application_id=application.id, as_of=kit.AS_OF, actor=kit.JOB, at=kit.AT, portrait=portrait
                )

    def test_works_in_the_firms_own_view(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        with as_tenant(firm.id):
            decision = origination.decide_application(
                application_id=application.id,
                as_of=kit.AS_OF,
                actor=kit.person(firm),
                at=kit.AT,
                portrait=kit.portray(firm),
            )
        assert decision.outcome is Outcome.APPROVED
        with as_tenant(application.lender_id):
            assert origination.decision(decision_id=decision.id) == decision

    def test_is_hidden_from_others(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        firm, other = kit.register_firms(2)
        decision = kit.decide(kit.submit(firm))
        with as_tenant(other.id):
            with pytest.raises(origination.DecisionUnknown):
                origination.decision(decision_id=decision.id)
            with pytest.raises(origination.ApplicationUnknown):
                kit.decide(origination.application(application_id=decision.application_id))

    def test_takes_a_bounded_number_of_queries(
        self,
        market: dict[str, Organisation],
        kit: ModuleType,
        django_assert_max_num_queries,  # type: ignore[no-untyped-def]
    ) -> None:
        first, second = kit.register_firms(2)
        kit.decide(kit.submit(first))
        draft = kit.draft_for(kit.offer_of(second))
        with django_assert_max_num_queries(38):
            application = origination.submit_application(draft=draft, actor=kit.JOB, at=kit.AT)
        portrait = kit.portray(second)
        with django_assert_max_num_queries(47):
            origination.decide_application(
                application_id=application.id, as_of=kit.AS_OF, actor=kit.JOB, at=kit.AT, portrait=portrait
            )


@pytest.mark.django_db
class TestDecisionRows:
    @pytest.mark.parametrize("statement", ["UPDATE {} SET note = 'x'", "DELETE FROM {}"])
    def test_never_change(self, market: dict[str, Organisation], kit: ModuleType, statement: str) -> None:
        (firm,) = kit.register_firms(1)
        kit.decide(kit.submit(firm))
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format("origination_decision"))

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("state = 'signed'", "cannot go"),
            ("state = 'submitted'", "cannot go"),
            ("amount_minor = 1", "may change"),
            ("state = 'accepted', annual_rate = 0", "may change"),
            ("state = 'lost'", "cannot go"),
        ],
    )
    def test_let_an_application_follow_its_arrows_only(
        self, market: dict[str, Organisation], kit: ModuleType, change: str, said: str
    ) -> None:
        (firm,) = kit.register_firms(1)
        kit.decide(kit.submit(firm))
        with pytest.raises(DatabaseError, match=said), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE origination_application SET {change}")


@pytest.mark.django_db(transaction=True)
class TestDecideAtOnce:
    def test_makes_one_decision(self, kit: ModuleType) -> None:
        with as_platform():
            kit.open_market()
            (firm,) = kit.register_firms(1)
            application = kit.submit(firm)
        gate = Barrier(4)

        def decide(_: int) -> object:
            gate.wait()
            try:
                with as_platform():
                    return kit.decide(application).id
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            ids = set(pool.map(decide, range(4)))
        with as_platform():
            assert len(ids) == 1
            assert models.Decision.objects.count() == 1
            assert models.Step.objects.filter(name="application.decided").count() == 1
            assert matching.offer(offer_id=application.offer_id).state == "applied"
