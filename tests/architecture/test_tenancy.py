"""A tenant sees its own rows only, by the database: each table that names a tenant is tried from another tenant's seat.

Tables are found, not listed: a new table with a tenant's column is tried from its first migration on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction

from rongtong.core.actors import Actor, system_actor
from rongtong.core.clock import now
from rongtong.core.ids import new_id
from rongtong.core.journal import Deed, audit_only, record
from rongtong.core.models import Event, RememberedResponse
from rongtong.core.roles import APP_ROLE, as_owner
from rongtong.core.tenancy import as_platform, as_tenant

TENANT_COLUMN = re.compile(r"^(tenant|organisation|enterprise|institution|lender|guarantor|anchor|reader)_id$")

PUBLIC = {
    "parties_identifier": "the numbers under which public registers know an organisation",
    "parties_licence": "the public register of licensed institutions",
    "matching_product": "the catalogue of loan products, which everybody may compare",
}
"""Tables that name an organisation and are everybody's, each with the reason. Keep it short."""

REGISTERS = ("parties_organisation", "parties_identifier", "parties_licence", "rulebook_rule")
"""Tables that everybody reads, and in which no tenant writes another's row."""

OPEN = {
    "attest_leaf": "hashes, which are published",
    "attest_node": "hashes, which are published",
    "attest_checkpoint": "signed notes, which are published",
    "attest_pending": "ids of steps, for the sequencer",
    "attest_unsealed": "names of tables and ids of rows, for the seals",
    "core_cache": "rate limits, by hashed keys",
    "django_session": "sessions, which come before anybody is known",
    "iceberg_tables": "where the record tables lie",
    "iceberg_namespace_properties": "where the record tables lie",
}
"""Tables without row-level security, each with the reason; a new table is isolated or named here."""

LIBRARIES = re.compile(r"^(auth|account|django|procrastinate|parties_user)_")
"""Tables of libraries that hold no tenant's business: rights that nobody uses, migrations, the ids in jobs."""


def tenant_columns(model: type[models.Model]) -> list[str]:
    """The columns that name an organisation: by their name, or by what they refer to."""
    return [
        field.column
        for field in model._meta.concrete_fields
        if TENANT_COLUMN.match(field.column)
        or (field.is_relation and field.related_model is apps.get_model("parties.Organisation"))
    ]


