from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from rongtong.attest.models import Step
from rongtong.core.canonical import digest
from rongtong.core.models import Event
from rongtong.core.tenancy import as_tenant
from rongtong.credit import facade as credit
from rongtong.matching import facade as matching
from rongtong.matching import models
from rongtong.matching.contracts import OfferState
from rongtong.matching.queries.offers import load_evidence
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft

WAN = 1_000_000


@pytest.fixture
def firm(market, kit):
    return kit.register_firms(1)[0]


class TestFindOffers:
    def test_shows_offers_with_capacity_reserved_behind_each(self, firm, search, kit):
        result = search(firm, kit.STRONG)
        assert len(result.offers) >= 4
        for offer in result.offers:
            row = models.Offer.objects.select_related("reservation__pool").get(id=offer.id)
            assert row.reservation.amount_minor == offer.amount_minor
            assert row.reservation.state == "held"
            assert row.reservation.pool.reserved_minor >= offer.amount_minor
            assert sum(line.amount_minor for line in offer.limit_lines) == offer.amount_minor
            assert sum(line.rate for line in offer.rate_lines) == offer.annual_rate
            assert offer.annual_cost.simple < offer.annual_cost.effective
            assert offer.state is OfferState.SHOWN
            assert offer.reasons_zh
            assert len(offer.reasons_zh) == len(offer.reasons_en)
        assert [offer.rank for offer in result.offers] == list(range(1, len(result.offers) + 1))
        utilities = [offer.utility for offer in result.offers]
        assert utilities == sorted(utilities, reverse=True)

    def test_works_on_invoices_alone_for_a_firm_of_unknown_place_and_trade(self, market, search, kit):
        (firm,) = kit.register_firms(1, region="", industry="")
        result = search(firm, kit.STRONG)
        assert {offer.product_code for offer in result.offers} >= {"huayu_invoice", "yunfan_online", "yunfan_working"}
        assert not {offer.product_code for offer in result.offers} & {"qingjiang_tax", "huimin_micro"}

    def test_gives_no_more_than_was_asked_for(self, firm, search, kit):
        result = search(firm, kit.STRONG, amount_minor=35 * WAN, term_months=6)
        assert {offer.amount_minor for offer in result.offers} == {35 * WAN}
        assert all(offer.term_months == 6 for offer in result.offers if offer.product_code == "yunfan_online")
        assert all(sum(line.amount_minor for line in offer.limit_lines) == 35 * WAN for offer in result.offers)

    def test_the_yearly_cost_counts_the_fee_paid_up_front(self, firm, search, kit):
        offer = next(one for one in search(firm, kit.STRONG).offers if one.product_code == "qiming_factoring")
        assert offer.fees_minor == offer.amount_minor // 200
        assert offer.annual_cost.simple > offer.annual_rate + Decimal("0.005")

    def test_is_found_again_by_a_run_that_crashed(self, firm, search, kit):
        first = search(firm, kit.STRONG)
        again = search(firm, kit.STRONG, at=kit.AT + timedelta(hours=5))
        assert again == first
        assert models.Offer.objects.count() == len(first.offers)
        assert Event.objects.filter(name="offer.made").count() == len(first.offers)

    def test_is_made_anew_once_an_offer_of_it_ended(self, firm, search, kit):
        """A firm that applied and withdrew on one day finds what it may have, not the remains of the search before."""
        first = search(firm, kit.STRONG)
        matching.apply_for_offer(offer_id=first.offers[0].id, actor=kit.ACTOR, at=kit.AT)
        matching.release_offer(offer_id=first.offers[0].id, actor=kit.ACTOR, at=kit.AT)
        again = search(firm, kit.STRONG)
        assert again.match_id != first.match_id
        assert {one.product_code for one in again.offers} == {one.product_code for one in first.offers}
        kit.check_books()

    def test_another_ask_takes_the_place_of_the_search_before(self, firm, search, kit):
        first = search(firm, kit.STRONG)
        other = search(firm, kit.STRONG, amount_minor=50 * WAN)
        assert other.match_id != first.match_id
        assert {matching.offer(offer_id=one.id).state for one in first.offers} == {OfferState.WITHDRAWN}
        assert sum(row.reserved_minor for row in models.CapacityPool.objects.all()) == 50 * WAN * len(other.offers)
        kit.check_books()

    def test_a_new_portrait_takes_the_place_of_the_old_search(self, firm, search, kit):
        first = search(firm, kit.STRONG)
        applied = matching.apply_for_offer(offer_id=first.offers[0].id, actor=kit.ACTOR, at=kit.AT)
        second = search(firm, {**kit.STRONG, "inv_sales_12m_fen": 1900.0 * WAN})
        assert second.match_id != first.match_id
        assert matching.offer(offer_id=applied.id).state is OfferState.APPLIED
        assert {matching.offer(offer_id=one.id).state for one in first.offers[1:]} == {OfferState.WITHDRAWN}
        kit.check_books()

    def test_an_expired_search_is_made_anew(self, firm, search, kit):
        first = search(firm, kit.STRONG)
        later = kit.AT + timedelta(hours=25)
        second = search(firm, kit.STRONG, at=later)
        assert second.match_id != first.match_id
        assert {one.product_code for one in second.offers} == {one.product_code for one in first.offers}
        kit.check_books()

    def test_advises_on_what_the_firm_nearly_has(self, firm, search, kit):
        result = search(firm, {**kit.STRONG, "inv_months_observed": 9.0, "inv_sales_12m_fen": 90.0 * WAN})
        advice = {miss.product_code: miss for miss in result.near_misses}
        assert "再积累3个月开票记录即可申请" in advice["yunfan_online"].text_zh
        assert advice["yunfan_online"].gap == 3.0
        assert len(result.near_misses) <= 4

    def test_says_when_the_measured_limit_is_too_small(self, firm, search, kit):
        result = search(firm, {**kit.STRONG, "inv_sales_12m_fen": 320.0 * WAN, "inv_sales_growth_12m": -0.9})
        miss = next((one for one in result.near_misses if one.code == "limit"), None)
        assert miss is None or (miss.gap or 0) > 0

    def test_writes_each_offer_into_the_transparency_log(self, firm, search, kit):
        result = search(firm, kit.STRONG)
        steps = {step.evidence_id: step for step in Step.objects.filter(kind="offer.made")}
        evidence = load_evidence(list(steps))
        assert set(steps) == {offer.id for offer in result.offers}
        for offer in result.offers:
            assert steps[offer.id].evidence_digest == offer.digest == digest(evidence[offer.id])
            assert steps[offer.id].evidence_kind == "offer"

    def test_refuses_an_ask_of_nothing(self, firm, search, kit):
        with pytest.raises(matching.AskInvalid):
            search(firm, kit.STRONG, amount_minor=0)
        with pytest.raises(matching.AskInvalid):
            search(firm, kit.STRONG, term_months=0)

    def test_decides_old_records_by_the_rules_of_their_day(self, firm, search, kit):
        result = search(firm, kit.STRONG, as_of=date(2020, 3, 1))
        assert result.offers
        assert result.as_of == date(2020, 3, 1)


