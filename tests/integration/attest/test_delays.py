"""Whoever keeps the log from being written is seen: by the age of what waits, and by the job that fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from rongtong.attest import facade, models
from rongtong.attest.actions import hold_lock, seal_rows, sequence
from rongtong.attest.queries import verify
from rongtong.config.embedded_postgres import database_url
from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.journal import Deed, audit_only
from rongtong.core.tenancy import as_platform

from .conftest import AT, Deeds

Monkey = pytest.MonkeyPatch


def write_row() -> None:
    with as_platform():
        audit_only(deeds=[Deed("a.read", "x_1")], actor=system_actor("test"), at=AT)


def later(monkeypatch: Monkey, minutes: int) -> None:
    monkeypatch.setattr(verify, "now", lambda: now() + timedelta(minutes=minutes))


@pytest.mark.django_db
class TestWhatWaits:
    def test_is_sound_for_a_while_and_named_after_it(self, monkeypatch: Monkey) -> None:
        facade.seal_rows(at=AT)
        facade.sequence(at=AT)
        write_row()
        later(monkeypatch, 25)
        assert facade.verify_log().ok, facade.verify_log()
        later(monkeypatch, 31)
        result = facade.verify_log()
        assert str(result.first_bad).startswith("attest_unsealed: rows have waited for a seal since ")
        assert result.state
        assert result.state.rows_late
        assert result.state.last_seal_at == AT
        facade.seal_rows(at=AT)
        facade.sequence(at=AT)
        assert facade.verify_log().ok

    def test_a_step_is_named_sooner(self, monkeypatch: Monkey, deeds: Deeds) -> None:
        facade.seal_rows(at=AT)
        with as_platform():
            facade.append_steps(steps=[deeds.step("one")], at=AT)
        later(monkeypatch, 11)
        assert str(facade.verify_log().first_bad).startswith("attest_pending: steps have waited for their place since ")

    def test_made_younger_by_hand_is_named(self, monkeypatch: Monkey) -> None:
        facade.seal_rows(at=AT)
        facade.sequence(at=AT)
        write_row()
        with as_platform():
            models.Unsealed.objects.update(written_at=now() + timedelta(hours=1))
        assert "not written by the platform" in str(facade.verify_log().first_bad)


@pytest.mark.django_db(transaction=True)
class TestHeldLock:
    @pytest.fixture(params=[seal_rows._LOCK, sequence._LOCK])
    def held(self, request: pytest.FixtureRequest, monkeypatch: Monkey) -> Iterator[int]:
        monkeypatch.setattr(hold_lock, "PATIENCE", "50ms")
        with psycopg.connect(database_url(), dbname=connection.settings_dict["NAME"], autocommit=True) as holder:
            holder.execute("SELECT pg_advisory_lock(%s)", [request.param])
            yield request.param

    def test_fails_the_job_that_needs_it(self, held: int) -> None:
        write_row()
        if held == sequence._LOCK:
            facade.seal_rows(at=AT)
        attest = facade.sequence if held == sequence._LOCK else facade.seal_rows
        with pytest.raises(facade.LogHeld):
            attest(at=AT)
