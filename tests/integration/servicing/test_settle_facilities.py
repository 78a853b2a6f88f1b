"""Lines end when their term has run out or they are paid back, and the capacity behind what came back is free again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import ModuleType

import pytest

from rongtong.attest import facade as attest
from rongtong.core.ids import new_id
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform
from rongtong.matching.models import CapacityPool, Reservation
from rongtong.servicing import facade, models
from rongtong.servicing.actions.settle_facilities import settle_facilities
from rongtong.servicing.contracts import Facility, FacilityState, LoanState, PrepaymentMode
from rongtong.servicing.queries.soundness import facility_faults
from tests.integration.origination import conftest as desk

from .conftest import ACTOR, AT, DAY, FakeBank, Market

pytestmark = pytest.mark.django_db
END = date(2027, 1, 15)


def line(market: Market) -> Facility:
    return market.facility(repayment_method="revolving")


def draw(facility: Facility, day: date, *, key: str = "", minor: int = 5_000_000):  # type: ignore[no-untyped-def]  # a loan
    return facade.request_drawdown(
        facility_id=facility.id, amount_minor=minor, business_date=day, actor=ACTOR, at=AT, key=key
    )


def prepay(market: Market, loan_id, day: date, minor: int | None = None) -> None:  # type: ignore[no-untyped-def]  # an id
    facade.request_prepayment(
        loan_id=loan_id,
        business_date=day,
        mode=PrepaymentMode.KEEP_TERM,
        principal_minor=minor,
        actor=ACTOR,
        at=AT,
    )
    market.send()
    market.statement(day=day)


def state_of(facility: Facility) -> FacilityState:
    return facade.facility(facility_id=facility.id).state


def faults() -> dict[object, str]:
    return dict(facility_faults(list(models.Facility.objects.all())))


class TestTerm:
    def test_ends_as_the_agreement_says(self, market: Market) -> None:
        assert line(market).end_date == END

    @pytest.mark.parametrize(
        ("day", "months"),
        [(DAY, 12), (date(2026, 1, 16), 11), (date(2026, 6, 15), 7), (date(2026, 6, 16), 6), (date(2026, 12, 15), 1)],
    )
    def test_what_is_drawn_on_a_revolving_line_is_due_by_its_end(self, market: Market, day: date, months: int) -> None:
        facility = line(market)
        loan = draw(facility, day)
        market.send()
        loan = facade.loan(loan_id=loan.id)
        assert loan.term_months == months
        assert loan.maturity_date is not None
        assert max(row.period_end for row in models.Instalment.objects.filter(loan_id=loan.id)) <= END

    @pytest.mark.parametrize("day", [date(2026, 12, 16), date(2027, 1, 16), date(2028, 1, 1)])
    def test_nothing_is_drawn_when_no_whole_month_is_left(self, market: Market, day: date) -> None:
        with pytest.raises(facade.FacilityClosed):
            draw(line(market), day)

    def test_a_term_loan_paid_out_late_keeps_its_term(self, market: Market) -> None:
        loan = draw(market.facility(), date(2026, 1, 20), minor=30_000_000)
        assert loan.term_months == 12


class TestFrozenByAlarm:
    def test_names_what_a_signal_froze_and_not_what_a_person_did(self, market: Market) -> None:
        by_signal, by_hand, thawed = line(market), line(market), line(market)
        signal = new_id()
        for facility, cause in ((by_signal, signal), (by_hand, None), (thawed, signal)):
            facade.freeze_limits(facility_id=facility.id, reason="x", signal_id=cause, actor=ACTOR, at=AT)
        facade.unfreeze_limits(facility_id=thawed.id, reason="over", actor=ACTOR, at=AT)
        assert [one.id for one in facade.frozen_by_alarm()] == [by_signal.id]
        assert facade.frozen_by_alarm(enterprise_id=by_hand.enterprise_id) == ()

    def test_a_lender_that_found_the_alarm_false_is_left_alone(self, market: Market) -> None:
        facility = line(market)
        for lenders, count in (((facility.lender_id,), 0), ((), 1)):
            frozen = facade.freeze_limits(
                enterprise_id=facility.enterprise_id, reason="x", but_of_lenders=lenders, actor=ACTOR, at=AT
            )
            assert frozen == count


class TestSettleFacilities:
    def test_closes_a_line_whose_term_has_run_out_with_the_books_in_order(self, market: Market) -> None:
        facility = line(market)
        settle_facilities(business_date=END, actor=ACTOR, at=AT)
        assert state_of(facility) is FacilityState.OPEN
        for _time in range(2):
            settle_facilities(business_date=date(2027, 1, 16), actor=ACTOR, at=AT)
        assert state_of(facility) is FacilityState.CLOSED
        assert faults() == {}
        assert AuditEntry.objects.filter(action="facility.closed").count() == 1
        attest.sequence(at=AT)
        assert attest.verify_log().ok

    def test_closes_a_term_loan_that_is_paid_back_and_not_before(self, market: Market) -> None:
        loan = market.active()
        day = date(2026, 2, 1)
        market.close(day)
        assert models.Facility.objects.get().state == FacilityState.OPEN
        prepay(market, loan.id, day)
        assert facade.loan(loan_id=loan.id).state is LoanState.REPAID
        market.close(date(2026, 2, 2))
        assert models.Facility.objects.get().state == FacilityState.CLOSED
        assert faults() == {}

    def test_a_repayment_after_the_end_restores_no_limit(self, market: Market) -> None:
        facility = line(market)
        loan = draw(facility, DAY)
        market.send()
        market.close(date(2027, 1, 16))
        assert state_of(facility) is FacilityState.CLOSED
        market.collect(date(2027, 1, 18))
        assert facade.loan(loan_id=loan.id).state is LoanState.REPAID
        assert facade.facility(facility_id=facility.id).available_minor == 0
        assert faults() == {}

    def test_a_payout_that_the_bank_has_not_answered_keeps_the_line_open(self, market: Market) -> None:
        facility = line(market)
        draw(facility, DAY)
        settle_facilities(business_date=date(2027, 1, 16), actor=ACTOR, at=AT)
        assert state_of(facility) is FacilityState.OPEN


@pytest.fixture
def shop(db: None) -> ModuleType:
    """The packaged lenders and products with firms that get offers; the banks answer in process."""
    return desk


def committed(agreement) -> int:  # type: ignore[no-untyped-def]  # an agreement
    reservation = Reservation.objects.select_related("pool").get(
        offer__product_id=agreement.product_id, state="consumed"
    )
    pool: CapacityPool = reservation.pool
    assert pool.committed_minor == reservation.consumed_minor - reservation.returned_minor
    return pool.committed_minor


class TestCapacityComesBack:
    def signed(self, shop: ModuleType, code: str):  # type: ignore[no-untyped-def]  # an agreement and its market
        shop.open_market()
        (firm,) = shop.register_firms(1)
        agreement = shop.signed(firm, code=code)
        bank = Market(agreement.lender_id, FakeBank())
        facility = facade.open_facility(agreement=agreement, actor=ACTOR, at=shop.AT)
        return agreement, facility, bank

    def test_of_a_term_loan_with_each_repayment_of_principal(self, shop: ModuleType) -> None:
        with as_platform():
            agreement, facility, bank = self.signed(shop, "yunfan_online")
            whole = agreement.amount_minor
            loan = draw(facility, agreement.start_date, minor=whole)
            bank.send()
            bank.close(agreement.start_date)
            assert committed(agreement) == whole
            first = models.Instalment.objects.get(loan_id=loan.id, number=1)
            bank.collect(first.due_date)
            for _time in range(2):
                settle_facilities(business_date=first.due_date, actor=ACTOR, at=AT)
            assert committed(agreement) == whole - first.principal_minor
            prepay(bank, loan.id, first.due_date.replace(day=first.due_date.day + 1))
            settle_facilities(business_date=date(2026, 7, 20), actor=ACTOR, at=AT)
            assert committed(agreement) == 0
            assert state_of(facility) is FacilityState.CLOSED

    def test_of_a_revolving_line_only_at_its_end(self, shop: ModuleType) -> None:
        with as_platform():
            agreement, facility, bank = self.signed(shop, "yunfan_working")
            loan = draw(facility, agreement.start_date, minor=10_000_000)
            bank.send()
            prepay(bank, loan.id, date(2026, 6, 20))
            settle_facilities(business_date=date(2026, 6, 20), actor=ACTOR, at=AT)
            assert committed(agreement) == agreement.amount_minor, "the firm may draw it again"
            second = draw(facility, date(2026, 6, 22), minor=10_000_000, key="again")
            bank.send()
            day = date(2027, 6, 2)
            settle_facilities(business_date=day, actor=ACTOR, at=AT)
            assert committed(agreement) == 10_000_000, "what is owed after the end is still out"
            bank.collect(day)
            assert facade.loan(loan_id=second.id).state is LoanState.REPAID
            settle_facilities(business_date=day, actor=ACTOR, at=AT)
            assert committed(agreement) == 0

    def test_not_of_what_is_lost(self, shop: ModuleType) -> None:
        with as_platform():
            agreement, facility, bank = self.signed(shop, "yunfan_online")
            loan = draw(facility, agreement.start_date, minor=agreement.amount_minor)
            bank.send()
            bank.close(date(2027, 9, 1))
            assert facade.loan(loan_id=loan.id).annual_rate > Decimal(0)
            facade.write_off_loan(loan_id=loan.id, reason="gone", business_date=date(2027, 9, 1), actor=ACTOR, at=AT)
            settle_facilities(business_date=date(2027, 9, 2), actor=ACTOR, at=AT)
            assert state_of(facility) is FacilityState.CLOSED
            assert committed(agreement) == agreement.amount_minor