class TestNoPayForRank:
    def test_names_of_lenders_and_firms_change_nothing(self, market, search, kit):
        (firm, other) = kit.register_firms(2)
        (swapped,) = parties.register_enterprises(
            drafts=[
                EnterpriseDraft(
                    name="另一个名字的厂", identifiers=(("test", "swapped"),), region_code="330106", industry_code="C39"
                )
            ],
            actor=kit.ACTOR,
            at=kit.AT,
        )
        kit.let_lenders_read(swapped.id, actor=kit.ACTOR, at=kit.AT)
        first = kit.terms_of(search(firm, kit.STRONG))
        assert kit.terms_of(search(other, kit.STRONG)) == first
        assert kit.terms_of(search(swapped, kit.STRONG)) == first
        names = list(models.Product.objects.values_list("lender__name", flat=True).distinct())
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute("UPDATE parties_organisation SET name = %s WHERE name = %s", [name[::-1], name])
        (renamed,) = kit.register_firms(1, scheme="later")
        assert kit.terms_of(search(renamed, kit.STRONG)) == first

    def test_a_commission_in_the_terms_changes_nothing(self, market, search, kit):
        (firm, other) = kit.register_firms(2)
        first = kit.terms_of(search(firm, kit.STRONG))
        paid = [{**terms, "commission_rate": f"0.0{index}"} for index, terms in enumerate(kit.packaged())]
        matching.sync_products(actor=kit.ACTOR, at=kit.AT, packaged=paid)
        assert models.Product.objects.filter(version=2).count() == 12
        assert kit.terms_of(search(other, kit.STRONG)) == first


