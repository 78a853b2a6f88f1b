"""What is written to the tables of the domains is sealed, and `verify_log` names the row that was touched beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from rongtong.attest import facade, models
from rongtong.attest.adapters.sealed_tables import sealed_tables, tables_to_seal
from rongtong.core.actors import Actor, system_actor
from rongtong.core.ids import new_id
from rongtong.core.journal import Deed, audit_only, record
from rongtong.core.models import AuditEntry
from rongtong.core.roles import as_owner
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.parties.models import Organisation

from .conftest import AT


def tamper(table: str, sql: str, *values: object) -> None:
    """Change a row as somebody with the owner's password could."""
    with as_platform(), as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        assert cursor.rowcount > 0
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def first_bad() -> str:
    result = facade.verify_log()
    assert not result.ok
    assert result.first_bad
    return result.first_bad


@pytest.fixture
def trail(db: None) -> list[AuditEntry]:
    with as_platform():
        for number in range(5):
            audit_only(deeds=[Deed("a.read", f"x_{number}", facts={"n": number})], actor=system_actor("test"), at=AT)
        facade.seal_rows(at=AT)
        facade.sequence(at=AT)
        return list(AuditEntry.objects.order_by("id"))


class TestSealRows:
    def test_every_table_of_the_domains_is_sealed(self, db: None) -> None:
        """A new one too: it is found after each migration."""
        assert sealed_tables() == tables_to_seal()
        assert {
            "core_audit_entry",
            "consent_access",
            "features_portrait",
            "ledger_account",
            "matching_offer",
            "matching_product",
            "monitoring_task",
            "origination_application",
            "parties_licence",
            "parties_membership",
            "rulebook_rule",
            "servicing_loan",
        } <= set(sealed_tables())

    def test_covers_each_row_once_and_names_the_table(self, trail: list[AuditEntry]) -> None:
        with as_platform():
            seal = models.Seal.objects.get(table_name="core_audit_entry")
            assert seal.row_keys == [str(row.id) for row in trail]
            assert seal.writer["platform"] is True
            assert seal.writer["role"] == "rongtong_app"
            step = models.Step.objects.get(evidence_id=seal.id)
            assert (step.kind, step.subject) == ("rows.sealed", "core_audit_entry")
            assert facade.seal_rows(at=AT) == 0
            assert not models.Unsealed.objects.exists()
        assert facade.verify_log().ok

    def test_leaves_what_comes_later_for_the_next_one(self, trail: list[AuditEntry]) -> None:
        with as_platform():
            record(deed=Deed("a.done", "x_9"), actor=system_actor("test"), at=AT)
            assert facade.verify_log().ok
            assert facade.seal_rows(at=AT, batch_size=1) == 2  # the entry and the event
        assert facade.verify_log().ok

    def test_seals_what_a_tenant_wrote(self, trail: list[AuditEntry]) -> None:
        firm = new_id()
        with as_tenant(firm):
            record(deed=Deed("a.done", "x_9", firm), actor=Actor("user", "1", "U", firm), at=AT)
            assert facade.seal_rows(at=AT) == 2
            assert not models.Seal.objects.exists(), "a tenant sees seals"
        assert facade.verify_log().ok

    def test_does_not_ask_more_for_more_rows(self, db: None, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's
        facade.seal_rows(at=AT)
        for count in (1, 300):
            deeds = [Deed("a.read", f"x_{number}") for number in range(count)]
            with as_platform():
                audit_only(deeds=deeds, actor=system_actor("test"), at=AT)
                with django_assert_num_queries(19):
                    assert facade.seal_rows(at=AT) == count

    def test_a_column_that_is_added_later_changes_nothing(self, trail: list[AuditEntry]) -> None:
        with as_platform(), as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE core_audit_entry ADD COLUMN later text DEFAULT 'x'")
        assert first_bad().startswith("core_audit_entry: not the structure that the migrations made")
        with as_platform(), as_owner(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9999_later', now())")
        assert facade.verify_log().ok, "a migration made it"


class TestRowsThatChange:
    @pytest.fixture
    def firm(self, db: None) -> Organisation:
        with as_platform():
            made = Organisation.objects.create(kind="enterprise", name="甲")
            facade.seal_rows(at=AT)
        return made

    def test_are_sealed_anew_and_the_last_seal_holds(self, firm: Organisation) -> None:
        for name in ("乙", "丙"):
            with as_platform():
                Organisation.objects.filter(pk=firm.pk).update(name=name)
                assert facade.verify_log().ok, "waits for its seal"
                assert facade.seal_rows(at=AT) == 1
            assert facade.verify_log().ok
        tamper("parties_organisation", "UPDATE parties_organisation SET name = '甲' WHERE id = %s", firm.id)
        assert first_bad().startswith(f"parties_organisation {firm.id}: the row differs from what was sealed (seal ")

    def test_and_are_deleted_are_sealed_as_deleted(self, firm: Organisation) -> None:
        key = firm.pk
        with as_platform():
            firm.delete()
            assert facade.verify_log().ok
            assert facade.seal_rows(at=AT) == 1
        assert facade.verify_log().ok
        tamper(
            "parties_organisation",
            """INSERT INTO parties_organisation (id, kind, name, region_code, industry_code, generated, recorded_at)
               VALUES (%s, 'enterprise', '甲', '', '', false, now())""",
            key,
        )
        assert first_bad().startswith(f"parties_organisation {key}: the row differs from what was sealed (seal ")

    def test_made_and_deleted_between_two_seals(self, db: None) -> None:
        with as_platform():
            Organisation.objects.create(kind="enterprise", name="甲").delete()
            facade.seal_rows(at=AT)
            assert not models.Unsealed.objects.exists()
        assert facade.verify_log().ok

    def test_deleted_by_nobody_is_named(self, firm: Organisation) -> None:
        tamper("parties_organisation", "DELETE FROM parties_organisation WHERE id = %s", firm.id)
        assert first_bad().startswith(f"parties_organisation {firm.id}: the row is missing (seal ")


class TestVerifyLog:
    @pytest.mark.parametrize(
        "change",
        [
            "actor_name = 'x'",
            "facts = facts || '{\"n\": 7}'",
            "organisation_id = gen_random_uuid()",
            "recorded_at = recorded_at + interval '1 microsecond'",
        ],
    )
    def test_names_a_changed_row(self, trail: list[AuditEntry], change: str) -> None:
        tamper("core_audit_entry", f"UPDATE core_audit_entry SET {change} WHERE id = %s", trail[2].id)
        assert first_bad().startswith(f"core_audit_entry {trail[2].id}: the row differs from what was sealed (seal ")

    def test_names_a_changed_row_that_was_put_into_the_queue_again(self, trail: list[AuditEntry]) -> None:
        tamper("core_audit_entry", "UPDATE core_audit_entry SET actor_name = 'x' WHERE id = %s", trail[2].id)
        with as_platform():
            models.Unsealed.objects.create(table_name="core_audit_entry", row_key=trail[2].id)
            assert first_bad().startswith(f"core_audit_entry {trail[2].id}: the row differs")
            facade.seal_rows(at=AT)
        assert first_bad().startswith(f"core_audit_entry {trail[2].id}: the row differs")

    def test_names_a_deleted_row(self, trail: list[AuditEntry]) -> None:
        tamper("core_audit_entry", "DELETE FROM core_audit_entry WHERE id = %s", trail[4].id)
        assert first_bad().startswith(f"core_audit_entry {trail[4].id}: the row is missing")

    def test_names_a_forged_row(self, trail: list[AuditEntry]) -> None:
        forged = new_id()
        tamper(
            "core_audit_entry",
            """INSERT INTO core_audit_entry (id, actor_kind, actor_id, actor_name, actor_right, action, subject, facts, occurred_at, recorded_at)
               SELECT %s, actor_kind, actor_id, actor_name, actor_right, action, subject, facts, occurred_at, recorded_at
               FROM core_audit_entry LIMIT 1""",
            forged,
        )
        assert first_bad() == f"core_audit_entry {forged}: neither sealed nor waiting for it"

    def test_names_a_row_that_is_gone_before_its_seal(self, trail: list[AuditEntry]) -> None:
        with as_platform():
            audit_only(deeds=[Deed("a.read", "x_9")], actor=system_actor("test"), at=AT)
            late = AuditEntry.objects.get(subject="x_9").id
        tamper("core_audit_entry", "DELETE FROM core_audit_entry WHERE id = %s", late)
        with as_platform():
            assert facade.seal_rows(at=AT) == 0
        assert first_bad() == f"core_audit_entry {late}: the row is gone before it was sealed"

    @pytest.mark.parametrize(
        "change",
        ["table_name = 'core_event'", "row_keys = row_keys[2:]", "digests = digests || '\\x00'", "columns = '{id}'"],
    )
    def test_names_a_changed_seal(self, trail: list[AuditEntry], change: str) -> None:
        with as_platform():
            seal = models.Seal.objects.get(table_name="core_audit_entry").id
        tamper("attest_seal", f"UPDATE attest_seal SET {change} WHERE id = %s", seal)
        assert first_bad().startswith(f"seal {seal}: the row differs from what was attested (rows.sealed of core_audit")

    def test_names_a_table_that_is_sealed_no_more(self, trail: list[AuditEntry]) -> None:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("DROP TRIGGER seal_insert ON core_audit_entry")
        assert first_bad() == "core_audit_entry: its rows are sealed no more"


class TestRegisterCheck:
    def test_is_asked_at_each_verification(self, trail: list[AuditEntry], register: Callable[..., None]) -> None:
        register("books", lambda: None)
        assert facade.verify_log().ok
        register("books", lambda: "account 1")
        assert first_bad() == "books: account 1"


@pytest.fixture
def register() -> Callable[..., None]:
    from rongtong.attest.adapters import evidence

    yield facade.register_check
    evidence._checks.pop("books")
