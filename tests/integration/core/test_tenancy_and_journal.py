from __future__ import annotations

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from rongtong.core.actors import Actor, system_actor
from rongtong.core.clock import now
from rongtong.core.ids import new_id
from rongtong.core.journal import Deed, audit_only, follow, record, record_all
from rongtong.core.models import AuditEntry, Event
from rongtong.core.tenancy import as_platform, as_tenant

pytestmark = pytest.mark.django_db


class TestTheRole:
    def test_owns_nothing_and_cannot_bypass_policies(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
            assert cursor.fetchone() == (False, False)
            cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
            assert cursor.fetchone() == (0,)

    def test_cannot_switch_isolation_off(self) -> None:
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE core_audit_entry DISABLE ROW LEVEL SECURITY")


class TestRecord:
    def test_writes_the_audit_entry_and_the_event_of_a_deed(self) -> None:
        firm = new_id()
        with as_platform():
            record(deed=Deed("offer.made", "off_1", firm, {"minor": 5}), actor=system_actor("test"), at=now())
            assert AuditEntry.objects.get().facts == {"minor": 5}
            assert Event.objects.get().name == "offer.made"

    def test_leaves_nothing_when_the_deed_is_rolled_back(self) -> None:
        with as_platform():
            with transaction.atomic():
                record(deed=Deed("offer.made", "off_1"), actor=system_actor("test"), at=now())
                transaction.set_rollback(True)
            assert not AuditEntry.objects.exists()
            assert not Event.objects.exists()

    def test_tells_followers_within_the_transaction(self) -> None:
        heard: list[str] = []
        follow("test.heard", lambda event: heard.append(event.subject))
        with as_platform():
            record_all(deeds=[Deed("test.heard", "a"), Deed("test.heard", "b")], actor=system_actor("test"), at=now())
        assert heard == ["a", "b"]

    def test_costs_two_statements_for_many_deeds(self, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
        deeds = [Deed("offer.made", f"off_{number}") for number in range(500)]
        with as_platform(), django_assert_num_queries(2):
            record_all(deeds=deeds, actor=system_actor("test"), at=now())


class TestTheTrail:
    def test_cannot_be_changed_or_deleted(self) -> None:
        with as_platform():
            record(deed=Deed("offer.made", "off_1"), actor=system_actor("test"), at=now())
            for attempt in (
                lambda: AuditEntry.objects.update(actor_name="x"),
                lambda: AuditEntry.objects.all().delete(),
            ):
                with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                    attempt()

    def test_shows_a_tenant_its_own_entries_only(self) -> None:
        mine, other = new_id(), new_id()
        with as_platform():
            audit_only(deeds=[Deed("a", "x", mine), Deed("a", "y", other)], actor=system_actor("test"), at=now())
        with as_tenant(mine):
            assert [entry.subject for entry in AuditEntry.objects.all()] == ["x"]
        assert not AuditEntry.objects.exists(), "without a viewer nothing is seen"

    def test_refuses_an_entry_in_the_name_of_another(self) -> None:
        mine, other = new_id(), new_id()
        with as_tenant(mine), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            record(deed=Deed("a", "x", other), actor=Actor("user", "1", "U", other), at=now())


class TestAsTenant:
    def test_gives_the_outer_viewer_back(self) -> None:
        def seen() -> tuple[str, str]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('app.tenant', true), current_setting('app.scope', true)")
                row: tuple[str, str] = cursor.fetchone()
                return row

        firm = new_id()
        with as_platform():
            with as_tenant(firm):
                assert seen() == (str(firm), "tenant")
            assert seen() == ("", "platform")
            with pytest.raises(RuntimeError), as_tenant(firm):
                raise RuntimeError
            assert seen() == ("", "platform")
