"""What somebody wrote is still there after a refusal, and after the sign-in ran out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

REASON = "近三个月流水稳定，但额度超过产品上限。"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of the page's first form that is done once."""
    names = ("once", "whose")
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', text) for name in names}
    return {name: match[1] for name, match in found.items() if match}


class TestADecisionThatIsRefused:
    def test_keeps_what_the_desk_wrote(self, world: Any, ids: dict[str, str]) -> None:
        path = f"/cases/{ids['waiting']}"
        given = {"outcome": "countered", "amount": "900000", "term_months": "12", "annual_rate": "4", "reason": REASON}
        response = world.browsers["funder"].post(
            f"{path}/decide", given | hidden(world.page("funder", path).content.decode())
        )
        text = response.content.decode()
        assert response.status_code == 200
        assert REASON in text
        assert 'value="900000"' in text
        assert re.search(r'value="countered"[^>]*checked', text)


class TestAFormSentAfterTheSignInRanOut:
    @pytest.fixture
    def visitor(self, world: Any) -> Client:
        browser = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
        browser.force_login(get_user_model().objects.get(username="funder"), BACKEND)
        return browser

    def sent(self, visitor: Client, ids: dict[str, str]) -> Any:
        """The form filled in, the session gone, the form sent."""
        path = f"/cases/{ids['waiting']}"
        fields = hidden(visitor.get(path).content.decode())
        visitor.cookies.pop("sessionid")
        given = {"outcome": "declined", "reason": REASON} | fields
        return visitor.post(f"{path}/decide", given)

    def test_is_offered_again_to_its_owner_and_done_then(
        self, world: Any, ids: dict[str, str], visitor: Client
    ) -> None:
        response = self.sent(visitor, ids)
        assert response["Location"] == "/accounts/login/?next=/kept"
        signed_in = visitor.post(
            "/accounts/login/", {"login": "funder", "password": "correct horse 9", "next": "/kept"}
        )
        assert signed_in["Location"] == "/kept"
        text = visitor.get("/kept").content.decode()
        assert REASON in text
        assert f'action="/cases/{ids["waiting"]}/decide"' in text
        again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))
        assert again["outcome"] == "declined"
        done = visitor.post(f"/cases/{ids['waiting']}/decide", again)
        assert done["Location"] == f"/cases/{ids['waiting']}"

    def test_is_not_shown_to_anybody_else(self, world: Any, ids: dict[str, str], visitor: Client) -> None:
        self.sent(visitor, ids)
        visitor.post("/accounts/login/", {"login": "owner", "password": "correct horse 9"})
        assert visitor.get("/kept")["Location"] == "/"

    def test_is_forgotten_where_it_does_not_say_whose_it_is(self, ids: dict[str, str], client: Client) -> None:
        response = client.post(f"/cases/{ids['waiting']}/decide", {"outcome": "declined", "reason": REASON})
        assert response["Location"] == "/accounts/login/?next=/"


class TestTheAddressOfADeed:
    def test_opened_like_a_page_leads_to_the_page_it_belongs_to(self, world: Any, ids: dict[str, str]) -> None:
        for role, path, above in (
            ("funder", "/cases/{waiting}/decide", "/cases/{waiting}"),
            ("owner", "/applications/{app}/accept", "/applications/{app}"),
            ("owner", "/portrait/refresh", "/portrait"),
            ("owner", "/agreements/{agr}/sign", "/agreements/{agr}"),
        ):
            assert world.page(role, path.format(**ids))["Location"] == above.format(**ids)
