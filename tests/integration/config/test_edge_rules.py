"""What holds for every address: headers, characters, the pages of accounts, keys, malformed payloads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from rongtong.config.api import api
from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Role

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
PASSWORD = "a long test passphrase"


@pytest.fixture
def firm() -> UUID:
    cache.clear()
    with as_platform():
        draft = EnterpriseDraft(name="杭州试验制造有限公司", identifiers=(("test", "F1"),))
        (organisation,) = parties.register_enterprises(drafts=[draft], actor=ACTOR, at=now())
        parties.create_user(
            username="keeper", password=PASSWORD, display_name="掌柜", memberships=[(organisation.id, Role.OWNER)],
            actor=ACTOR, at=now(),
        )  # fmt: skip
    return organisation.id


@pytest.fixture
def owner(firm: UUID) -> Client:
    client = Client()
    assert client.login(username="keeper", password=PASSWORD)
    return client


def addresses() -> Iterator[str]:
    """Every address of the pages, its variable parts filled in with something."""

    def walk(resolver: URLResolver, before: str) -> Iterator[str]:
        for one in resolver.url_patterns:
            if isinstance(one, URLResolver):
                yield from walk(one, before + str(one.pattern))
            elif isinstance(one, URLPattern):
                yield before + str(one.pattern)

    for pattern in walk(get_resolver(), "/"):
        plain = pattern.replace("^", "").replace("$", "")
        while "<" in plain:
            start, _, rest = plain.partition("<")
            plain = start + "x" + rest.partition(">")[2]
        if not plain.startswith(("/api/", "/static/")) and "(" not in plain:
            yield plain


ADDRESSES = sorted(set(addresses()))


class TestEveryAddress:
    def test_is_known_to_these_tests(self) -> None:
        assert {"/accounts/password/reset/", "/accounts/email/", "/evidence", "/cases/x"} <= set(ADDRESSES)

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_answers_a_stranger_and_a_member_without_a_fault(self, owner: Client, method: str) -> None:
        failed = []
        for client in (Client(raise_request_exception=False), owner):
            client.raise_request_exception = False
            for address in ADDRESSES:
                if address != "/accounts/logout/":
                    status = getattr(client, method)(address).status_code
                    failed += [(address, status)] if status >= 500 else []
        assert failed == []

    @pytest.mark.parametrize("text", ["%00", "a%00b", "%01", "%1B[2J", "%7F", "%C2%85"])
    def test_takes_no_control_character_in_a_parameter_or_a_path(self, owner: Client, text: str) -> None:
        for address in ADDRESSES:
            assert owner.get(f"{address}?subject={text}&page={text}").status_code == 400, address
            if address.endswith("/x"):
                assert owner.get(f"{address[:-1]}{text}").status_code == 400, address
        assert owner.get(f"/api/parties/organisations?search={text}").status_code == 400
        assert owner.post("/check", {"note": text.encode().decode("unicode_escape") and "\x00"}).status_code == 400

    @pytest.mark.parametrize("text", ["\\u0000", "\\u0007", "\\ud800", "\\u0085"])
    def test_takes_no_control_character_in_a_body(self, owner: Client, text: str) -> None:
        answer = owner.post(
            "/api/parties/api-keys", f'{{"name": "a{text}", "role": "owner"}}', content_type="application/json",
            headers={"Idempotency-Key": uuid4().hex},
        )  # fmt: skip
        assert answer.status_code == 400
        assert answer.json()["code"] == "malformed_request"

    def test_is_kept_by_no_cache_and_uses_nothing_of_the_device(self, owner: Client) -> None:
        for address in (
            "/",
            "/overview",
            "/accounts/login/",
            "/accounts/2fa/totp/activate/",
            "/nowhere",
            "/api/parties/me",
        ):
            answer = owner.get(address)
            assert answer["Cache-Control"] == "no-store" or "no-store" in answer["Cache-Control"], address
            assert "camera=()" in answer["Permissions-Policy"]
        static = owner.get("/static/rongtong/base.css")
        assert "no-store" not in static.headers.get("Cache-Control", "")
        assert "camera=()" in static["Permissions-Policy"]


class TestAMalformedPayload:
    def test_is_told_by_its_field_and_not_by_the_names_of_our_functions(self, owner: Client) -> None:
        answer = owner.post(
            "/api/parties/api-keys", json.dumps({"name": "x" * 500, "role": "king", "more": 1}),
            content_type="application/json", headers={"Idempotency-Key": uuid4().hex},
        )  # fmt: skip
        assert answer.status_code == 422
        errors = answer.json()["facts"]["errors"]
        assert {(one["in"], one["field"]) for one in errors} >= {("body", "role")}
        assert all(set(one) == {"in", "field", "code", "what", "limits"} for one in errors)

    def test_tells_nothing_of_our_inside_for_any_operation(self, owner: Client) -> None:
        """Each write is sent a list, a text and an object of nonsense; no name of a parameter of ours comes back."""
        for path, methods in api.get_openapi_schema()["paths"].items():
            for method in methods:
                if method not in {"post", "put", "patch"}:
                    continue
                for body in ("[1]", '"text"', '{"nonsense": {"deep": [1]}}'):
                    answer = owner.generic(
                        method.upper(), path.replace("{", "").replace("}", ""), body, content_type="application/json",
                        headers={"Idempotency-Key": uuid4().hex},
                    )  # fmt: skip
                    assert answer.status_code < 500, (path, answer.content)
                    text = answer.content.decode()
                    for ours in ('"given', "given.", "function-", "rongtong.", "Traceback", "pydantic"):
                        assert ours not in text, (path, text)


class TestKeys:
    def test_come_once_however_often_the_request_is_sent(self, owner: Client) -> None:
        sent = {"name": "books", "role": "bookkeeper"}
        key = {"Idempotency-Key": uuid4().hex}
        first, again = (owner.post("/api/parties/api-keys", sent, "application/json", headers=key) for _ in range(2))
        assert first.status_code == 201
        assert again.status_code == 201
        other = owner.post("/api/parties/api-keys", sent, "application/json", headers={"Idempotency-Key": uuid4().hex})
        assert (other.status_code, other.json()["code"]) == (409, "api_key_exists")
        live = [one for one in owner.get("/api/parties/api-keys").json() if one["name"] == "books"]
        assert len(live) == 1
        owner.post(f"/api/parties/api-keys/{live[0]['id']}/revoke", headers={"Idempotency-Key": uuid4().hex})
        anew = owner.post("/api/parties/api-keys", sent, "application/json", headers={"Idempotency-Key": uuid4().hex})
        assert anew.status_code == 201

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_are_taken_in_any_spelling_of_the_scheme_for_writes_too(self, owner: Client, scheme: str) -> None:
        secret = owner.post(
            "/api/parties/api-keys", {"name": "k", "role": "owner"}, "application/json",
            headers={"Idempotency-Key": uuid4().hex},
        ).json()["secret"]  # fmt: skip
        program = Client(enforce_csrf_checks=True, headers={"Authorization": f"{scheme} {secret}"})
        assert program.get("/api/parties/me").status_code == 200
        answer = program.post("/api/parties/api-keys", {}, "application/json", headers={"Idempotency-Key": "1"})
        assert answer.json()["code"] in {"malformed_payload", "role_missing"}
