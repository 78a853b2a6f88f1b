"""The API's edge: who may call, what an error looks like, what a repeated write answers."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from ninja import Router, Schema

from rongtong.config.openapi import return_lists
from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.models import RememberedResponse
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Role

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")


@pytest.fixture
def firm() -> UUID:
    draft = EnterpriseDraft(name="杭州试验制造有限公司", identifiers=(("test", "F1"),))
    with as_platform():
        (organisation,) = parties.register_enterprises(drafts=[draft], actor=ACTOR, at=now())
        parties.create_user(
            username="bookkeeper",
            password="a long test password",
            display_name="会计",
            memberships=[(organisation.id, Role.OWNER)],
            actor=ACTOR,
            at=now(),
        )
    return organisation.id


@pytest.fixture
def client(firm: UUID) -> Client:
    client = Client(enforce_csrf_checks=False)
    assert client.login(username="bookkeeper", password="a long test password")
    return client


def problem(response: Any) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert body["type"] == f"urn:rongtong:error:{body['code']}"
    assert body["status"] == response.status_code
    return body


class TestTheApi:
    def test_says_that_it_is_well_to_anyone(self) -> None:
        assert Client().get("/api/health").json()["status"] == "ok"

    def test_describes_itself_as_openapi(self) -> None:
        document = Client().get("/api/openapi.json").json()
        assert document["openapi"].startswith("3.1")
        assert len(document["paths"]) > 20

    def test_describes_the_problem_of_every_operation_and_the_key_of_every_write(self) -> None:
        document = Client().get("/api/openapi.json").json()
        assert set(document["components"]["securitySchemes"]) == {"apiKey", "session"}
        for methods in document["paths"].values():
            for method, operation in methods.items():
                assert "application/problem+json" in operation["responses"]["400"]["content"]
                assert "default" not in operation["responses"]  # it would describe whatever status comes
                keys = [one["name"] for one in operation["parameters"] if one["in"] == "header"]
                assert keys == (["Idempotency-Key"] if method in {"post", "put"} else [])

    def test_describes_the_statuses_by_which_each_operation_refuses(self) -> None:
        paths = Client().get("/api/openapi.json").json()["paths"]
        decide = paths["/api/origination/applications/{application_id}/desk-decision"]["post"]["responses"]
        assert {"200", "400", "401", "403", "404", "409", "413", "422", "503"} <= set(decide)
        assert {"409", "413"}.isdisjoint(paths["/api/origination/applications/{application_id}"]["get"]["responses"])
        for methods in paths.values():
            for operation in methods.values():
                assert {"400", "404", "503"} <= set(operation["responses"])

    def test_describes_no_two_shapes_under_one_name(self) -> None:
        shapes, waiting = set(), [Schema]
        while waiting:
            waiting += (below := waiting.pop().__subclasses__())
            shapes |= {one for one in below if one.__module__.startswith("rongtong.")}
        names = Counter(one.__name__ for one in shapes)
        assert [name for name, times in names.items() if times > 1] == []

    def test_takes_a_pair_that_an_operation_returns_for_a_list_and_not_for_a_status(self) -> None:
        router = Router()
        router.get("/pair", response=list[int])(lambda request: (1, 2))
        return_lists(router)
        (view,) = router.path_operations.values()
        assert view.operations[0].view_func(None) == [1, 2]

    @pytest.mark.parametrize(
        ("address", "status", "code"),
        [
            ("/api/no/such/thing", 404, "not_found"),
            ("/api/records/quarantine?reason=%00", 400, "malformed_request"),
            ("/api/attest/bundle/%00", 400, "malformed_request"),
            ("/api/records/provenance/invoices?" + "row_id=x&" * 300, 400, "malformed_request"),
        ],
    )
    def test_refuses_by_a_problem_document_whatever_it_is(
        self, client: Client, address: str, status: int, code: str
    ) -> None:
        response = client.get(address)
        assert (response.status_code, problem(response)["code"]) == (status, code)

    def test_stops_a_nul_in_an_address_or_a_form_by_a_page_elsewhere(self) -> None:
        for response in (Client().get("/evidence/%00"), Client().post("/theme", {"theme": "a\x00b"})):
            assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")

    def test_names_the_methods_that_an_address_takes(self, client: Client) -> None:
        response = client.put("/api/consent/accesses", headers={"Idempotency-Key": "put"})
        assert (response.status_code, problem(response)["code"]) == (405, "method_not_allowed")
        assert response.headers["Allow"] == "GET"

    def test_takes_no_body_beyond_its_limit(self, client: Client) -> None:
        response = client.post(
            "/api/parties/api-keys",
            " " * 2_100_000,
            content_type="application/json",
            headers={"Idempotency-Key": "big"},
        )
        assert (response.status_code, problem(response)["code"]) == (413, "payload_too_large")

    @pytest.mark.parametrize(
        "body", ["[" * 100_000, '{"name": NaN}', '{"name": "\\ud800"}', '{"name": "\\u0000"}', "\xff"]
    )
    def test_refuses_what_is_no_json(self, client: Client, body: str) -> None:
        response = client.post(
            "/api/parties/api-keys",
            body.encode("latin-1"),
            content_type="application/json",
            headers={"Idempotency-Key": str(hash(body))},
        )
        assert (response.status_code, problem(response)["code"]) == (400, "malformed_request")
        assert "请求" in problem(response)["title"]

    def test_refuses_strangers_with_a_problem_document(self) -> None:
        response = Client().get("/api/consent/consents")
        assert (response.status_code, problem(response)["code"]) == (401, "not_authenticated")

    def test_refuses_a_made_up_key(self) -> None:
        response = Client().get("/api/consent/consents", headers={"Authorization": "Bearer rt_nonsense"})
        assert response.status_code == 401

    def test_refuses_a_write_with_a_session_but_without_its_token(self, firm: UUID) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.login(username="bookkeeper", password="a long test password")
        response = strict.post(
            "/api/parties/api-keys", "{}", content_type="application/json", headers={"Idempotency-Key": "1"}
        )
        assert (response.status_code, problem(response)["code"]) == (403, "csrf_failed")

    def test_speaks_the_readers_language(self, client: Client) -> None:
        address = "/api/no/such/thing"
        assert client.get(address).status_code == 404
        first = problem(client.post("/api/parties/api-keys", "{}", content_type="application/json"))
        assert "Idempotency-Key" in first["title"]
        english = client.post(
            "/api/parties/api-keys", "{}", content_type="application/json", headers={"Accept-Language": "en"}
        )
        assert problem(english)["title"].startswith("Each write needs")


class TestIdempotency:
    ADDRESS = "/api/parties/api-keys"

    def post(self, client: Client, key: str, body: dict[str, Any]) -> Any:
        return client.post(
            self.ADDRESS, json.dumps(body), content_type="application/json", headers={"Idempotency-Key": key}
        )

    def test_each_write_needs_a_key(self, client: Client) -> None:
        response = client.post(self.ADDRESS, "{}", content_type="application/json")
        assert (response.status_code, problem(response)["code"]) == (400, "idempotency_key_missing")

    def test_answers_a_repeated_write_as_the_first_time(self, client: Client) -> None:
        first = self.post(client, "k1", {"name": "ERP"})
        again = self.post(client, "k1", {"name": "ERP"})
        assert first.status_code == again.status_code
        assert again.headers["Idempotent-Replayed"] == "true"
        with as_platform():
            assert RememberedResponse.objects.count() == 1

    def test_refuses_the_key_for_another_request(self, client: Client) -> None:
        self.post(client, "k2", {"name": "ERP"})
        response = self.post(client, "k2", {"name": "other"})
        assert (response.status_code, problem(response)["code"]) == (409, "idempotency_key_reused")

    def test_says_when_a_payload_is_malformed(self, client: Client) -> None:
        response = client.post(
            self.ADDRESS, "{not json", content_type="application/json", headers={"Idempotency-Key": "k3"}
        )
        assert response.status_code in {400, 422}
        problem(response)
