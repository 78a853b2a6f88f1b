"""After the payout the pages speak of the loan, not of a payout still to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from rongtong.core.clock import now
from rongtong.core.tenancy import as_platform
from rongtong.origination import facade as origination
from rongtong.portals import timelines, wording
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import Loan, LoanState


@pytest.fixture
def loan(world: Any) -> Loan:
    with as_platform():
        return servicing.loan(loan_id=world.loan_id)


class TestApplicationOfARunningLoan:
    def test_says_paid_out_and_who_pays_next(self, world: Any, ids: dict[str, str], loan: Loan) -> None:
        text = world.page("owner", f"/applications/{ids['app']}?part=status").content.decode()
        assert loan.state is LoanState.ACTIVE
        assert "资金方已放款" in text
        assert "偿还下一期" in text
        assert f"<strong>{world.firm.name}</strong>" in text
        assert "存续中" in text

    def test_says_the_same_to_the_lender(self, world: Any, ids: dict[str, str]) -> None:
        assert "资金方已放款" in world.page("funder", f"/cases/{ids['app']}").content.decode()


class TestStanding:
    @pytest.mark.parametrize(
        ("changes", "title", "actor", "late"),
        [
            ({"next_due_date": date(2027, 1, 11), "next_due_minor": 13_970_000}, "偿还下一期", "firm", False),
            ({"next_due_date": date(2026, 1, 11), "overdue_minor": 13_970_000}, "偿还逾期款项", "firm", True),
            ({"state": LoanState.REJECTED, "rejection_reason": "账户已销户"}, "重新安排放款", "lender", False),
            ({"state": LoanState.REPAID, "closed_date": date(2027, 1, 11)}, "", "", False),
            ({"state": LoanState.INSTRUCTED}, "资金方放款", "lender", False),
        ],
    )
    def test_follows_the_loan(
        self, world: Any, loan: Loan, monkeypatch: pytest.MonkeyPatch, changes: Any, title: str, actor: str, late: bool
    ) -> None:
        with as_platform(), translation.override("zh-hans"):
            application = origination.application(application_id=world.application.id)
            timeline = origination.timeline(application_id=application.id, at=now())
            monkeypatch.setattr(timelines, "loan_of", lambda *_: replace(loan, **changes))
            stands = timelines.standing(application, timeline)
        assert (stands.title, stands.actor, stands.late) == (title, actor, late)

    def test_writes_amounts_the_readers_way(self, world: Any) -> None:
        with as_platform(), translation.override("zh-hans"):
            application = origination.application(application_id=world.application.id)
            stands = timelines.standing(application, origination.timeline(application_id=application.id, at=now()))
        assert wording.amount_words(application.amount_minor) == stands.steps[0].text


class TestOverview:
    def test_shows_what_is_owed(self, world: Any, loan: Loan) -> None:
        text = world.page("owner", "/overview").content.decode()
        with translation.override("zh-hans"):
            assert wording.amount_words(loan.outstanding_minor) in text
