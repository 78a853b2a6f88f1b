from __future__ import annotations

import os
import signal
import threading
import time
from datetime import date, timedelta

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongtong.core.ids import new_id
from rongtong.core.roles import as_owner
from rongtong.core.tenancy import Book, as_platform, in_book
from rongtong.ledger import facade, models
from rongtong.ledger.contracts import AccountKind, TransferDraft

from .conftest import ACTOR, AT, DAY, Books, books

PRINCIPAL = AccountKind.PRINCIPAL_RECEIVABLE


def balance(loan: Books, kind: AccountKind = PRINCIPAL, on: date | None = None) -> int:
    return facade.balances(account_ids=[loan.accounts[kind]], on=on)[loan.accounts[kind]]


class TestPost:
    def test_moves_the_amount_and_keeps_the_running_balances(self, loan: Books) -> None:
        with as_platform():
            facade.post(transfers=[loan.drawn(100_000, "d1"), loan.repaid(30_000, "r1")], actor=ACTOR, at=AT)
            facade.post(transfers=[loan.repaid(20_001, "r2")], actor=ACTOR, at=AT)
            rows = [
                (entry.kind, entry.previous_balance, entry.minor, entry.current_balance, entry.account_version)
                for entry in facade.entries(references=[loan.loan_id])
            ]
        assert [row[1:] for row in rows if row[0] == PRINCIPAL] == [
            (0, 100_000, 100_000, 1),
            (100_000, -30_000, 70_000, 2),
            (70_000, -20_001, 49_999, 3),
        ]
        assert [row[1:] for row in rows if row[0] == AccountKind.COLLECTIONS] == [
            (0, 30_000, 30_000, 1),
            (30_000, 20_001, 50_001, 2),
        ]

    def test_a_known_reference_is_answered_as_before(self, loan: Books) -> None:
        with as_platform():
            first = facade.post(transfers=[loan.drawn(100, "d")], actor=ACTOR, at=AT)
            again = facade.post(transfers=[loan.drawn(100, "d"), loan.drawn(7, "e")], actor=ACTOR, at=AT)
            assert again[0] == first[0]
            assert balance(loan) == 107

    def test_a_known_reference_with_other_content_is_refused(self, loan: Books) -> None:
        with as_platform():
            facade.post(transfers=[loan.drawn(100, "d")], actor=ACTOR, at=AT)
            with pytest.raises(facade.TransferDiffers):
                facade.post(transfers=[loan.drawn(7, "e"), loan.drawn(101, "d")], actor=ACTOR, at=AT)
            assert balance(loan) == 100

    def test_the_same_reference_twice_in_one_posting(self, loan: Books) -> None:
        with as_platform():
            one, two = facade.post(transfers=[loan.drawn(100, "d"), loan.drawn(100, "d")], actor=ACTOR, at=AT)
            assert one == two
            assert balance(loan) == 100

    def test_all_or_nothing(self, loan: Books) -> None:
        with as_platform():
            with pytest.raises(facade.AccountOverdrawn):
                facade.post(transfers=[loan.drawn(100, "d"), loan.repaid(101, "r")], actor=ACTOR, at=AT)
            assert balance(loan) == 0
            assert not models.Posting.objects.exists()

    @pytest.mark.parametrize("minor", [0, -1, 1.5, True, "1"])
    def test_refuses_what_is_no_amount(self, loan: Books, minor: int) -> None:
        with as_platform(), pytest.raises(facade.TransferMalformed):
            facade.post(transfers=[loan.drawn(minor, "d")], actor=ACTOR, at=AT)

    def test_refuses_two_firms_in_one_transfer(self, loan: Books) -> None:
        other = books(loan.lender_id)
        mixed = TransferDraft(loan.accounts[PRINCIPAL], other.accounts[AccountKind.FUNDING], 5, "x", "x", DAY)
        with as_platform(), pytest.raises(facade.AccountsUnrelated):
            facade.post(transfers=[mixed], actor=ACTOR, at=AT)

    def test_does_not_query_more_for_more_transfers(self, loan: Books, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
        with as_platform(), django_assert_max_num_queries(8):
            facade.post(transfers=[loan.drawn(1, str(number)) for number in range(500)], actor=ACTOR, at=AT)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=st.lists(st.tuples(st.booleans(), st.integers(1, 10**12)), min_size=1, max_size=30))
    def test_any_sequence_leaves_the_books_whole(self, loan: Books, steps: list[tuple[bool, int]]) -> None:
        with as_platform():
            expected = balance(loan)
            for number, (draw, minor) in enumerate(steps):
                reference = f"{new_id()}-{number}"
                if draw:
                    facade.post(transfers=[loan.drawn(minor, reference)], actor=ACTOR, at=AT)
                    expected += minor
                elif minor <= expected:
                    facade.post(transfers=[loan.repaid(minor, reference)], actor=ACTOR, at=AT)
                    expected -= minor
                else:
                    with pytest.raises(facade.AccountOverdrawn):
                        facade.post(transfers=[loan.repaid(minor, reference)], actor=ACTOR, at=AT)
            assert balance(loan) == expected
            assert facade.check_balanced()
            assert facade.trial_balance().balanced


