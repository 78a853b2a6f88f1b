"""Who I am, who takes part, and keys, over the API."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID

import pytest
from django.test import Client

from rongtong.core.actors import system_actor
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Licence, LicenceType, Role

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
ACTOR = system_actor("test")
_numbers = count()


@pytest.fixture
def owner(db):
    """A client logged in as the owner of a firm, and the firm."""
    with as_platform():
        (firm,) = parties.register_enterprises(
            drafts=[EnterpriseDraft("<b>甲</b>公司", (("uscc", "91440300MA5X00006X"),))], actor=ACTOR, at=AT
        )
        user_id = parties.create_user(
            username="li",
            password="correct-horse-9",
            display_name="李",
            memberships=[(firm.id, Role.OWNER)],
            actor=ACTOR,
            at=AT,
        )
    client = Client()
    client.force_login(_user(user_id))
    return client, firm


def _user(user_id):
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(pk=user_id)


def post(client: Client, path: str, body: dict, **headers):
    headers = {"Idempotency-Key": f"p{next(_numbers)}"} | headers
    return client.post(f"/api/parties/{path}", json.dumps(body), content_type="application/json", headers=headers)


class TestMe:
    def test_is_the_membership(self, owner) -> None:
        client, firm = owner
        assert client.get("/api/parties/me").json() == {
            "organisation": encode_id("org", firm.id),
            "organisation_name": "<b>甲</b>公司",
            "organisation_kind": "enterprise",
            "role": "owner",
            "person_name": "李",
            "by_key": False,
        }


class TestOrganisations:
    def test_are_found_and_shown(self, owner) -> None:
        client, firm = owner
        found = client.get("/api/parties/organisations", {"text": "甲", "kind": "enterprise"}).json()
        assert found["total"] == 1
        shown = client.get(f"/api/parties/organisations/{encode_id('org', firm.id)}").json()
        assert shown == found["items"][0]
        assert shown["identifiers"] == [{"scheme": "uscc", "value": "91440300MA5X00006X", "check": "VALID"}]

    def test_of_a_firm_that_one_has_nothing_to_do_with_are_unknown(self, owner) -> None:
        with as_platform():
            (stranger,) = parties.register_enterprises(
                drafts=[EnterpriseDraft("乙公司", (("test", "stranger"),))], actor=ACTOR, at=AT
            )
        client, firm = owner
        answer = client.get(f"/api/parties/organisations/{encode_id('org', stranger.id)}")
        assert (answer.status_code, answer.json()["code"]) == (404, "organisation_unknown")
        with as_platform():
            assert parties.organisation_seen(firm.id, seen_by=firm.id).id == firm.id
            with pytest.raises(parties.OrganisationUnknown):
                parties.organisation_seen(firm.id, seen_by=stranger.id)

    @pytest.mark.parametrize(("given", "status"), [("org_x", 400), (encode_id("org", UUID(int=7)), 404)])
    def test_are_missed_in_good_form(self, owner, given, status) -> None:
        assert owner[0].get(f"/api/parties/organisations/{given}").status_code == status

    @pytest.mark.parametrize("query", ["page=0", "page_size=1000", "kind=king"])
    def test_are_listed_within_bounds(self, owner, query) -> None:
        assert owner[0].get(f"/api/parties/organisations?{query}").status_code == 422

    def test_have_licences(self, owner) -> None:
        with as_platform():
            bank = parties.register_institution(
                name="清江银行",
                code="qingjiang_bank",
                uscc="914403001922038216",
                licence=Licence(LicenceType.BANK, "B0001", ("loan",), "33", date(2015, 1, 1), date(2031, 12, 31)),
                region_code="330000",
                actor=ACTOR,
                at=AT,
            )
        (licence,) = owner[0].get(f"/api/parties/organisations/{encode_id('org', bank.id)}/licences").json()
        assert (licence["number"], licence["in_force"]) == ("B0001", True)


class TestUscc:
    def test_is_checked_with_a_suggestion(self, owner) -> None:
        answer = owner[0].get("/api/parties/uscc/9144O3001922O38216").json()
        assert answer == {
            "check": "FORMAT_ERROR",
            "code": "9144O3001922O38216",
            "suggestion": "914403001922038216",
        }


class TestApiKeys:
    def test_are_shown_once_and_revoked_for_good(self, owner) -> None:
        client, _ = owner
        made = post(client, "api-keys", {"name": "ERP", "role": "owner"})
        assert made.status_code == 201
        key = {"Authorization": f"Bearer {made.json()['secret']}"}
        assert Client().get("/api/parties/me", headers=key).json()["by_key"] is True
        (listed,) = client.get("/api/parties/api-keys").json()
        assert "secret" not in listed
        assert post(client, f"api-keys/{listed['id']}/revoke", {}).json()["revoked_at"] is not None
        assert Client().get("/api/parties/me", headers=key).status_code == 401

    def test_are_not_shown_again_to_a_repeated_request(self, owner) -> None:
        given = {"name": "ERP", "role": "owner"}, {"Idempotency-Key": "same"}
        first, second = (post(owner[0], "api-keys", given[0], **given[1]) for _ in range(2))
        assert first.json()["secret"]
        assert (second.status_code, second.json()) == (201, {})
        assert len(owner[0].get("/api/parties/api-keys").json()) == 1

    def test_make_no_keys(self, owner) -> None:
        secret = post(owner[0], "api-keys", {"name": "ERP", "role": "owner"}).json()["secret"]
        answer = post(Client(), "api-keys", {"name": "ERP2", "role": "owner"}, Authorization=f"Bearer {secret}")
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")

    @pytest.mark.parametrize("role", ["operator", "funder", "regulator"])
    def test_give_no_role_that_their_maker_has_not(self, owner, role) -> None:
        assert post(owner[0], "api-keys", {"name": "ERP", "role": role}).json()["code"] == "role_missing"

    def test_need_the_session_s_token(self, owner) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = owner[0].cookies
        answer = post(strict, "api-keys", {"name": "ERP", "role": "owner"})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
