"""Servicing against the lenders' banks as the simulator serves them, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from rongtong.core.tenancy import as_platform
from rongtong.ledger import facade as ledger
from rongtong.servicing import facade
from rongtong.servicing.contracts import LoanState
from rongtong.simulator import facade as simulator

from .conftest import ACTOR, AT, Market, make_market


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("region")
    simulator.generate_region(enterprises=30, months=14, seed=7, end_date=date(2026, 1, 31), folder=folder)
    return folder


@pytest.fixture
def served(transactional_db: None, region: Path, settings) -> Iterator[Market]:  # type: ignore[no-untyped-def]  # pytest-django's
    with simulator.serving(region, token="test-token") as url:
        settings.SOURCES_URL, settings.SOURCES_TOKEN = url, "test-token"
        with as_platform():
            yield make_market()


class TestTheWholeLife:
    def test_loans_are_paid_out_collected_and_closed_over_http(self, served: Market, region: Path) -> None:
        firms = list(simulator.enterprise_drafts(region))[:12]
        loans = [
            served.instructed(enterprise_id=served.firm(firm.uscc), start_date=date(2026, 1, 15)) for firm in firms
        ]
        sent = facade.send_instructions(actor=ACTOR, at=AT)
        assert (sent.sent, sent.failed, sent.errors) == (12, 0, ())
        assert facade.send_instructions(actor=ACTOR, at=AT).sent == 0
        active = [
            loan
            for loan in facade.loans(loan_ids=[loan.id for loan in loans]).values()
            if loan.state == LoanState.ACTIVE
        ]
        assert len(active) == sent.accepted > 0
        first = facade.import_statement(lender_id=served.lender_id, business_date=date(2026, 1, 15), actor=ACTOR, at=AT)
        assert (first.payouts, first.exceptions) == (len(active), 0)
        repaid = 0
        for offset in (40, 41, 60, 61, 62, 90, 91):
            day = date(2026, 1, 15) + timedelta(days=offset)
            collected = facade.send_collections(business_date=day, actor=ACTOR, at=AT)
            assert collected.failed == 0
            found = facade.import_statement(lender_id=served.lender_id, business_date=day, actor=ACTOR, at=AT)
            assert found.exceptions == 0
            again = facade.import_statement(lender_id=served.lender_id, business_date=day, actor=ACTOR, at=AT)
            assert again.duplicates == again.entries == found.entries
            repaid += found.repayments
            assert facade.close_of_business(business_date=day, actor=ACTOR, at=AT).ledger_balanced
        assert repaid > len(active)
        assert ledger.check_balanced()
        book = facade.portfolio(lender_id=served.lender_id)
        assert 0 < book.outstanding_minor < book.disbursed_minor
