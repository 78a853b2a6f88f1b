"""After the payout the pages speak of the loan, not of a payout still to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from rongtong.core.clock import now
from rongtong.core.tenancy import as_platform
from rongtong.origination import facade as origination
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.parties.models import User
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

    def test_waits_for_nobody_s_payout_in_the_api_either(self, world: Any, ids: dict[str, str]) -> None:
        told = world.page("owner", f"/api/origination/applications/{ids['app']}/timeline").json()
        assert (told["next_actor"], told["next_action"], told["next_deadline"]) == (None, "", None)
        assert (told["steps"][-1]["name"], told["steps"][-1]["done"]) == ("loan.paid_out", True)
        text = world.page("owner", f"/applications/{ids['app']}?part=status").content.decode()
        assert text.count("资金方已放款") == 1


class TestABookkeeper:
    @pytest.mark.parametrize(
        "path",
        ["/applications/{app}/accept", "/agreements/{agr}/sign", "/consents/new", "/consents/{cns}/revoke",
         "/consents/{cns}/suspend", "/loans/{loan}/prepay"],
    )  # fmt: skip
    def test_looks_after_the_firm_and_does_not_bind_it(self, world: Any, ids: dict[str, str], path: str) -> None:
        with as_platform():
            parties.create_user(
                username="bookkeeper",
                password="correct horse 9",
                display_name="赵敏",
                memberships=[(world.firm.id, Role.BOOKKEEPER)],
                actor=world.actor(world.firm),
                at=now(),
            )
        client = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
        client.force_login(
            User.objects.get(username="bookkeeper"), "allauth.account.auth_backends.AuthenticationBackend"
        )
        assert client.get("/overview").status_code == 200
        assert client.post(path.format(**ids)).status_code == 403


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
            if changes.get("state") is LoanState.INSTRUCTED:
                monkeypatch.setattr("rongtong.origination.queries.timelines.paid_out_at", lambda _agreement: None)
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
