"""What the operator writes about organisations, over the API and by page; nobody else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from rongtong.core.actors import system_actor
from rongtong.core.clock import china_date, now
from rongtong.core.ids import encode_id
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform
from rongtong.origination import facade as origination
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation, Role
from tests.integration.parties.kit import draft
from tests.market import register_lender

ACTOR = system_actor("test")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_numbers = count()


class Scene:
    """A lender, a firm, an operator, a lender's officer and a firm's owner with a browser each."""

    def __init__(self) -> None:
        with as_platform():
            self.lender: Organisation = register_lender("qingjiang_bank")
            (self.firm,) = parties.register_enterprises(
                drafts=[draft(industry_code="F51", staff=4, revenue_minor=1)], actor=ACTOR, at=now()
            )
            seats = {
                "operator": (parties.platform().id, Role.OPERATOR),
                "funder": (self.lender.id, Role.FUNDER),
                "owner": (self.firm.id, Role.OWNER),
            }
            self.people, self.browsers = {}, {}
            for name, seat in seats.items():
                self.people[name] = parties.create_user(
                    username=name,
                    password="correct-horse-9",
                    display_name=name,
                    memberships=[seat],
                    actor=ACTOR,
                    at=now(),
                )
                self.browsers[name] = Client()
                self.browsers[name].force_login(get_user_model().objects.get(username=name), BACKEND)

    def api(self, who: str, path: str, body: dict[str, Any]) -> Any:
        return self.browsers[who].post(
            f"/api/{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": f"k{next(_numbers)}"},
        )

    def org(self, one: Organisation) -> str:
        return encode_id("org", one.id)

    def last(self, action: str) -> AuditEntry:
        with as_platform():
            return AuditEntry.objects.filter(action=action).latest("recorded_at")


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene()


def by_api(scene: Scene, who: str, action: str) -> int:
    firm, lender = encode_id("ent", scene.firm.id), scene.org(scene.lender)
    calls: dict[str, Callable[[], Any]] = {
        "licence.withdrawn": lambda: scene.api(
            who,
            f"parties/organisations/{lender}/licences/withdrawal",
            {"number": "L-qingjiang_bank", "withdrawn_date": china_date(now()).isoformat(), "reason": "监管处罚"},
        ),
        "size.declared": lambda: scene.api(
            who, f"parties/organisations/{firm}/size", {"staff": 5, "revenue_minor": 10**11}
        ),
        "membership.added": lambda: scene.api(
            who, f"parties/organisations/{lender}/members", {"username": "owner", "role": "funder"}
        ),
        "membership.ended": lambda: scene.api(
            who, f"parties/organisations/{lender}/members/{encode_id('usr', scene.people['funder'])}/end", {}
        ),
    }
    return int(calls[action]().status_code)


def by_page(scene: Scene, who: str, action: str) -> int:
    firm, lender = encode_id("ent", scene.firm.id), scene.org(scene.lender)
    today = china_date(now()).isoformat()
    forms: dict[str, tuple[str, dict[str, Any]]] = {
        "licence.withdrawn": (
            f"/institutions/{lender}/withdrawal",
            {"number": "L-qingjiang_bank", "withdrawn_date": today, "reason": "监管处罚"},
        ),
        "size.declared": (f"/enterprises/{firm}/size", {"staff": "5", "revenue": "100000"}),
        "membership.added": (f"/organisations/{lender}/members", {"username": "owner", "role": "funder"}),
        "membership.ended": (
            f"/organisations/{lender}/members/{encode_id('usr', scene.people['funder'])}/end",
            {},
        ),
    }
    path, given = forms[action]
    return int(scene.browsers[who].post(path, given).status_code)


ACTIONS = ["licence.withdrawn", "size.declared", "membership.added", "membership.ended"]


class TestWhatTheOperatorRecords:
    @pytest.mark.parametrize("action", ACTIONS)
    @pytest.mark.parametrize("way", [by_api, by_page], ids=["by_api", "by_page"])
    def test_is_done_and_names_who_did_it(self, scene: Scene, action: str, way: Any) -> None:
        assert way(scene, "operator", action) in {200, 201, 302}
        entry = scene.last(action)
        assert (entry.actor_kind, entry.actor_id) == ("user", str(scene.people["operator"]))
        with as_platform():
            assert entry.organisation_id == parties.platform().id
        assert entry.actor_right == "membership"

    @pytest.mark.parametrize("action", ACTIONS)
    @pytest.mark.parametrize("who", ["funder", "owner"])
    @pytest.mark.parametrize("way", [by_api, by_page], ids=["by_api", "by_page"])
    def test_is_nobody_elses(self, scene: Scene, action: str, who: str, way: Any) -> None:
        if (action, who, way) == ("size.declared", "owner", by_api):
            pytest.skip("a firm declares its own size")
        assert way(scene, who, action) == 403
        with as_platform():
            assert not AuditEntry.objects.filter(action=action).exists()

    def test_shows_on_the_pages_of_organisations(self, scene: Scene) -> None:
        by_page(scene, "operator", "size.declared")
        operator = scene.browsers["operator"]
        page = operator.get(f"/enterprises/{encode_id('ent', scene.firm.id)}").content.decode()
        assert 'name="staff"' in page
        assert 'name="username"' in page
        assert 'name="withdrawn_date"' in operator.get(f"/institutions/{scene.org(scene.lender)}").content.decode()

    def test_gives_no_role_that_organisations_of_the_kind_do_not_have(self, scene: Scene) -> None:
        path = f"parties/organisations/{scene.org(scene.firm)}/members"
        answer = scene.api("operator", path, {"username": "funder", "role": "operator"})
        assert (answer.status_code, answer.json()["code"]) == (400, "role_unsuited")

    @pytest.mark.parametrize("day", [date(1, 1, 1), date(2062, 1, 1), china_date(now()) + timedelta(days=1)])
    def test_dates_no_withdrawal_outside_the_licence(self, scene: Scene, day: date) -> None:
        with as_platform(), pytest.raises(parties.WithdrawalMalformed):
            parties.withdraw_licence(number="L-qingjiang_bank", withdrawn_date=day, reason="x", actor=ACTOR, at=now())

    @pytest.mark.parametrize(
        "figures", [(None, None, None), (-1, None, None), (1, -1, None), (10**9, 1, 1), (1, 10**18, 1)]
    )
    def test_keeps_no_size_that_cannot_be(self, scene: Scene, figures: tuple[Any, Any, Any]) -> None:
        staff, revenue, assets = figures
        with as_platform(), pytest.raises(parties.SizeMalformed):
            parties.declare_size(
                organisation_id=scene.firm.id,
                staff=staff,
                revenue_minor=revenue,
                assets_minor=assets,
                actor=ACTOR,
                at=now(),
            )


class TestRelatedParties:
    def test_are_declared_by_page_and_by_api_and_shown_to_their_own_lender_only(self, scene: Scene) -> None:
        browser = scene.browsers["funder"]
        form = {"scheme": "uscc", "value": "91440300MA5X00006X", "relation": "股东"}
        assert browser.post("/related-parties", form).status_code == 302
        answer = scene.api(
            "funder", "origination/related-parties", {"value": "91330100MA7BK0017X", "relation": "<b>董事</b>"}
        )
        assert answer.status_code == 201
        assert [one["relation"] for one in answer.json()] == ["<b>董事</b>", "股东"]
        page = browser.get("/related-parties").content.decode()
        assert "91440300MA5X00006X" in page
        assert "<b>董事" not in page
        assert "91440300MA5X00006X" not in scene.browsers["operator"].get("/related-parties").content.decode()
        assert scene.browsers["owner"].get("/related-parties").status_code == 403
        with as_platform():
            assert len(origination.related_parties(of=scene.lender.id)) == 2

    @pytest.mark.parametrize("value", ["", "x" * 81])
    def test_with_a_field_that_cannot_be_leave_nothing_behind(self, scene: Scene, value: str) -> None:
        page = scene.browsers["funder"].post("/related-parties", {"scheme": "uscc", "value": value, "relation": "r"})
        assert page.status_code == 200
        assert "is-invalid" in page.content.decode() or "invalid-feedback" in page.content.decode()
        assert scene.api("funder", "origination/related-parties", {"value": value, "relation": "r"}).status_code == 422
        with as_platform():
            assert origination.related_parties(of=scene.lender.id) == ()