class TestLicences:
    def test_a_lender_whose_licence_ran_out_offers_nothing(self, market, search, kit):
        (firm,) = kit.register_firms(1)
        after = date(2032, 1, 5)
        assert not search(firm, kit.STRONG, as_of=after).offers
        assert matching.products(on=after) == ()

    def test_a_licence_of_the_day_decided_for_is_not_enough_when_it_ran_out_since(self, market, search, kit):
        (firm,) = kit.register_firms(1)
        late = kit.AT.replace(year=2032)
        assert not search(firm, kit.STRONG, at=late).offers


class TestFindOffersFor:
    def test_serves_three_hundred_firms_in_a_few_queries(self, market, kit, django_assert_max_num_queries):
        firms = kit.register_firms(300)
        scored = []
        for index, firm in enumerate(firms):
            values = {**kit.STRONG, "inv_sales_12m_fen": (30.0 + 17 * index) * WAN, "inv_buyers_12m": float(index % 60)}
            scored.append((kit.portray(firm, values), credit.score(values=values, unknown=())))
        with django_assert_max_num_queries(60):
            results = matching.find_offers_for(firms=scored, as_of=kit.AS_OF, actor=kit.ACTOR, at=kit.AT)
        assert len(results) == 300
        assert sum(len(result.offers) for result in results.values()) > 900
        kit.check_books()
        with django_assert_max_num_queries(16):
            again = matching.find_offers_for(firms=scored, as_of=kit.AS_OF, actor=kit.ACTOR, at=kit.AT)
        assert again == results

    def test_many_at_once_get_what_each_gets_alone(self, market, kit, search):
        firms = kit.register_firms(3)
        portraits = [kit.portray(firm, kit.STRONG) for firm in firms]
        score = credit.score(values=kit.STRONG, unknown=())
        together = matching.find_offers_for(
            firms=[(portrait, score) for portrait in portraits], as_of=kit.AS_OF, actor=kit.ACTOR, at=kit.AT
        )
        (alone,) = kit.register_firms(1, scheme="alone")
        expected = kit.terms_of(search(alone, kit.STRONG))
        assert [kit.terms_of(together[firm.id]) for firm in firms] == [expected] * 3

    def test_a_firm_named_twice_is_served_once(self, market, kit):
        (firm,) = kit.register_firms(1)
        scored = (kit.portray(firm, kit.STRONG), credit.score(values=kit.STRONG, unknown=()))
        found = matching.find_offers_for(firms=[scored, scored], as_of=kit.AS_OF, actor=kit.ACTOR, at=kit.AT)
        assert list(found) == [firm.id]
        assert matching.latest_match(enterprise_id=firm.id, at=kit.AT) == found[firm.id]
        assert matching.latest_match(enterprise_id=firm.id, at=kit.AT + timedelta(hours=24)) is None

    def test_nobody_gets_nothing(self, market, kit):
        assert matching.find_offers_for(firms=[], as_of=kit.AS_OF, actor=kit.ACTOR, at=kit.AT) == {}


