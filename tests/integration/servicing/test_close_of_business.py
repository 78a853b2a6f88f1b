from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import Error
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongtong.attest import facade as attest
from rongtong.core.ids import new_id
from rongtong.core.models import Event
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountKind
from rongtong.servicing import facade, models
from rongtong.servicing.contracts import Loan, LoanClass, LoanState

from .conftest import ACTOR, AT, DAY, Market, make_market

DUE = date(2026, 2, 24)


def fetch(loan: Loan) -> Loan:
    return facade.loan(loan_id=loan.id)


def balance(loan: Loan, kind: AccountKind, on: date | None = None) -> int:
    return ledger.balances_of(references=[loan.id], on=on)[kind, loan.id]


def stop_paying(market: Market, loan: Loan, percent: int = 0) -> None:
    from rongtong.parties.models import Identifier

    market.bank.pays[Identifier.objects.get(organisation_id=loan.enterprise_id).value] = percent


class TestCloseOfBusiness:
    def test_accrues_interest_day_by_day(self, market: Market) -> None:
        loan = market.active()
        report = market.close(DAY)
        assert (report.loans, report.interest_minor) == (1, 0)
        for offset in range(1, 32):
            market.close(DAY + timedelta(days=offset))
        assert balance(loan, AccountKind.INTEREST_RECEIVABLE) == 150_000
        assert balance(loan, AccountKind.INTEREST_INCOME) == -150_000
        assert balance(loan, AccountKind.INTEREST_RECEIVABLE, on=DAY + timedelta(days=10)) == 48_387

    def test_a_day_is_closed_once(self, market: Market) -> None:
        market.active()
        first = market.close(DAY + timedelta(days=5))
        assert first.interest_minor == 24_194
        assert market.close(DAY + timedelta(days=5)) == first
        assert Event.objects.filter(name="business.closed").count() == 1

    def test_days_that_were_left_out_are_made_up_for(self, market: Market) -> None:
        loan = market.active()
        market.close(DAY + timedelta(days=31))
        assert balance(loan, AccountKind.INTEREST_RECEIVABLE) == 150_000

    def test_a_day_that_was_cut_off_is_closed_again_to_the_same_end(
        self, market: Market, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from rongtong.servicing.actions import close_of_business as action

        loans = [market.active() for _ in range(5)]
        monkeypatch.setattr(action, "_CHUNK", 2)
        done: list[int] = []
        write = action.save_loans

        def cut_off(rows: list[models.Loan]) -> None:
            if done:
                raise SystemExit("cut off")
            done.append(len(rows))
            write(rows)

        with monkeypatch.context() as patch:
            patch.setattr(action, "save_loans", cut_off)
            with pytest.raises(SystemExit):
                market.close(DAY + timedelta(days=31))
        assert [balance(loan, AccountKind.INTEREST_RECEIVABLE) for loan in loans] == [150_000, 150_000, 0, 0, 0]
        report = market.close(DAY + timedelta(days=31))
        assert report.interest_minor == 750_000
        assert [balance(loan, AccountKind.INTEREST_RECEIVABLE) for loan in loans] == [150_000] * 5
        assert report.ledger_balanced

    def test_goes_on_after_it_was_cut_off_though_money_came_in_between(
        self, market: Market, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The class went down before the cut, the arrears were paid after it: up again on the same day, both are kept."""
        from rongtong.servicing.actions import close_of_business as action

        loan = market.active()
        stop_paying(market, loan)
        market.close(DUE)
        late = DUE + timedelta(days=1)

        def cut_off(**_: object) -> None:
            raise SystemError("killed")

        with monkeypatch.context() as patched:
            patched.setattr(action, "settle_facilities", cut_off)
            with pytest.raises(SystemError):
                facade.close_of_business(business_date=late, actor=ACTOR, at=AT)
        assert fetch(loan).loan_class is LoanClass.SPECIAL_MENTION
        stop_paying(market, loan, percent=100)
        market.collect(late)
        report = facade.close_of_business(business_date=late, actor=ACTOR, at=AT)
        assert [(one.from_class, one.to_class) for one in facade.class_changes(loan_id=loan.id)] == [
            (LoanClass.NORMAL, LoanClass.SPECIAL_MENTION),
            (LoanClass.SPECIAL_MENTION, LoanClass.NORMAL),
        ]
        assert report.reclassified == 0
        assert facade.close_of_business(business_date=late + timedelta(days=1), actor=ACTOR, at=AT).loans == 1

    def test_counts_days_past_due_and_classes_by_the_boundaries(self, market: Market) -> None:
        loan = market.active()
        stop_paying(market, loan)
        seen = {}
        for days in (0, 1, 30, 31, 90, 91, 270, 271, 360, 361):
            market.close(DUE + timedelta(days=days))
            now = fetch(loan)
            assert now.overdue_days == days
            seen[days] = (now.loan_class, now.stage)
        assert seen == {
            0: (LoanClass.NORMAL, 1),
            1: (LoanClass.SPECIAL_MENTION, 1),
            30: (LoanClass.SPECIAL_MENTION, 1),
            31: (LoanClass.SPECIAL_MENTION, 2),
            90: (LoanClass.SPECIAL_MENTION, 2),
            91: (LoanClass.SUBSTANDARD, 3),
            270: (LoanClass.SUBSTANDARD, 3),
            271: (LoanClass.DOUBTFUL, 3),
            360: (LoanClass.DOUBTFUL, 3),
            361: (LoanClass.LOSS, 3),
        }
        assert [change.to_class for change in facade.class_changes(loan_id=loan.id)] == [
            LoanClass.SPECIAL_MENTION,
            LoanClass.SUBSTANDARD,
            LoanClass.DOUBTFUL,
            LoanClass.LOSS,
        ]
        attest.sequence(at=AT)
        assert attest.verify_log().ok

    def test_penalty_runs_on_what_is_overdue(self, market: Market) -> None:
        loan = market.active(repayment_method="bullet", term_months=1)
        due = fetch(loan).next_due_date
        assert due is not None
        market.close(due)
        assert balance(loan, AccountKind.PENALTY_RECEIVABLE) == 0
        report = market.close(due + timedelta(days=45))
        interest = facade.schedule(loan_id=loan.id)[0].interest_minor
        expected = [round(Decimal(part) * Decimal("0.09") * 45 / 360) for part in (30_000_000, interest)]
        assert balance(loan, AccountKind.PENALTY_RECEIVABLE) == sum(expected) == report.penalty_minor
        assert fetch(loan).overdue_minor == 30_000_000 + interest

    def test_a_late_report_of_an_early_payment_takes_the_penalty_back(self, market: Market) -> None:
        from .conftest import entry, statement

        loan = market.active()
        facade.send_collections(business_date=DUE, actor=ACTOR, at=AT)
        name = models.Instruction.objects.get(kind="collection").end_to_end_id
        market.close(DUE + timedelta(days=10))
        assert balance(loan, AccountKind.PENALTY_RECEIVABLE) > 0
        market.statement(statement([entry("R1", "CRDT", 2_581_993, DUE, name)]))
        market.close(DUE + timedelta(days=11))
        assert balance(loan, AccountKind.PENALTY_RECEIVABLE) == 0
        assert fetch(loan).overdue_days == 0
        assert ledger.check_balanced()

    def test_a_loan_lives_through_trouble_and_comes_back_to_the_fen(self, market: Market) -> None:
        loan = market.active()
        market.live(DAY, date(2026, 3, 31), every=5)
        stop_paying(market, loan, 30)
        market.live(date(2026, 4, 1), date(2026, 5, 31), every=6)
        assert fetch(loan).overdue_days > 0
        stop_paying(market, loan, 100)
        market.live(date(2026, 6, 1), date(2027, 1, 31), every=9)
        now = fetch(loan)
        assert (now.state, now.outstanding_minor, now.overdue_days) == (LoanState.REPAID, 0, 0)
        assert balance(loan, AccountKind.PRINCIPAL_RECEIVABLE) == 0
        assert balance(loan, AccountKind.INTEREST_RECEIVABLE) == 0
        assert balance(loan, AccountKind.PENALTY_RECEIVABLE) == 0
        paid = sum(one.amount_minor for one in facade.repayments(loan_id=loan.id))
        interest = -balance(loan, AccountKind.INTEREST_INCOME)
        penalty = -balance(loan, AccountKind.PENALTY_INCOME)
        assert paid == balance(loan, AccountKind.COLLECTIONS) == 30_000_000 + interest + penalty
        assert penalty > 0
        assert ledger.check_balanced()
        attest.sequence(at=AT)
        assert attest.verify_log().ok

    def test_asks_the_database_no_more_for_more_loans(self, market: Market) -> None:
        counts = []
        for number, day in ((3, 20), (20, 30)):
            for _ in range(number):
                market.instructed()
            market.send()
            facade.close_of_business(business_date=DAY + timedelta(days=day - 5), actor=ACTOR, at=AT)
            with CaptureQueriesContext(connection) as queries:
                facade.close_of_business(business_date=DAY + timedelta(days=day), actor=ACTOR, at=AT)
            counts.append(len(queries))
        assert counts[0] == counts[1]

    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_any_life_of_any_loan_conserves_the_principal(self, market: Market, data: st.DataObject) -> None:
        loan = market.active(
            amount_minor=data.draw(st.integers(1_000_000, 10**10)),
            term_months=data.draw(st.integers(1, 6)),
            annual_rate=data.draw(st.sampled_from([Decimal("0.0385"), Decimal("0.06"), Decimal("0.1199")])),
            repayment_method=data.draw(st.sampled_from(["annuity", "equal_principal", "interest_first", "bullet"])),
        )
        with transaction.atomic():
            day = DAY
            for _ in range(data.draw(st.integers(1, 8))):
                day += timedelta(days=data.draw(st.integers(1, 60)))
                stop_paying(market, loan, data.draw(st.sampled_from([0, 35, 100])))
                market.collect(day)
                market.close(day)
                now = fetch(loan)
                repaid = sum(row.principal_paid_minor for row in facade.schedule(loan_id=loan.id))
                assert now.outstanding_minor + repaid == loan.principal_minor
                assert balance(loan, AccountKind.PRINCIPAL_RECEIVABLE) == now.outstanding_minor
            stop_paying(market, loan, 100)
            end = max(day, fetch(loan).maturity_date or day) + timedelta(days=1)
            market.collect(end)
            assert fetch(loan).state == LoanState.REPAID
            for kind in (
                AccountKind.PRINCIPAL_RECEIVABLE,
                AccountKind.INTEREST_RECEIVABLE,
                AccountKind.PENALTY_RECEIVABLE,
            ):
                assert balance(loan, kind) == 0
            assert ledger.check_balanced()


class TestWriteOff:
    def test_only_a_loss_is_written_off(self, market: Market) -> None:
        loan = market.active()
        with pytest.raises(facade.NotALoss):
            facade.write_off_loan(loan_id=loan.id, reason="gone", business_date=DUE, actor=ACTOR, at=AT)
        market.close(DUE + timedelta(days=361))
        done = facade.write_off_loan(
            loan_id=loan.id, reason="gone", business_date=DUE + timedelta(days=361), actor=ACTOR, at=AT
        )
        assert done.state == LoanState.WRITTEN_OFF
        assert balance(loan, AccountKind.PRINCIPAL_RECEIVABLE) == 0
        assert balance(loan, AccountKind.WRITTEN_OFF) == 30_000_000


class TestFigures:
    def test_a_lenders_book_adds_up(self, market: Market) -> None:
        good, bad = market.active(), market.active(amount_minor=10_000_000)
        undrawn = market.facility(amount_minor=5_000_000)
        stop_paying(market, bad)
        market.collect(DUE)
        market.close(DUE + timedelta(days=91))
        book = facade.portfolio(lender_id=market.lender_id)
        assert (book.loans, book.borrowers, book.overdue_loans) == (2, 2, 2)
        assert book.disbursed_minor == 40_000_000
        assert book.outstanding_minor == fetch(good).outstanding_minor + 10_000_000
        assert book.non_performing_minor == book.overdue_90_minor == 10_000_000
        assert book.by_class == {
            LoanClass.SPECIAL_MENTION: (1, fetch(good).outstanding_minor),
            LoanClass.SUBSTANDARD: (1, 10_000_000),
        }
        assert book.unused_minor == 5_000_000
        assert book.non_performing_ratio == Decimal(10_000_000) / book.outstanding_minor
        assert facade.overdue_count() == 2
        assert set(facade.borrowers()) == {good.enterprise_id, bad.enterprise_id, undrawn.enterprise_id}
        assert facade.exposures(enterprise_ids=[bad.enterprise_id]) == {
            bad.enterprise_id: {market.lender_id: 10_000_000}
        }
        days = facade.overdue_days(enterprise_ids=[bad.enterprise_id], business_date=DUE + timedelta(days=91))
        assert days == {bad.enterprise_id: 91}

    def test_an_empty_book_is_all_noughts(self, market: Market) -> None:
        book = facade.portfolio(lender_id=market.lender_id)
        assert (book.loans, book.outstanding_minor, book.non_performing_ratio) == (0, 0, 0)

    def test_pages_list_loans_newest_first_in_two_queries(self, market: Market, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's
        made = [market.active() for _ in range(5)]
        with django_assert_num_queries(2):
            page = facade.loans_of(lender_id=market.lender_id, page=1, page_size=3)
        assert [one.id for one in page.items] == [one.id for one in reversed(made[2:])]
        assert page.total == 5
        assert facade.loans_of(enterprise_id=made[0].enterprise_id).total == 1
        assert facade.loans_of(states=[LoanState.REPAID]).items == ()


class TestIsolation:
    TABLES = (
        models.Facility,
        models.Loan,
        models.Instruction,
        models.Payout,
        models.Instalment,
        models.Repayment,
        models.Allocation,
        models.Classification,
        models.Freeze,
    )

    def test_each_side_sees_its_own_rows_only(self, market: Market) -> None:
        loan, other = market.active(repayment_method="revolving"), make_market().active(repayment_method="revolving")
        for one in (loan, other):
            facade.freeze_limits(facility_id=one.facility_id, reason="x", actor=ACTOR, at=AT)
        market.collect(DUE)
        market.close(DUE + timedelta(days=40))
        for viewer in (loan.enterprise_id, loan.lender_id):
            with as_tenant(viewer):
                for table in self.TABLES:
                    rows = list(table.objects.all())  # type: ignore[attr-defined]  # each is a model
                    assert rows, table
                    assert {row.enterprise_id for row in rows} == {loan.enterprise_id}
        with as_tenant(new_id()):
            for table in (*self.TABLES, models.Message, models.StatementEntry, models.UnbookedEntry):
                assert not table.objects.exists()  # type: ignore[attr-defined]  # as above
            with pytest.raises(facade.LoanUnknown):
                facade.loan(loan_id=loan.id)

    def test_a_firm_sees_no_message_about_other_firms(self, market: Market) -> None:
        loan = market.active()
        market.active()
        market.collect(DUE)
        with as_tenant(loan.enterprise_id):
            assert [row.kind for row in models.Message.objects.all()] == ["drawdown"]
            assert not models.StatementEntry.objects.exists()

    @pytest.mark.parametrize("table", TABLES)
    def test_a_foreign_row_is_refused(self, market: Market, table: type[models.Loan]) -> None:
        loan = market.active(repayment_method="revolving")
        facade.freeze_limits(facility_id=loan.facility_id, reason="x", actor=ACTOR, at=AT)
        market.collect(DUE)
        market.close(DUE + timedelta(days=40))
        with as_platform():
            row = table.objects.first()
        assert row is not None
        row.pk = new_id() if table is not models.Payout else row.pk
        row._state.adding = True
        with as_tenant(new_id()), pytest.raises(Error, match="row-level security"), transaction.atomic():
            row.save(force_insert=True)

    def test_a_firm_draws_on_its_own_line_only(self, market: Market) -> None:
        mine, other = market.facility(), market.facility()
        with as_tenant(mine.enterprise_id):
            assert (
                facade.request_drawdown(
                    facility_id=mine.id, amount_minor=30_000_000, business_date=DAY, actor=ACTOR, at=AT
                ).state
                == LoanState.INSTRUCTED
            )
            with pytest.raises(facade.FacilityUnknown):
                facade.request_drawdown(facility_id=other.id, amount_minor=1, business_date=DAY, actor=ACTOR, at=AT)
