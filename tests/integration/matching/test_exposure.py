"""What a firm may owe and be offered at once, over all lenders, and how often it may search."""

from datetime import timedelta

import pytest

from rongtong.core.actors import Actor
from rongtong.core.tenancy import as_tenant
from rongtong.credit import facade as credit
from rongtong.matching import facade as matching
from rongtong.matching import models
from rongtong.matching.contracts import ExposureStage, OfferState
from rongtong.rulebook import facade as rulebook

WAN = 1_000_000


@pytest.fixture
def firm(market, kit):
    return kit.register_firms(1)[0]


class TestExposure:
    """No firm borrows from each lender what its business carries once."""

    def test_what_is_lent_already_is_taken_off_every_other_offer(self, firm, search, kit):
        before = {offer.product_code: offer for offer in search(firm, kit.STRONG).offers}
        taken = before["yunfan_online"]
        matching.consume_reservation(offer_id=taken.id, amount_minor=taken.amount_minor, actor=kit.ACTOR, at=kit.AT)
        found = matching.exposure(enterprise_ids=[firm.id], on=kit.AS_OF)[firm.id]
        assert (found.total_minor, found.of(ExposureStage.UNDRAWN)) == (taken.amount_minor, taken.amount_minor)
        after = {offer.product_code: offer for offer in search(firm, kit.STRONG).offers}
        assert after
        for code in before.keys() & after.keys():
            lines = {line.code: line.amount_minor for line in after[code].limit_lines}
            assert lines["open"] == -taken.amount_minor, code
            assert sum(lines.values()) == after[code].amount_minor
            assert after[code].amount_minor <= before[code].amount_minor
            assert after[code].amount_minor <= found.headroom_minor
            assert any("已扣减企业在各机构的融资" in one for one in after[code].reasons_zh)
        matching.return_capacity(returned={taken.id: taken.amount_minor}, actor=kit.ACTOR, at=kit.AT)
        assert matching.exposure(enterprise_ids=[firm.id], on=kit.AS_OF)[firm.id].total_minor == 0

    def test_is_zero_and_limited_for_a_firm_that_was_never_measured(self, firm, kit):
        found = matching.exposure(enterprise_ids=[firm.id], on=kit.AS_OF)[firm.id]
        assert (found.total_minor, found.measured_minor, found.elsewhere_minor) == (0, None, None)
        assert found.limit_minor == found.firm_max_minor == 1000 * WAN

    def test_counts_each_stage_once(self, firm, search, kit):
        offer = next(one for one in search(firm, kit.STRONG).offers if one.product_code == "yunfan_online")

        def stages():
            found = matching.exposure(enterprise_ids=[firm.id], on=kit.AS_OF)[firm.id]
            return {line.stage.value: line.amount_minor for line in found.lines}

        assert stages() == {}, "an offer alone is no exposure"
        matching.apply_for_offer(offer_id=offer.id, amount_minor=60 * WAN, actor=kit.ACTOR, at=kit.AT)
        assert stages() == {"applied": 60 * WAN}
        matching.hold_granted(offer_id=offer.id, amount_minor=50 * WAN, at=kit.AT)
        assert stages() == {"approved": 50 * WAN}
        matching.consume_reservation(offer_id=offer.id, amount_minor=50 * WAN, actor=kit.ACTOR, at=kit.AT)
        assert stages() == {"undrawn": 50 * WAN}
        told = {"actor": kit.ACTOR, "at": kit.AT}
        matching.return_capacity(returned={offer.id: 0}, owed={offer.id: 40 * WAN}, **told)
        assert stages() == {"undrawn": 10 * WAN, "owed": 40 * WAN}
        matching.return_capacity(returned={offer.id: 25 * WAN}, owed={offer.id: 25 * WAN}, **told)
        assert stages() == {"owed": 25 * WAN}
        kit.check_books()

    def test_counts_what_the_public_register_says_is_enforced_and_forgets_it_for_no_search(self, firm, search, kit):
        free = search(firm, kit.STRONG)
        score = credit.score(values=kit.STRONG, unknown=())
        told = {"firms": [(kit.portray(firm, kit.STRONG), score)], "on": kit.AS_OF, "at": kit.AT}
        matching.measure_firms(**told, enforced={firm.id: 60 * WAN})
        owing = search(firm, kit.STRONG)
        found = matching.exposure(enterprise_ids=[firm.id], on=kit.AS_OF)[firm.id]
        assert found.elsewhere_minor == found.of(ExposureStage.ELSEWHERE) == 60 * WAN
        assert max(one.amount_minor for one in owing.offers) <= found.headroom_minor
        assert sum(one.amount_minor for one in owing.offers) < sum(one.amount_minor for one in free.offers)
        matching.measure_firms(**told, enforced={firm.id: 0})
        assert matching.exposure(enterprise_ids=[firm.id], on=kit.AS_OF)[firm.id].total_minor == 0

    def test_says_with_each_offer_that_debts_elsewhere_are_not_known(self, firm, search, kit):
        for offer in search(firm, kit.STRONG).offers:
            assert any("平台外负债未知" in one for one in offer.reasons_zh)
            assert any("outside of the platform is not known" in one for one in offer.reasons_en)

    def test_leaves_too_little_with_a_reason_in_both_languages(self, firm, search, kit):
        offers = {offer.product_code: offer for offer in search(firm, kit.STRONG).offers}
        biggest = max(offers.values(), key=lambda one: one.amount_minor)
        matching.apply_for_offer(offer_id=biggest.id, actor=kit.ACTOR, at=kit.AT)
        found = search(firm, kit.STRONG)
        misses = [one for one in found.near_misses if one.code == "exposure"]
        assert misses
        assert all("融资上限" in one.text_zh and "at all lenders" in one.text_en for one in misses)
        assert all(one.gap > 0 for one in misses), "too little is said to be left only where it is"
        assert found.withdrawn == 0
        former = matching.match(match_id=next(iter(offers.values())).match_id)
        assert former.withdrawn == len([one for one in offers.values() if gone(one)]) > 0

    def test_names_the_products_own_measure_where_enough_is_left_at_all_lenders(self, firm, search, kit):
        offers = sorted(search(firm, kit.STRONG).offers, key=lambda one: one.amount_minor)
        matching.apply_for_offer(offer_id=offers[0].id, actor=kit.ACTOR, at=kit.AT)
        found = search(firm, kit.STRONG)
        left = matching.exposure(enterprise_ids=[firm.id], on=kit.AS_OF)[firm.id].headroom_minor
        products = {one.code: one for one in matching.products(on=kit.AS_OF)}
        for miss in found.near_misses:
            if miss.code == "exposure":
                assert left < products[miss.product_code].min_minor
                assert miss.gap == products[miss.product_code].min_minor - left

    def test_withdraws_what_no_longer_fits_beside_what_is_applied_for(self, firm, search, kit):
        offers = search(firm, kit.STRONG).offers
        biggest = max(offers, key=lambda one: one.amount_minor)
        matching.apply_for_offer(offer_id=biggest.id, actor=kit.ACTOR, at=kit.AT)
        room = matching.exposure(enterprise_ids=[firm.id], on=kit.AS_OF)[firm.id].headroom_minor
        for offer in offers:
            if offer.id == biggest.id:
                continue
            state = matching.offer(offer_id=offer.id).state
            assert state is (OfferState.SHOWN if offer.amount_minor <= room else OfferState.WITHDRAWN)
        kit.check_books()

    def test_a_fallen_limit_stops_what_was_promised_before_it(self, firm, search, kit):
        offer = max(search(firm, kit.STRONG).offers, key=lambda one: one.amount_minor)
        matching.apply_for_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT)
        search(firm, {**kit.STRONG, "inv_sales_12m_fen": 400.0 * WAN})
        with pytest.raises(matching.ExposureExceeded) as refused:
            matching.consume_reservation(offer_id=offer.id, amount_minor=offer.amount_minor, actor=kit.ACTOR, at=kit.AT)
        assert refused.value.facts["limit_minor"] < offer.amount_minor

    def test_shows_a_lender_its_own_part_and_nobody_elses_terms(self, firm, search, kit, market):
        offers = {one.product_code: one for one in search(firm, kit.STRONG, amount_minor=30 * WAN).offers}
        mine, other = list(offers.values())[:2]
        for one in (mine, other):
            matching.apply_for_offer(offer_id=one.id, actor=kit.ACTOR, at=kit.AT)
        with as_tenant(mine.lender_id):
            found = matching.exposure(enterprise_ids=[firm.id], lender_id=mine.lender_id)[firm.id]
        assert found.total_minor == 60 * WAN
        assert found.own_minor == (60 if other.lender_id == mine.lender_id else 30) * WAN


