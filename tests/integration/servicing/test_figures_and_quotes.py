"""A figure is of all that it names, a quote is of the action that executes it, and a day still to come books nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rongtong.core.errors import RongtongError
from rongtong.servicing import facade, models
from rongtong.servicing.contracts import ExceptionReason, PrepaymentMode

from .conftest import ACTOR, AT, DAY, LATER, Market, asked, entry, statement

DUE = date(2026, 2, 24)
TOO_MUCH = 99_999_000_000


class TestDebts:
    def test_are_of_all_loans_not_of_a_page(self, market: Market) -> None:
        firm = market.firm()
        loans = [market.active(enterprise_id=firm) for _ in range(23)]
        market.close(DAY)
        debts = facade.debts_of(enterprise_id=firm)
        pages = [facade.loans_of(enterprise_id=firm, page=number, page_size=20) for number in (1, 2)]
        rows = [one for page in pages for one in page.items]
        assert (debts.loans, pages[0].total) == (len(rows), len(loans)) == (23, 23)
        assert debts.owed_minor == sum(one.outstanding_minor for one in rows) == 23 * 30_000_000
        assert debts.next_due_minor == sum(one.next_due_minor for one in rows if one.next_due_date == DUE)
        assert (debts.next_due_date, debts.overdue_minor) == (DUE, 0)

    def test_of_a_firm_without_loans_are_nothing(self, market: Market) -> None:
        debts = facade.debts_of(enterprise_id=market.firm())
        assert (debts.owed_minor, debts.next_due_date, debts.next_due_minor) == (0, None, 0)


class TestQuotes:
    @pytest.mark.parametrize("days", [0, 1, 40, 200, 330])
    def test_of_a_drawdown_is_what_the_drawdown_becomes(self, market: Market, days: int) -> None:
        line, day = market.facility(repayment_method="revolving"), DAY + timedelta(days=days)
        quote = facade.quote_drawdown(facility_id=line.id, amount_minor=1_000_000, business_date=day)
        loan = facade.request_drawdown(
            facility_id=line.id, amount_minor=1_000_000, business_date=day, actor=ACTOR, at=AT, key="k"
        )
        market.send()
        made = facade.schedule(loan_id=loan.id)
        assert quote.term_months == loan.term_months
        assert [(one.due_date, one.principal_minor, one.interest_minor) for one in quote.schedule] == [
            (one.due_date, one.principal_minor, one.interest_minor) for one in made
        ]

    @pytest.mark.parametrize(("amount", "days"), [(0, 0), (-1, 0), (TOO_MUCH, 0), (1_000_000, 4000)])
    def test_of_a_drawdown_refuses_what_the_drawdown_refuses(self, market: Market, amount: int, days: int) -> None:
        line, day = market.facility(repayment_method="revolving"), DAY + timedelta(days=days)
        asked_for = {"facility_id": line.id, "amount_minor": amount, "business_date": day}
        with pytest.raises(RongtongError) as quoted:
            facade.quote_drawdown(**asked_for)  # type: ignore[arg-type]  # as named
        with pytest.raises(RongtongError) as done:
            facade.request_drawdown(**asked_for, actor=ACTOR, at=AT, key="k")  # type: ignore[arg-type]  # as named
        assert type(quoted.value) is type(done.value)

    @pytest.mark.parametrize("amount", [0, -1, TOO_MUCH, 30_000_001])
    def test_of_an_early_repayment_refuses_what_the_collection_refuses(self, market: Market, amount: int) -> None:
        loan, mode = market.active(), PrepaymentMode.KEEP_TERM
        with pytest.raises(facade.PrepaymentTooLarge):
            facade.quote_prepayment(loan_id=loan.id, on=DAY, mode=mode, principal_minor=amount)
        with pytest.raises(facade.PrepaymentTooLarge):
            facade.request_prepayment(
                loan_id=loan.id, business_date=DAY, mode=mode, principal_minor=amount, actor=ACTOR, at=AT
            )


class TestUnlikelyDays:
    @pytest.mark.parametrize("booked", [date(2062, 11, 27), LATER.date() + timedelta(days=2), date(1900, 1, 1)])
    def test_wait_for_a_person_and_book_nothing(self, market: Market, booked: date) -> None:
        loan = market.active()
        facade.send_collections(business_date=DUE, actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # in process
        found = market.statement(statement([entry("F1", "CRDT", 10_000, booked, asked(loan).end_to_end_id)]))
        assert (found.repayments, found.exceptions) == (0, 1)
        (left,) = facade.unbooked_page(lender_id=market.lender_id).items
        assert left.reason is ExceptionReason.DATE_UNLIKELY
        assert facade.repayments(loan_id=loan.id) == ()
        market.close(DUE)
        assert models.Loan.objects.get(pk=loan.id).state_date == DUE

    def test_are_not_booked_by_hand_either(self, market: Market) -> None:
        loan = market.active()
        market.statement(statement([entry("F1", "CRDT", 10_000, date(2062, 11, 27), "paid at the counter")]))
        (left,) = facade.unbooked_page(lender_id=market.lender_id).items
        with pytest.raises(facade.EntryNotBookable):
            facade.resolve_entry(unbooked_id=left.id, loan_id=loan.id, note="counter", actor=ACTOR, at=LATER)

    def test_a_day_ahead_of_ours_is_booked(self, market: Market) -> None:
        loan = market.active()
        facade.send_collections(business_date=DUE, actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # in process
        booked = LATER.date() + timedelta(days=1)
        found = market.statement(statement([entry("F1", "CRDT", 10_000, booked, asked(loan).end_to_end_id)]))
        assert (found.repayments, found.exceptions) == (1, 0)
