"""Whose banks and sources take part: the configured ones when live, simulated ones in an evaluation; none in another's place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rongtong.core.clock import china_date
from rongtong.core.tenancy import Book, as_platform, in_book
from rongtong.records import facade as records
from rongtong.servicing import facade as servicing
from rongtong.servicing.models import Message
from rongtong.simulator import facade as simulator
from rongtong.workflows import day
from rongtong.workflows.connections import connected
from tests.integration.servicing.conftest import ACTOR, AT, Market, market

__all__ = ["market"]
DEAD = "http://127.0.0.1:9"


@pytest.fixture
def no_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting one is noticed, wherever it is asked for."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a simulator was started")

    monkeypatch.setattr(simulator, "serving", refuse)
    monkeypatch.setattr(simulator, "generate_region", refuse)


@pytest.mark.django_db
@pytest.mark.usefixtures("no_simulator")
class TestWhenLive:
    @pytest.mark.parametrize("url", [DEAD, ""])
    def test_is_the_configured_address_whether_it_answers_or_not(self, settings, url: str) -> None:  # type: ignore[no-untyped-def]
        settings.SOURCES_URL = url
        with connected() as connection:
            assert (connection.url, connection.simulated) == (url, False)
        assert url == settings.SOURCES_URL

    def test_a_dead_bank_is_a_dead_bank(self, settings, market: Market) -> None:  # type: ignore[no-untyped-def]
        settings.SOURCES_URL = DEAD
        market.instructed()
        with as_platform():
            closing = china_date(AT) + timedelta(days=1)
            with connected() as connection, connection.bank() as bank:
                for closed in (closing, closing + timedelta(days=1)):
                    report = day.close_day(closed, connection=connection, bank=bank, actor=ACTOR, at=AT)
            (waiting,) = Message.objects.all()
        assert waiting.attempts > 1
        assert (waiting.answered_at, waiting.error) == (None, "bank_unavailable: ConnectError")
        assert {asked for _lender, asked, _why in report["statements_missing"]} == {
            closing.isoformat(),
            (closing + timedelta(days=1)).isoformat(),
        }


@pytest.mark.django_db
class TestInAnEvaluation:
    def test_asks_no_configured_bank_and_no_configured_source(self, settings) -> None:  # type: ignore[no-untyped-def]
        settings.SOURCES_URL = DEAD
        with as_platform(), in_book(Book.EVALUATION):
            with pytest.raises(servicing.BankUnavailable), servicing.open_bank():
                pass
            with connected() as connection:
                assert connection.simulated
                assert connection.url != DEAD
                assert connection.token != settings.SOURCES_TOKEN
                assert isinstance(connection.source, records.Source)
