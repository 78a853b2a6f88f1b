import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError

from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.matching import facade as matching
from rongtong.matching import models
from rongtong.matching.contracts import OfferState

WAN = 1_000_000


def pool_of(code):
    return models.CapacityPool.objects.get(product_code=code)


@pytest.fixture
def offer(market, search, kit):
    (firm,) = kit.register_firms(1)
    return search(firm, kit.STRONG).offers[0]


class TestExhaustion:
    def test_shows_no_offer_without_capacity_and_says_so(self, market, search, kit):
        lender = market["yunfan_bank"].id
        matching.set_capacity(
            lender_id=lender, product_code="yunfan_online", total_minor=150 * WAN, actor=kit.ACTOR, at=kit.AT
        )
        first, second = kit.register_firms(2)
        assert "yunfan_online" in {one.product_code for one in search(first, kit.STRONG).offers}
        refused = search(second, kit.STRONG)
        assert "yunfan_online" not in {one.product_code for one in refused.offers}
        assert ("yunfan_online", "capacity") in {(one.product_code, one.code) for one in refused.near_misses}
        assert pool_of("yunfan_online").reserved_minor == 100 * WAN
        kit.check_books()

    def test_the_database_refuses_what_the_code_would_over_reserve(self, market):
        pool = pool_of("yunfan_online")
        with pytest.raises(IntegrityError, match="not_over_reserved"), transaction.atomic():
            models.CapacityPool.objects.filter(id=pool.id).update(reserved_minor=pool.total_minor + 1)


class TestConsumeReservation:
    def test_commits_what_is_agreed_and_frees_the_rest(self, offer, kit):
        before = pool_of(offer.product_code)
        taken = matching.consume_reservation(
            offer_id=offer.id, amount_minor=offer.amount_minor - 10 * WAN, actor=kit.ACTOR, at=kit.AT
        )
        pool = pool_of(offer.product_code)
        assert taken.state is OfferState.TAKEN
        assert pool.committed_minor == offer.amount_minor - 10 * WAN
        assert pool.reserved_minor == before.reserved_minor - offer.amount_minor
        kit.check_books()

    def test_done_twice_is_done_once(self, offer, kit):
        for _time in range(2):
            matching.consume_reservation(offer_id=offer.id, amount_minor=offer.amount_minor, actor=kit.ACTOR, at=kit.AT)
        assert pool_of(offer.product_code).committed_minor == offer.amount_minor

    def test_refuses_more_than_is_reserved(self, offer, kit):
        with pytest.raises(matching.AmountNotReserved):
            matching.consume_reservation(
                offer_id=offer.id, amount_minor=offer.amount_minor + 1, actor=kit.ACTOR, at=kit.AT
            )

    def test_refuses_an_offer_that_has_ended(self, offer, kit):
        matching.release_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT)
        with pytest.raises(matching.OfferNotOpen):
            matching.consume_reservation(offer_id=offer.id, amount_minor=1, actor=kit.ACTOR, at=kit.AT)


class TestReleaseOffer:
    def test_frees_the_capacity_once(self, offer, kit):
        for _time in range(2):
            gone = matching.release_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT, reason="declined")
            assert gone.state is OfferState.WITHDRAWN
        kit.check_books()

    def test_a_taken_offer_stays_taken(self, offer, kit):
        matching.consume_reservation(offer_id=offer.id, amount_minor=offer.amount_minor, actor=kit.ACTOR, at=kit.AT)
        with pytest.raises(matching.OfferNotOpen):
            matching.release_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT)


class TestReleaseExpired:
    def test_frees_what_is_over_and_nothing_else(self, offer, search, kit):
        applied = matching.apply_for_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT)
        shown = models.Offer.objects.filter(state="shown").count()
        assert matching.release_expired(at=kit.AT + timedelta(hours=23)) == 0
        assert matching.release_expired(at=kit.AT + timedelta(hours=24)) == shown
        assert matching.offer(offer_id=applied.id).state is OfferState.APPLIED
        assert pool_of(applied.product_code).reserved_minor == applied.amount_minor
        assert matching.release_expired(at=kit.AT + timedelta(days=400)) == 0, "held until its application ends"
        matching.release_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT)
        assert not models.CapacityPool.objects.filter(reserved_minor__gt=0).exists()
        assert not models.Match.objects.filter(open=True).exists()
        kit.check_books()


class TestApplyForOffer:
    def test_holds_the_capacity_for_the_time_of_an_application(self, offer, kit):
        applied = matching.apply_for_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT)
        assert applied.state is OfferState.APPLIED
        assert matching.apply_for_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT) == applied

    def test_refuses_an_offer_whose_time_is_over(self, offer, kit):
        with pytest.raises(matching.OfferExpired):
            matching.apply_for_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT + timedelta(hours=24))

    def test_refuses_an_offer_that_was_withdrawn(self, offer, kit):
        matching.release_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT)
        with pytest.raises(matching.OfferNotOpen):
            matching.apply_for_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT)


class TestSetCapacity:
    def test_never_goes_below_what_is_spoken_for(self, offer, kit):
        with pytest.raises(matching.CapacityInUse):
            matching.set_capacity(
                lender_id=offer.lender_id,
                product_code=offer.product_code,
                total_minor=offer.amount_minor - 1,
                actor=kit.ACTOR,
                at=kit.AT,
            )

    def test_is_the_lenders_own_only(self, market, kit):
        with pytest.raises(matching.ProductUnknown):
            matching.set_capacity(
                lender_id=market["huayu_bank"].id,
                product_code="yunfan_online",
                total_minor=1,
                actor=kit.ACTOR,
                at=kit.AT,
            )


