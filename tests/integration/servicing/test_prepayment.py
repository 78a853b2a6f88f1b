from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from rongtong.attest import facade as attest
from rongtong.core.models import Event
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountKind
from rongtong.servicing import facade
from rongtong.servicing.contracts import (
    LoanState,
    PrepaymentMode,
)

from .conftest import ACTOR, AT, DAY, Market, books, fetch

DUE = date(2026, 2, 24)


class TestPrepayment:
    def test_of_all_closes_the_loan_at_once(self, market: Market) -> None:
        loan = market.active()
        market.collect(DUE)
        day = date(2026, 3, 1)
        quote = facade.request_prepayment(
            loan_id=loan.id, business_date=day, mode=PrepaymentMode.KEEP_TERM, actor=ACTOR, at=AT
        )
        assert quote.principal_minor == 27_568_007
        assert quote.interest_minor == round(Decimal(137_840) * 14 / 28)
        assert (quote.remaining_minor, quote.last_due_date) == (0, None)
        with pytest.raises(facade.PrepaymentUnderWay):
            facade.request_prepayment(
                loan_id=loan.id, business_date=day, mode=PrepaymentMode.KEEP_TERM, actor=ACTOR, at=AT
            )
        market.send()
        found = market.statement(day=day)
        assert (found.repayments, found.repaid_minor, found.exceptions) == (1, quote.total_minor, 0)
        now = fetch(loan)
        assert (now.state, now.outstanding_minor, now.closed_date) == (LoanState.REPAID, 0, day)
        assert books(loan)[AccountKind.COLLECTIONS] == 2_581_993 + quote.total_minor
        assert AccountKind.PRINCIPAL_RECEIVABLE not in books(loan)
        assert AccountKind.INTEREST_RECEIVABLE not in books(loan)
        assert Event.objects.filter(name="loan.repaid").count() == 1
        attest.sequence(at=AT)
        assert attest.verify_log().ok

    @pytest.mark.parametrize(
        ("mode", "instalments"), [(PrepaymentMode.KEEP_TERM, 11), (PrepaymentMode.KEEP_INSTALMENT, 7)]
    )
    def test_of_a_part_draws_the_schedule_up_anew(self, market: Market, mode: PrepaymentMode, instalments: int) -> None:
        loan = market.active()
        market.collect(DUE)
        day = date(2026, 3, 1)
        facade.request_prepayment(
            loan_id=loan.id, business_date=day, mode=mode, principal_minor=10_000_000, actor=ACTOR, at=AT
        )
        market.send()
        market.statement(day=day)
        rows = facade.schedule(loan_id=loan.id)
        assert [row.prepayment for row in rows] == [False, True] + [False] * instalments
        assert sum(row.principal_minor for row in rows) == 30_000_000
        assert rows[-1].balance_minor == 0
        assert fetch(loan).outstanding_minor == 17_568_007
        market.live(date(2026, 3, 16), date(2027, 2, 28), every=14)
        assert (fetch(loan).state, fetch(loan).outstanding_minor) == (LoanState.REPAID, 0)
        assert ledger.check_balanced()
        attest.sequence(at=AT)
        assert attest.verify_log().ok

    def test_waits_for_what_is_due(self, market: Market) -> None:
        loan = market.active()
        with pytest.raises(facade.ArrearsFirst):
            facade.quote_prepayment(loan_id=loan.id, on=DUE, mode=PrepaymentMode.KEEP_TERM)

    @pytest.mark.parametrize("principal", [0, 30_000_001])
    def test_refuses_more_than_is_owed(self, market: Market, principal: int) -> None:
        loan = market.active()
        with pytest.raises(facade.PrepaymentTooLarge):
            facade.request_prepayment(
                loan_id=loan.id,
                business_date=DAY + timedelta(days=3),
                mode=PrepaymentMode.KEEP_TERM,
                principal_minor=principal,
                actor=ACTOR,
                at=AT,
            )

    def test_a_revolving_line_gets_its_limit_back(self, market: Market) -> None:
        loan = market.active(repayment_method="revolving")
        line = facade.facility(facility_id=loan.facility_id)
        assert line.available_minor == 12_000_000
        day = DAY + timedelta(days=10)
        quote = facade.request_prepayment(
            loan_id=loan.id,
            business_date=day,
            mode=PrepaymentMode.KEEP_TERM,
            principal_minor=8_000_000,
            actor=ACTOR,
            at=AT,
        )
        assert quote.interest_minor == 30_000  # 180,000.00 x 6 % x 10 / 360
        market.send()
        market.statement(day=day)
        assert facade.facility(facility_id=loan.facility_id).available_minor == 20_000_000
        balances = ledger.balances_of(references=[loan.facility_id])
        assert balances[AccountKind.COMMITMENT, loan.facility_id] == 20_000_000
