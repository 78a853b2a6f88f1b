"""Tests run on the real embedded PostgreSQL, as the application's plain role, in a home of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from tests import database_copies
from tests.registers import Registers


@pytest.fixture(scope="session", autouse=True)
def public_registers() -> Iterator[Registers]:
    """The public registers that all tests ask, one server for all; up before any world of a module is built."""
    from django.conf import settings

    served = Registers()
    before, settings.REGISTERS_URL = settings.REGISTERS_URL, served.url
    yield served
    settings.REGISTERS_URL = before
    served.close()


@pytest.fixture(autouse=True)
def registers(public_registers: Registers) -> Iterator[Registers]:
    """The registers answer, and have nothing against anybody unless the test says so."""
    public_registers.reset()
    yield public_registers
    public_registers.reset()


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker) -> Iterator[None]:  # type: ignore[no-untyped-def]  # pytest-django's type is private
    """Give the tests a database of their own, copied from a migrated one; they then work as the application's role."""
    from django.db import connections

    from rongtong.core.roles import as_owner

    with django_db_blocker.unblock(), as_owner():
        name = database_copies.provide()
    _flush_as_owner()
    yield
    with django_db_blocker.unblock(), as_owner():
        connections.close_all()
        database_copies.drop(name)


@pytest.fixture(autouse=True)
def checkpoints_of_its_own(settings, tmp_path_factory: pytest.TempPathFactory) -> None:  # type: ignore[no-untyped-def]  # pytest-django's
    """Each test has a log of its own, so what one keeps outside of the database is no mark for the next."""
    settings.EVIDENCE_FOLDER = tmp_path_factory.getbasetemp() / f"evidence-{uuid4().hex[:12]}"


@pytest.fixture
def lower_rule(db: None) -> Iterator[Callable[[str, str], None]]:
    """Give a rule of the rulebook another value for one test."""
    from rongtong.core.actors import system_actor
    from rongtong.core.clock import now
    from rongtong.core.tenancy import as_platform
    from rongtong.rulebook import facade as rulebook
    from rongtong.rulebook import queries

    def set_value(rule_id: str, value: str) -> None:
        found = rulebook.rule(rule_id, on=date(2026, 1, 1))
        lower = replace(found, value=value, effective_from=date(2025, 1, 1))
        with as_platform():
            rulebook.record_rules(rules=[lower], actor=system_actor("tests"), at=now())
        rulebook.refresh()

    yield set_value
    queries.forget()


def _flush_as_owner() -> None:
    """Tests that commit are cleaned up by TRUNCATE, which the application's role may not and append-only tables refuse."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    from rongtong.attest.adapters.sealed_tables import TABLES_WITHOUT_MODEL, attach
    from rongtong.core.roles import as_owner

    flush = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        switch = """DO $$ DECLARE guarded regclass; BEGIN
            FOR guarded IN SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'append_only_all' LOOP
              EXECUTE format('ALTER TABLE %s {} TRIGGER append_only_all', guarded);
            END LOOP; END $$"""
        with as_owner(), self.connection.cursor() as cursor:
            cursor.execute(switch.replace("{}", "DISABLE"))
            flush(self, sql_list)
            cursor.execute("TRUNCATE procrastinate_jobs CASCADE")  # a library's table, which Django does not manage
            cursor.execute(switch.replace("{}", "ENABLE"))
            for table in TABLES_WITHOUT_MODEL:  # their rows stay, while the seals of them went
                attach(table)

    DatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign]  # only in tests
