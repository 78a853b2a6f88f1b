"""Tenant isolation by PostgreSQL row-level security: who is looking is told to the database, which hides the rest.

A tenant is an organisation. Inside `as_tenant(id)` a connection sees the rows of that organisation; inside
`as_platform()` (the platform's own jobs, its operator and its regulator) it sees all; outside of both it sees none.
The setting belongs to the connection's session, so a pooler in transaction mode must not stand in between.

Beside it stands the book: what is live and what was only played to judge it (an evaluation) lie in the same tables, and
a connection sees and writes the rows of one book, the live one unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created
from django.db.migrations.operations import RunSQL

_TELL = "SELECT set_config('app.tenant', %s, false), set_config('app.scope', %s, false)"
_TELL_BOOK = "SELECT set_config('app.book', %s, false)"
_viewer: ContextVar[tuple[str, str]] = ContextVar("viewer", default=("", ""))


class Book(StrEnum):
    """Whose rows a connection sees, and where what it writes belongs."""

    LIVE = "live"
    """What binds somebody."""
    EVALUATION = "evaluation"
    """What was played to judge it: nobody is bound, no money moves."""
    ALL = "all"
    """Both, to read only, as the log and its check do; what is written here is live."""


_book: ContextVar[Book] = ContextVar("book", default=Book.LIVE)


@contextmanager
def as_tenant(organisation_id: UUID) -> Iterator[None]:
    """Look at the database as one organisation."""
    with _as((str(organisation_id), "tenant")):
        yield


@contextmanager
def as_platform() -> Iterator[None]:
    """Look at the database as the platform: jobs, operator, regulator."""
    with _as(("", "platform")):
        yield


def current_tenant() -> UUID | None:
    """The organisation that is looking, if one is."""
    tenant, scope = _viewer.get()
    return UUID(tenant) if scope == "tenant" else None


@contextmanager
def in_book(book: Book) -> Iterator[None]:
    """Work in one book: its rows are seen and written, those of the other are not there."""
    before = _book.get()
    token = _book.set(book)
    if book is not before:
        _tell(_TELL_BOOK, (book.value,))
    try:
        yield
    finally:
        _book.reset(token)
        if book is not before and not connection.needs_rollback:
            _tell(_TELL_BOOK, (before.value,))


def current_book() -> Book:
    """The book that is worked in."""
    return _book.get()


def is_played() -> bool:
    """Whether what is done here is played, and nobody's will: in an evaluation, or on an installation that is a demonstration."""
    return bool(settings.DEMO) or _book.get() is Book.EVALUATION


@contextmanager
def _as(viewer: tuple[str, str]) -> Iterator[None]:
    before = _viewer.get()
    token = _viewer.set(viewer)
    if viewer != before:
        _tell(_TELL, viewer)
    try:
        yield
    finally:
        _viewer.reset(token)
        if viewer != before and not connection.needs_rollback:
            _tell(_TELL, before)


def _tell(statement: str, values: tuple[str, ...]) -> None:
    if connection.connection is None or connection.connection.closed:
        return  # told when the connection is made
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _tell_new_connection(*, connection: Any, **_: Any) -> None:
    viewer, book = _viewer.get(), _book.get()
    if connection.vendor == "postgresql" and (viewer[1] or book is not Book.LIVE):
        with connection.cursor() as cursor:
            cursor.execute(_TELL, viewer)
            cursor.execute(_TELL_BOOK, (book.value,))


def connect() -> None:
    """Hook into Django; called once from the core's AppConfig."""
    connection_created.connect(_tell_new_connection, dispatch_uid="rongtong.core.tenancy")


def isolate(table: str, *columns: str) -> RunSQL:
    """The migration step that isolates a table: a row is seen and written by the organisations in `columns`, and the platform.

    Without columns it is the platform's alone.
    """
    own = " OR ".join(f"{column}::text = current_setting('app.tenant', true)" for column in columns) or "false"
    rule = f"current_setting('app.scope', true) = 'platform' OR (current_setting('app.tenant', true) <> '' AND ({own}))"
    return RunSQL(
        sql=[
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({rule}) WITH CHECK ({rule})",
        ],
        reverse_sql=[
            f"DROP POLICY tenant ON {table}",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ],
    )