OWNED = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model.__module__.startswith("rongtong.") and model._meta.managed and tenant_columns(model)
    if model._meta.db_table not in PUBLIC
]


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def change(sql: str, *parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def is_shared(model: type[models.Model]) -> bool:
    """Whether the rule of a table lets tenants see rows of theirs, or is the platform's alone."""
    rules = rows("SELECT qual FROM pg_policies WHERE tablename = %s", model._meta.db_table)
    return any(column in rule for (rule,) in rules for column in tenant_columns(model))


class Undo(Exception):
    """Ends a probe."""


@contextmanager
def probe(table: str) -> Iterator[None]:
    """Take checks, triggers and lacking privileges away for one transaction, so that any row can be tried; all is undone.

    Foreign keys are deferred to a commit that never comes, or taken away too. Row-level security stays.
    """
    checks = """SELECT conname FROM pg_constraint
                WHERE conrelid = %s::regclass AND (contype = 'c' OR (contype = 'f' AND NOT condeferrable))"""
    try:
        with transaction.atomic():
            with as_owner():
                for (name,) in rows(checks, table):
                    change(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
                change(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                change(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")
            yield
            raise Undo
    except Undo:
        pass


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        yield


def insert(model: type[models.Model], tenant: Any) -> None:
    """A row of which every tenant's column names the tenant and every other column holds something."""
    insert_anything(model._meta.db_table, dict.fromkeys(tenant_columns(model), tenant))


def insert_anything(table: str, given: dict[str, Any] | None = None) -> None:
    """A row of what is given, every other column of which holds something."""
    values = {}
    described = """SELECT column_name, data_type, is_nullable, column_default, is_identity, is_generated
                   FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"""
    for name, kind, nullable, default, identity, generated in rows(described, table):
        if name in (given or {}):
            values[name] = (given or {})[name]
        elif nullable == "NO" and default is None and identity == "NO" and generated == "NEVER":
            values[name] = SAMPLES[kind]()
    names = ", ".join(f'"{name}"' for name in values)
    change(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(values))})", *values.values())


SAMPLES = {
    "uuid": new_id,
    "character varying": lambda: "x",
    "text": lambda: "x",
    "boolean": lambda: False,
    "smallint": lambda: 1,
    "integer": lambda: 1,
    "bigint": lambda: 1,
    "numeric": lambda: 0,
    "double precision": lambda: 0.0,
    "date": lambda: "2026-01-01",
    "time without time zone": lambda: "00:00",
    "timestamp with time zone": lambda: "2026-01-01T00:00:00Z",
    "jsonb": lambda: "{}",
    "ARRAY": list,
    "bytea": lambda: b"",
}


@pytest.fixture(params=OWNED, ids=lambda model: model._meta.db_table)
def model(request: pytest.FixtureRequest, db: None) -> type[models.Model]:
    return request.param


class TestEachTableOfATenant:
    def test_has_row_level_security_that_binds_its_owner_too(self, model: type[models.Model]) -> None:
        table = model._meta.db_table
        state = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass"
        assert rows(state, table) == [(True, True)]
        assert rows("SELECT 1 FROM pg_policies WHERE tablename = %s", table)

    def test_shows_a_tenant_its_own_rows_and_nobody_elses(self, model: type[models.Model]) -> None:
        table, mine, foreign = model._meta.db_table, new_id(), new_id()
        column = tenant_columns(model)[0]
        with probe(table):
            with as_platform():
                before = rows(f"SELECT count(*) FROM {table}")[0][0]
                insert(model, foreign)
                assert rows(f"SELECT count(*) FROM {table}")[0][0] == before + 1
            with as_tenant(foreign):
                assert rows(f"SELECT count(*) FROM {table}") == [(1 if is_shared(model) else 0,)]
            with as_tenant(mine):
                assert rows(f"SELECT count(*) FROM {table}") == [(0,)]
                assert change(f'UPDATE {table} SET "{column}" = "{column}"') == 0
                assert change(f"DELETE FROM {table}") == 0
            assert rows(f"SELECT count(*) FROM {table}") == [(0,)], "a stranger sees rows"

    def test_refuses_a_row_in_anothers_name(self, model: type[models.Model]) -> None:
        with probe(model._meta.db_table), as_tenant(new_id()), refused():
            insert(model, new_id())

    def test_refuses_a_row_from_a_stranger(self, model: type[models.Model]) -> None:
        with probe(model._meta.db_table), refused():
            insert(model, new_id())


@pytest.mark.django_db
class TestTheWholeDatabase:
    def test_has_no_table_of_a_tenant_without_row_level_security(self) -> None:
        """Tables made by hand in a migration count too."""
        found = rows(
            """SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
                 AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"""
        )
        bare = {table for table, column in found if TENANT_COLUMN.match(column)}
        assert bare <= set(PUBLIC), f"without row-level security: {sorted(bare - set(PUBLIC))}"

    def test_has_no_table_without_row_level_security_but_those_named_with_a_reason(self) -> None:
        """A new table may hold a tenant's rows without naming the tenant: by the loan or the case that it belongs to."""
        found = rows(
            """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
               AND NOT (relrowsecurity AND relforcerowsecurity)"""
        )
        bare = {table for (table,) in found if not LIBRARIES.match(table)}
        assert bare <= set(OPEN), f"neither isolated nor named as open: {sorted(bare - set(OPEN))}"
        assert not [table for table in OPEN if table not in bare and not LIBRARIES.match(table)], "isolated by now"

    def test_hides_what_others_did_and_were_answered(self) -> None:
        mine, other = new_id(), new_id()
        with as_tenant(other):
            record(deed=Deed("offer.made", "off_1", other), actor=Actor("user", "1", "U", other), at=now())
            RememberedResponse.objects.create(caller=f"{other}:1", key="k", request_digest="x", body=b"secret")
            assert RememberedResponse.objects.count() == 1
        with as_tenant(mine):
            assert not Event.objects.exists()
            assert not RememberedResponse.objects.exists()
            with refused():
                RememberedResponse.objects.create(caller=f"{other}:1", key="l", request_digest="x")
        with as_platform():
            assert Event.objects.count() == RememberedResponse.objects.count() == 1
        assert not Event.objects.exists(), "a stranger sees events"

    @pytest.mark.parametrize("value", ["", "%", "' OR ''='", "platform", "{upper}", " {own}", "{own}'; --", "null"])
    def test_takes_no_tenant_but_an_exact_one(self, value: str) -> None:
        own = new_id()
        with as_platform():
            audit_only(deeds=[Deed("a", "x", own)], actor=system_actor("test"), at=now())
        with as_tenant(new_id()):
            told = value.format(own=own, upper=str(own).upper())
            rows("SELECT set_config('app.tenant', %s, false)", told)
            assert rows("SELECT count(*) FROM core_audit_entry") == [(0,)]

    @pytest.mark.parametrize("table", REGISTERS)
    def test_lets_no_tenant_write_in_a_public_register(self, table: str) -> None:
        with probe(table):
            with as_platform():
                insert_anything(table)
                there = rows(f"SELECT count(*) FROM {table}")[0][0]
            with as_tenant(new_id()):
                assert rows(f"SELECT count(*) FROM {table}") == [(there,)]
                assert change(f"UPDATE {table} SET id = id") == 0
                assert change(f"DELETE FROM {table}") == 0
                with refused():
                    insert_anything(table)

    def test_is_used_by_a_role_that_row_level_security_binds(self) -> None:
        role = "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        assert rows(role) == [(False, False)]

    def test_exempts_only_tables_that_there_are(self) -> None:
        assert {table for (table,) in rows("SELECT relname FROM pg_class WHERE relkind = 'r'")} >= set(PUBLIC)