def run_together(*jobs):
    """Start all jobs at the same moment on connections of their own; give what they raised."""
    gate, errors = threading.Barrier(len(jobs)), []

    def work(job):
        try:
            with as_platform():
                gate.wait(timeout=30)
                job()
        except Exception as error:
            errors.append(error)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return errors


@pytest.mark.django_db(transaction=True)
class TestRaces:
    @pytest.fixture
    def open_market(self, kit):
        with as_platform():
            yield kit.open_market()

    def test_many_searches_at_once_never_over_reserve(self, open_market, kit):
        for code in ("yunfan_online", "huayu_invoice", "yunfan_working"):
            pool = pool_of(code)
            matching.set_capacity(
                lender_id=pool.lender_id, product_code=code, total_minor=350 * WAN, actor=kit.ACTOR, at=kit.AT
            )
        firms = kit.register_firms(12)
        score = credit.score(values=kit.STRONG, unknown=())

        def searching(firm):
            return lambda: matching.find_offers_for(
                firms=[(kit.portray(firm, kit.STRONG), score)], as_of=kit.AS_OF, actor=kit.ACTOR, at=kit.AT
            )

        assert run_together(*[searching(firm) for firm in firms]) == []
        kit.check_books()
        instant = pool_of("yunfan_online")
        assert instant.reserved_minor == 300 * WAN
        assert models.Offer.objects.filter(product__code="yunfan_online").count() == 3

    def test_the_same_search_by_many_is_made_once(self, open_market, kit):
        (firm,) = kit.register_firms(1)
        portrait, score = kit.portray(firm, kit.STRONG), credit.score(values=kit.STRONG, unknown=())
        seen = []

        def search():
            found = matching.find_offers_for(firms=[(portrait, score)], as_of=kit.AS_OF, actor=kit.ACTOR, at=kit.AT)
            seen.append(found[firm.id])

        assert run_together(*[search] * 6) == []
        assert len({result.match_id for result in seen}) == 1
        assert models.Match.objects.count() == 1
        kit.check_books()

    def test_takers_expiry_and_searches_do_not_wait_for_each_other_forever(self, open_market, kit):
        firms = kit.register_firms(8)
        score = credit.score(values=kit.STRONG, unknown=())
        portraits = [kit.portray(firm, kit.STRONG) for firm in firms]
        made = matching.find_offers_for(
            firms=[(portrait, score) for portrait in portraits[:4]], as_of=kit.AS_OF, actor=kit.ACTOR, at=kit.AT
        )
        offers = [offer for result in made.values() for offer in result.offers]
        later = kit.AT + timedelta(hours=24)

        def take():
            for offer in offers[::2]:
                with suppress(matching.OfferNotOpen, matching.ExposureExceeded):
                    matching.consume_reservation(
                        offer_id=offer.id, amount_minor=offer.amount_minor, actor=kit.ACTOR, at=kit.AT
                    )

        def release():
            for offer in reversed(offers):
                with suppress(matching.OfferNotOpen):
                    matching.release_offer(offer_id=offer.id, actor=kit.ACTOR, at=kit.AT)

        def search():
            matching.find_offers_for(
                firms=[(portrait, score) for portrait in reversed(portraits)],
                as_of=kit.AS_OF,
                actor=kit.ACTOR,
                at=later,
            )

        assert run_together(take, release, search, lambda: matching.release_expired(at=later)) == []
        kit.check_books()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM matching_capacity_pool WHERE reserved_minor + committed_minor > total_minor"
            )
            assert cursor.fetchone() == (0,)


class TestReturnCapacity:
    @pytest.fixture
    def taken(self, offer, kit):
        return matching.consume_reservation(
            offer_id=offer.id, amount_minor=offer.amount_minor, actor=kit.ACTOR, at=kit.AT
        )

    def test_frees_what_is_back_and_done_twice_is_done_once(self, taken, kit):
        freed = [matching.return_capacity(returned={taken.id: 30 * WAN}, actor=kit.ACTOR, at=kit.AT) for _ in range(2)]
        assert freed == [30 * WAN, 0]
        assert pool_of(taken.product_code).committed_minor == taken.amount_minor - 30 * WAN
        assert AuditEntry.objects.filter(action="capacity.returned").count() == 1
        kit.check_books()

    def test_never_takes_back_what_was_freed_nor_frees_more_than_was_committed(self, taken, kit):
        for amount in (30 * WAN, 10 * WAN, taken.amount_minor * 2):
            matching.return_capacity(returned={taken.id: amount}, actor=kit.ACTOR, at=kit.AT)
        assert pool_of(taken.product_code).committed_minor == 0
        kit.check_books()

    def test_passes_by_an_offer_that_was_never_taken(self, offer, kit):
        assert matching.return_capacity(returned={offer.id: 30 * WAN}, actor=kit.ACTOR, at=kit.AT) == 0
        kit.check_books()

    def test_lets_the_next_firm_have_it(self, market, search, kit):
        first, second = kit.register_firms(2)
        lender = market["yunfan_bank"].id
        matching.set_capacity(
            lender_id=lender, product_code="yunfan_online", total_minor=100 * WAN, actor=kit.ACTOR, at=kit.AT
        )
        mine = next(one for one in search(first, kit.STRONG).offers if one.product_code == "yunfan_online")
        matching.consume_reservation(offer_id=mine.id, amount_minor=mine.amount_minor, actor=kit.ACTOR, at=kit.AT)
        matching.return_capacity(returned={mine.id: mine.amount_minor}, actor=kit.ACTOR, at=kit.AT)
        assert "yunfan_online" in {one.product_code for one in search(second, kit.STRONG).offers}
        kit.check_books()