class TestConsent:
    def test_only_lenders_that_may_read_the_portrait_are_offered(self, market, search, kit):
        (firm,) = kit.register_firms(1)
        offered = search(firm, kit.STRONG).offers
        gone = matching.withdraw_unreadable(enterprise_id=firm.id, actor=kit.ACTOR, at=kit.AT + timedelta(days=400))
        assert gone == len(offered), "the authorisation is over by then"
        (stranger,) = parties.register_enterprises(
            drafts=[
                EnterpriseDraft(
                    name="未授权企业", identifiers=(("test", "x"),), region_code="330106", industry_code="C39"
                )
            ],
            actor=kit.ACTOR,
            at=kit.AT,
        )
        result = search(stranger, kit.STRONG)
        assert not result.offers
        assert {miss.code for miss in result.near_misses} >= {"lender_not_authorised"}


class TestTenancy:
    def test_a_firm_and_a_lender_see_their_own_offers_only(self, market, search, kit):
        (firm, other) = kit.register_firms(2)
        result = search(firm, kit.STRONG)
        lender = result.offers[0].lender_id
        own = {offer.id for offer in result.offers if offer.lender_id == lender}
        with as_tenant(firm.id):
            assert matching.offers_of(enterprise_id=firm.id).total == len(result.offers)
            assert matching.match(match_id=result.match_id).near_misses == result.near_misses
            assert not models.CapacityPool.objects.exists()
        with as_tenant(other.id):
            assert matching.offers_of(enterprise_id=firm.id).total == 0
            with pytest.raises(matching.OfferUnknown):
                matching.offer(offer_id=result.offers[0].id)
            with pytest.raises(matching.MatchUnknown):
                matching.match(match_id=result.match_id)
        with as_tenant(lender):
            assert {offer.id for offer in matching.offers_of().offers} == own
            assert {one.lender_id for one in matching.capacity(lender_id=lender)} == {lender}
            assert not models.Match.objects.exists()

    def test_a_firm_can_search_for_itself(self, market, search, kit):
        (firm,) = kit.register_firms(1)
        with as_tenant(firm.id):
            assert search(firm, kit.STRONG).offers


class TestOfferTerms:
    @pytest.mark.parametrize("change", ["amount_minor = 1", "annual_rate = 0.01", "workings = '{}'", "rank = 99"])
    def test_never_change(self, firm, search, kit, change):
        offer = search(firm, kit.STRONG).offers[0]
        with pytest.raises(IntegrityError, match="never change"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE matching_offer SET {change} WHERE id = %s", [offer.id])

    def test_a_state_follows_its_arrows_only(self, firm, search, kit):
        offer = search(firm, kit.STRONG).offers[0]
        matching.release_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT)
        with pytest.raises(IntegrityError, match="cannot go"), transaction.atomic():
            models.Offer.objects.filter(id=offer.id).update(state="shown")


class TestRefusedByAll:
    """Whoever is refused everything is told why."""

    WEAK = {
        "inv_sales_12m_fen": 5.0 * WAN,
        "inv_months_observed": 3.0,
        "inv_zero_months_12m": 10.0,
        "inv_days_since_last_sale": 300.0,
        "inv_buyers_12m": 1.0,
        "crt_dishonest": 1.0,
        "reg_abnormal": 1.0,
    }

    def test_gets_the_nearest_products_with_all_that_is_missing_and_what_costs_points(self, firm, search):
        result = search(firm, self.WEAK)
        assert result.offers == ()
        assert 1 <= len(result.near_misses) <= 4
        nearest = result.near_misses[0]
        assert "失信被执行人名单" in nearest.text_zh
        assert "主要失分项" in nearest.text_zh
        assert "costs most points" in nearest.text_en
        assert matching.match(match_id=result.match_id).near_misses == result.near_misses, "and it is kept"

    def test_a_firm_without_any_data_is_asked_for_it(self, firm, search):
        result = search(firm, {})
        assert result.offers == ()
        assert "授权发票数据" in result.near_misses[0].text_zh

    def test_a_firm_near_something_is_not_told_of_what_is_far(self, firm, search, kit):
        assert all("主要失分项" not in miss.text_zh for miss in search(firm, kit.STRONG).near_misses)