class TestSearchLimits:
    def person(self, firm, kind="user"):
        return Actor(kind, f"{kind}-1", "someone", firm.id)

    def test_many_searches_leave_the_pools_as_one_does(self, firm, search, kit):
        search(firm, kit.STRONG)
        before = {row.product_code: row.reserved_minor for row in models.CapacityPool.objects.all()}
        for index in range(40):
            search(firm, kit.STRONG, amount_minor=(5 + index) * WAN)
        search(firm, kit.STRONG, at=kit.AT + timedelta(minutes=1))
        after = {row.product_code: row.reserved_minor for row in models.CapacityPool.objects.all()}
        assert after == before
        kit.check_books()

    def test_a_firm_searches_so_often_a_day_and_no_more(self, firm, search, kit):
        most = int(rulebook.value("matching.searches_per_firm_day", on=kit.AS_OF))
        someone = self.person(firm)
        for index in range(most):
            search(firm, kit.STRONG, amount_minor=(10 + index) * WAN, actor=someone)
        with pytest.raises(matching.SearchLimitReached) as refused:
            search(firm, kit.STRONG, amount_minor=9 * WAN, actor=someone)
        assert refused.value.facts["scope"] == "enterprise"
        assert refused.value.facts["retry_after_seconds"] == 24 * 3600
        same = search(firm, kit.STRONG, amount_minor=(10 + most - 1) * WAN, actor=someone)
        assert same.offers, "the search that stands is found again"
        assert search(firm, kit.STRONG, amount_minor=9 * WAN, actor=someone, at=kit.AT + timedelta(days=1)).offers

    def test_a_key_searches_so_often_a_day_over_all_its_firms(self, market, search, kit, monkeypatch):
        most = int(rulebook.value("matching.searches_per_key_day", on=kit.AS_OF))
        key, firms = self.person(market["yunfan_bank"], "client"), kit.register_firms(2)
        search(firms[0], kit.STRONG, actor=key)
        row = models.Match.objects.get()
        models.Match.objects.bulk_create(
            [
                models.Match(
                    enterprise_id=row.enterprise_id,
                    as_of=row.as_of,
                    ask_digest=f"{index}",
                    portrait_id=row.portrait_id,
                    portrait_digest="",
                    score=1,
                    scorecard_version="",
                    products=0,
                    open=False,
                    expires_at=row.expires_at,
                    recorded_at=row.recorded_at,
                    searched_by=row.searched_by,
                )
                for index in range(most - 1)
            ]
        )
        with pytest.raises(matching.SearchLimitReached) as refused:
            search(firms[1], kit.STRONG, actor=key)
        assert refused.value.facts["scope"] == "key"
        assert search(firms[1], kit.STRONG, actor=self.person(firms[1])).offers


def gone(offer):  # type: ignore[no-untyped-def]
    return matching.offer(offer_id=offer.id).state is OfferState.WITHDRAWN
