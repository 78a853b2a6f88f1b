"""What is live and what is an evaluation lie in the same tables: each table is tried from the other book.

Tables are found, not listed: a new table of these domains has a book from its first migration on, or a reason here.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.ids import new_id
from rongtong.core.journal import Deed, record
from rongtong.core.models import AuditEntry, Event
from rongtong.core.tenancy import Book, as_platform, current_book, in_book
from tests.architecture.test_tenancy import change, insert_anything, probe, refused, rows

DOMAINS = ("matching", "origination", "servicing", "workflows", "monitoring", "ledger", "features")
OF_NO_BOOK = {
    "matching_product": "what lenders offer, the same whoever asks",
    "origination_related_party": "whom a lender declared, the same whoever asks",
}
"""Tables of these domains whose rows belong to no book, each with the reason."""


def booked_tables() -> list[str]:
    """The tables of these domains, and what is told of their deeds."""
    own = [
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in DOMAINS and model._meta.managed and model.__module__.startswith("rongtong.")
    ]
    return sorted({*own, AuditEntry._meta.db_table, Event._meta.db_table, "attest_step"} - set(OF_NO_BOOK))


@pytest.fixture(params=booked_tables())
def table(request: pytest.FixtureRequest, db: None) -> str:
    return str(request.param)


def count(table: str) -> int:
    return int(rows(f"SELECT count(*) FROM {table}")[0][0])


class TestEachTable:
    def test_has_a_book(self, table: str) -> None:
        assert rows("SELECT 1 FROM pg_policies WHERE tablename = %s AND permissive = 'RESTRICTIVE'", table)
        assert rows("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", table) == [
            (True, True)
        ]

    @pytest.mark.parametrize("book", [Book.LIVE, Book.EVALUATION])
    def test_shows_and_changes_rows_of_its_book_only(self, table: str, book: Book) -> None:
        other = Book.EVALUATION if book is Book.LIVE else Book.LIVE
        with probe(table), as_platform():
            with in_book(book):
                before = count(table)
                insert_anything(table)
                assert count(table) == before + 1
            with in_book(other):
                there = count(table)
                assert change(f"UPDATE {table} SET book = book WHERE book = '{book}'") == 0
                assert change(f"DELETE FROM {table} WHERE book = '{book}'") == 0
                with refused():
                    insert_anything(table, {"book": book.value})
                assert count(table) == there
            with in_book(Book.ALL):
                assert (book.value,) in rows(f"SELECT DISTINCT book FROM {table}")

    def test_lets_no_row_change_its_book(self, table: str) -> None:
        moving = f"UPDATE {table} SET book = 'live' WHERE book = 'evaluation'"
        with probe(table), as_platform():
            with in_book(Book.EVALUATION):
                insert_anything(table)
            with in_book(Book.LIVE):
                assert change(moving) == 0
            for told in (Book.EVALUATION, Book.ALL):
                with in_book(told), refused():
                    change(moving if told is Book.EVALUATION else moving.replace("'live'", "book"))


@pytest.mark.django_db
class TestUnique:
    def test_is_what_must_be_unique_in_its_book(self) -> None:
        """A rule over columns that name no row of the same book (an id, a reference to one) holds in each book apart."""
        definitions = rows(
            """SELECT c.relname, i.relname, array_agg(a.attname::text) FROM pg_index x
               JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (x.indkey)
               WHERE x.indisunique AND c.relname = ANY (%s) GROUP BY 1, 2""",
            booked_tables(),
        )
        of_one_book = {
            field.column
            for name in booked_tables()
            for model in apps.get_models()
            if model._meta.db_table == name
            for field in model._meta.concrete_fields
            if (field.primary_key and isinstance(field, models.UUIDField))
            or (field.is_relation and field.related_model._meta.db_table in booked_tables())
        } | DERIVED
        shared = [
            (table, index)
            for table, index, columns in definitions
            if "book" not in columns and not of_one_book.intersection(columns)
        ]
        assert not shared, f"unique over both books: {shared}"


DERIVED = {
    "offer_id": "the offer is of one book",
    "agreement_id": "the agreement is of one book",
    "number": "made of the application's id",
    "message_id": "made of an id",
    "end_to_end_id": "the instruction's id",
    "reference": "made of the loan's id",
}.keys()
"""Columns whose values hold an id of a row of one book."""


@pytest.mark.django_db
class TestInBook:
    def test_is_live_unless_told_otherwise_and_goes_back(self) -> None:
        assert current_book() is Book.LIVE
        with in_book(Book.EVALUATION):
            with in_book(Book.ALL):
                assert rows("SELECT current_setting('app.book')") == [("all",)]
            assert rows("SELECT current_setting('app.book')") == [("evaluation",)]
        assert rows("SELECT current_setting('app.book')") == [("live",)]

    @pytest.mark.parametrize("told", ["", "Evaluation", "live'; --", "null", " evaluation"])
    def test_is_live_by_any_other_word(self, told: str) -> None:
        with as_platform(), in_book(Book.EVALUATION):
            record(deed=Deed("a.b", "x", new_id()), actor=system_actor("test"), at=now())
            rows("SELECT set_config('app.book', %s, false)", told)
            assert rows("SELECT count(*) FROM core_event") == [(0,)]

    def test_has_no_followers_in_an_evaluation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from rongtong.core import journal

        seen: list[str] = []
        monkeypatch.setitem(journal._followers, "a.b", [lambda event: seen.append(event.subject)])
        with as_platform():
            with in_book(Book.EVALUATION):
                record(deed=Deed("a.b", "played"), actor=system_actor("test"), at=now())
            record(deed=Deed("a.b", "live"), actor=system_actor("test"), at=now())
        assert seen == ["live"]