class TestBalances:
    def test_of_a_past_business_date(self, loan: Books) -> None:
        late = DAY - timedelta(days=3)
        with as_platform():
            facade.post(transfers=[loan.drawn(100, "d", day=DAY - timedelta(days=10))], actor=ACTOR, at=AT)
            facade.post(transfers=[loan.repaid(40, "r2", day=DAY)], actor=ACTOR, at=AT)
            facade.post(transfers=[loan.repaid(25, "r1", day=late)], actor=ACTOR, at=AT + timedelta(days=1))
            assert balance(loan, on=DAY - timedelta(days=11)) == 0
            assert balance(loan, on=late - timedelta(days=1)) == 100
            assert balance(loan, on=late) == 75
            assert balance(loan, on=DAY) == balance(loan) == 35
            account = loan.accounts[PRINCIPAL]
            assert facade.balances(account_ids=[account], on=late, known_at=AT) == {account: 100}

    def test_the_trial_balance_adds_up_by_kind(self, loan: Books) -> None:
        with as_platform():
            facade.post(transfers=[loan.drawn(100, "d"), loan.repaid(40, "r")], actor=ACTOR, at=AT)
            trial = facade.trial_balance(on=DAY)
            assert (trial.debits, trial.credits, trial.balanced) == (140, 140, True)
            assert {row.kind: row.balance for row in trial.rows} == {
                PRINCIPAL: 60,
                AccountKind.COLLECTIONS: 40,
                AccountKind.FUNDING: -100,
            }
            assert facade.trial_balance(on=DAY - timedelta(days=1)).rows == ()

    @pytest.mark.parametrize(
        ("sql", "what"),
        [
            ("UPDATE ledger_entry SET minor = minor + 1, current_balance = current_balance + 1", "transfer"),
            ("UPDATE ledger_transfer SET minor = minor + 1", "transfer"),
            ("UPDATE ledger_account SET balance = balance + 1 WHERE balance > 0", "account"),
            ("DELETE FROM ledger_entry WHERE minor > 0", "transfer"),
            ("UPDATE ledger_transfer SET book = 'evaluation'", "transfer"),
            ("UPDATE ledger_entry SET book = 'evaluation'", "transfer"),
            ("UPDATE ledger_posting SET book = 'evaluation'", "transfer"),
            ("UPDATE ledger_entry SET business_date = business_date - 1", "transfer"),
            ("UPDATE ledger_entry SET enterprise_id = gen_random_uuid()", "transfer"),
        ],
    )
    def test_finds_what_was_rewritten_behind_its_back(self, loan: Books, sql: str, what: str) -> None:
        with as_platform():
            facade.post(transfers=[loan.drawn(100, "d")], actor=ACTOR, at=AT)
            assert facade.find_fault() is None
            with as_owner(), connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for table in ("account", "posting", "transfer", "entry"):
                    cursor.execute(f"ALTER TABLE ledger_{table} DISABLE TRIGGER USER")
                    cursor.execute(f"ALTER TABLE ledger_{table} NO FORCE ROW LEVEL SECURITY")
                cursor.execute(sql)
            with in_book(Book.ALL):
                found = facade.find_fault()
            assert found is not None
            assert found.startswith(what)
            assert not facade.check_balanced()


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def run(self, count: int, work) -> list[BaseException]:  # type: ignore[no-untyped-def]  # a closure over a number
        errors: list[BaseException] = []

        def guarded(number: int) -> None:
            try:
                with as_platform():
                    work(number)
            except BaseException as error:
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return errors

    def test_crossing_postings_over_the_same_accounts_do_not_lock_each_other_out(self) -> None:
        one = books()
        two = books(one.lender_id)

        def work(number: int) -> None:
            pair = [one, two] if number % 2 else [two, one]
            for turn in range(10):
                facade.post(
                    transfers=[loan.drawn(1, f"{number}-{turn}-{side}") for side, loan in enumerate(pair)],
                    actor=ACTOR,
                    at=AT,
                )

        assert self.run(6, work) == []
        with as_platform():
            assert balance(one) == balance(two) == 60
            assert facade.check_balanced()

    def test_the_same_reference_from_many_threads_is_posted_once(self) -> None:
        loan = books()

        def work(number: int) -> None:
            facade.post(transfers=[loan.drawn(100, "once")], actor=ACTOR, at=AT)

        assert self.run(8, work) == []
        with as_platform():
            assert balance(loan) == 100

    def test_what_is_owed_is_repaid_at_most_once(self) -> None:
        loan = books()
        with as_platform():
            facade.post(transfers=[loan.drawn(100, "d")], actor=ACTOR, at=AT)

        def work(number: int) -> None:
            facade.post(transfers=[loan.repaid(60, f"r{number}")], actor=ACTOR, at=AT)

        errors = self.run(5, work)
        assert [type(error) for error in errors] == [facade.AccountOverdrawn] * 4
        with as_platform():
            assert balance(loan) == 40

    def test_a_killed_posting_leaves_nothing(self) -> None:
        loan = books()
        connection.close()
        child = os.fork()
        if child == 0:
            try:
                with as_platform(), transaction.atomic():
                    facade.post(transfers=[loan.drawn(100, "d")], actor=ACTOR, at=AT)
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(30)")
            finally:
                os._exit(0)
        found = connection.settings_dict
        with psycopg.connect(
            host=found["HOST"],
            port=found["PORT"],
            user=found["USER"],
            password=found["PASSWORD"],
            dbname=found["NAME"],
            autocommit=True,
        ) as watch:
            deadline = time.monotonic() + 20
            while not watch.execute(
                "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND state = 'active' AND pid <> pg_backend_pid()"
            ).fetchone():
                assert time.monotonic() < deadline
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            watch.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()"
            )
        with as_platform():
            assert balance(loan) == 0
            facade.post(transfers=[loan.drawn(100, "d")], actor=ACTOR, at=AT)
            assert balance(loan) == 100
            assert facade.check_balanced()
