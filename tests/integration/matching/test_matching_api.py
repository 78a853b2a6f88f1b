import json

import pytest
from django.test import Client

from rongtong.core.ids import encode_id, new_id
from rongtong.core.tenancy import as_platform
from rongtong.matching import facade as matching
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role


@pytest.fixture
def call(market, kit):
    """Call the API with a key of an organisation, or as a stranger."""

    def _call(method, path, organisation=None, role=Role.OWNER, body=None):
        headers = {"Idempotency-Key": f"{method}{path}{organisation}"[:120]}
        if organisation is not None:
            with as_platform():
                issued = parties.issue_api_key(
                    organisation_id=organisation, name=f"test {new_id()}", role=role, actor=kit.ACTOR, at=kit.AT
                )
            headers["Authorization"] = f"Bearer {issued.secret}"
        client = Client(raise_request_exception=False)
        data = None if body is None else json.dumps(body)
        return client.generic(
            method, f"/api/matching{path}", data or "", content_type="application/json", headers=headers
        )

    return _call


class TestProducts:
    def test_are_open_to_all(self, call):
        listed = call("GET", "/products").json()
        assert len(listed) == 12
        one = call("GET", "/products/yunfan_online").json()
        assert one["name_zh"] == "云帆速贷"
        assert one["rules"][0]["title_zh"] == "信用评分"

    def test_an_unknown_one_is_a_problem_document(self, call):
        answer = call("GET", "/products/nothing")
        assert (answer.status_code, answer.json()["code"]) == (404, "product_unknown")


class TestScorecard:
    def test_is_published(self, call):
        sheet = call("GET", "/scorecard").json()
        assert sheet["version"] == "2.0.0"
        assert all(feature["bins"] for feature in sheet["features"])


class TestOffers:
    def test_a_firm_sees_its_own(self, call, kit, search):
        (firm, other) = kit.register_firms(2)
        result = search(firm, kit.STRONG)
        listed = call("GET", "/offers", firm.id).json()
        assert listed["total"] == len(result.offers)
        first = listed["items"][0]
        assert sum(line["amount_minor"] for line in first["limit_lines"]) == first["amount_minor"]
        assert call("GET", f"/offers/{first['id']}", firm.id).json() == first
        assert call("GET", f"/offers/{first['id']}", other.id).status_code == 404
        assert call("GET", "/offers", other.id).json()["total"] == 0
        named = f"/offers?enterprise={encode_id('ent', firm.id)}"
        assert call("GET", named, other.id).json()["total"] == 0
        match = call("GET", f"/searches/{first['match']}", firm.id).json()
        assert [offer["id"] for offer in match["offers"]] == [encode_id("off", offer.id) for offer in result.offers]
        assert call("GET", f"/searches/{first['match']}", other.id).status_code == 404

    def test_strangers_see_none(self, call):
        assert call("GET", "/offers").status_code == 401

    def test_a_malformed_id_is_named(self, call, kit):
        (firm,) = kit.register_firms(1)
        assert call("GET", "/offers/off_nonsense", firm.id).json()["code"] == "malformed_id"

    def test_a_lender_cannot_search(self, call, market):
        answer = call("POST", "/searches", market["huayu_bank"].id, Role.FUNDER, {})
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")

    def test_a_search_without_consent_is_refused(self, call, kit):
        (firm,) = kit.register_firms(1)
        answer = call("POST", "/searches", firm.id, Role.OWNER, {"amount_minor": 1000})
        assert (answer.status_code, answer.json()["code"]) == (403, "consent_missing")

    @pytest.mark.parametrize("ask", [{"amount_minor": 0}, {"term_months": 999}, {"amount_minor": "many"}])
    def test_a_malformed_ask_is_refused(self, call, kit, ask):
        (firm,) = kit.register_firms(1)
        assert call("POST", "/searches", firm.id, Role.OWNER, ask).status_code == 422


class TestCapacity:
    def test_a_lender_sets_its_own(self, call, market):
        lender = market["yunfan_bank"].id
        set_to = call("PUT", "/capacity/yunfan_online", lender, Role.FUNDER, {"total_minor": 5_000_000})
        assert set_to.json()["free_minor"] == 5_000_000
        listed = {pool["product_code"]: pool for pool in call("GET", "/capacity", lender, Role.FUNDER).json()}
        assert listed["yunfan_online"]["total_minor"] == 5_000_000
        assert set(listed) == {"yunfan_online", "yunfan_working"}

    def test_another_lenders_is_out_of_reach(self, call, market):
        answer = call(
            "PUT", "/capacity/yunfan_online", market["huayu_bank"].id, Role.FUNDER, {"total_minor": 5_000_000}
        )
        assert answer.status_code == 404
        assert matching.capacity(lender_id=market["yunfan_bank"].id)[0].total_minor > 5_000_000

    def test_a_firm_has_none(self, call, kit):
        (firm,) = kit.register_firms(1)
        assert call("GET", "/capacity", firm.id).status_code == 403