def publish(table: str, *columns: str) -> RunSQL:
    """The migration step for a table that everybody reads: a tenant writes no row but those that name it in `columns`."""
    own = "".join(f" OR {column}::text = current_setting('app.tenant', true)" for column in columns)
    rule = f"current_setting('app.scope', true) IS DISTINCT FROM 'tenant'{own}"
    return RunSQL(
        sql=[
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY reading ON {table} FOR SELECT USING (true)",
            f"CREATE POLICY adding ON {table} FOR INSERT WITH CHECK ({rule})",
            f"CREATE POLICY changing ON {table} FOR UPDATE USING ({rule}) WITH CHECK ({rule})",
            f"CREATE POLICY deleting ON {table} FOR DELETE USING ({rule})",
        ],
        reverse_sql=[
            *(f"DROP POLICY {name} ON {table}" for name in ("reading", "adding", "changing", "deleting")),
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ],
    )


_OWN_BOOK = "CASE current_setting('app.book', true) WHEN 'evaluation' THEN 'evaluation' ELSE 'live' END"


def keep_books_apart(table: str, *, open_to_all: bool = False) -> RunSQL:
    """The migration step by which the rows of a table belong to a book: the column `book`, and a rule that hides the other's.

    The column is the database's alone, like the rule: no statement names it, none can forget it. `open_to_all` is for a
    table without a rule on tenants, which all see as before. What must be unique is unique in its book: see `unique_in_book`.
    """
    opening = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY everybody ON {table} USING (true) WITH CHECK (true)",
    ]
    closing = [
        f"DROP POLICY everybody ON {table}",
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]
    return RunSQL(
        sql=[
            f"ALTER TABLE {table} ADD COLUMN book varchar(10) NOT NULL DEFAULT {_OWN_BOOK}"
            f" CONSTRAINT book_known CHECK (book IN ('live', 'evaluation'))",
            f"CREATE POLICY book ON {table} AS RESTRICTIVE"
            f" USING (book = {_OWN_BOOK} OR current_setting('app.book', true) = 'all') WITH CHECK (book = {_OWN_BOOK})",
            *(opening if open_to_all else []),
        ],
        reverse_sql=[
            *(closing if open_to_all else []),
            f"DROP POLICY book ON {table}",
            f"ALTER TABLE {table} DROP COLUMN book",
        ],
    )


def unique_in_book(
    table: str, name: str, *columns: str, where: str = "", primary: bool = False, nulls_distinct: bool = True
) -> RunSQL:
    """The migration step after which what was unique in a table is unique in each of its books, under the same name."""
    if where:
        nulls = "" if nulls_distinct else " NULLS NOT DISTINCT"
        drop, kind = f"DROP INDEX {name}", f"CREATE UNIQUE INDEX {name} ON {table} ({{}}){nulls} WHERE {where}"
    else:
        drop = f"ALTER TABLE {table} DROP CONSTRAINT {name}"
        kind = f"ALTER TABLE {table} ADD CONSTRAINT {name} {'PRIMARY KEY' if primary else 'UNIQUE'} ({{}})"
    return RunSQL(
        sql=[drop, kind.format(", ".join(("book", *columns)))], reverse_sql=[drop, kind.format(", ".join(columns))]
    )


def append_only(table: str) -> RunSQL:
    """The migration step after which the rows of a table can be added, never changed, deleted or truncated."""
    return RunSQL(
        sql=[
            """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
               BEGIN RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$""",
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER append_only_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ],
        reverse_sql=[f"DROP TRIGGER append_only ON {table}", f"DROP TRIGGER append_only_all ON {table}"],
    )
