"""Which role may take which action is one table: every address of the pages and of the API that changes something keeps to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, reverse
from django.urls.resolvers import RoutePattern

from rongtong.config.api import api
from rongtong.core.ids import encode_id, new_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.parties.facade import MAY, Action
from rongtong.portals.urls import urlpatterns

from .ways import Person

Call = tuple[str, str, Any]

PAGES: dict[str, Action] = {
    "owner_consent_grant": Action.GRANT_CONSENT,
    "owner_consent_change": Action.GRANT_CONSENT,
    "owner_consent_suspend": Action.SUSPEND_CONSENT,
    "owner_consent_resume": Action.RESUME_CONSENT,
    "owner_consent_revoke": Action.REVOKE_CONSENT,
    "owner_portrait_refresh": Action.REFRESH_PORTRAIT,
    "owner_offers": Action.SEARCH_OFFERS,
    "owner_apply": Action.SUBMIT_APPLICATION,
    "owner_application_accept": Action.ACCEPT_DECISION,
    "owner_application_withdraw": Action.WITHDRAW_APPLICATION,
    "owner_application_objection": Action.RAISE_OBJECTION,
    "draw": Action.REQUEST_DRAWDOWN,
    "prepay": Action.REQUEST_PREPAYMENT,
    "agreement_sign": Action.SIGN_AGREEMENT,
    "funder_case_decide": Action.DECIDE_APPLICATION,
    "funder_case_confirm": Action.CONFIRM_PROPOSAL,
    "funder_case_answer": Action.ANSWER_OBJECTION,
    "funder_product_capacity": Action.SET_CAPACITY,
    "funder_product_code": Action.MAKE_LOAN_CODE,
    "funder_statement": Action.IMPORT_STATEMENT,
    "funder_payment_report": Action.RECEIVE_STATUS,
    "funder_entry_resolve": Action.RESOLVE_ENTRY,
    "related_parties": Action.DECLARE_RELATED_PARTY,
    "warning": Action.DISPOSE_TASK,
    "operator_signature": Action.CHECK_SIGNATORY,
    "institution_withdrawal": Action.WITHDRAW_LICENCE,
    "organisation_member": Action.ADD_MEMBERSHIP,
    "organisation_member_end": Action.END_MEMBERSHIP,
    "enterprise_size": Action.DECLARE_SIZE,
    "job_retry": Action.RETRY_JOB,
    "set_aside_retry": Action.RETRY_SET_ASIDE,
    "set_aside_settle": Action.SETTLE_SET_ASIDE,
}
"""What is done at each address that takes a form."""

OF_ONE_ROLE = {"funder_product_code": Role.FUNDER, "enterprise_size": Role.OPERATOR}
"""Addresses under a page of one role, where others may take the action, too, but elsewhere."""

FOR_ALL = {"theme", "organisation", "check_document", "favicon"}
LOOKING = {"evidence", "regulator_decisions"}
"""Pages that check or compute something that is sent, and change nothing."""

ENTRY = {
    "grantees": [], "item": "portrait", "purpose": "financing", "range_from": "2024-01-01", "range_to": "2026-01-01",
    "retention_days": 30,
}  # fmt: skip
CONSENT = {"entries": [ENTRY], "valid_to": "2030-01-01T00:00:00Z", "signatory": {"name": "张三"}}
APPLICATION = {
    "offer_id": "{off}", "amount_minor": 1_000_000, "term_months": 6, "purpose": "goods", "contact_name": "张三",
    "contact_phone": "13800138000", "declared": True,
}  # fmt: skip

CALLS: dict[Action, list[Call]] = {
    Action.GRANT_CONSENT: [
        ("post", "consent/consents", CONSENT),
        ("post", "consent/consents/text", {"entries": [ENTRY], "valid_to": "2030-01-01T00:00:00Z"}),
    ],
    Action.RECORD_PAPER_CONSENT: [("post", "consent/consents/paper", CONSENT | {"enterprise": "{ent}"})],
    Action.SUBMIT_MANDATE: [("post", "consent/consents/mandates", b"")],
    Action.SUSPEND_CONSENT: [("post", "consent/consents/{cns}/suspend", {})],
    Action.RESUME_CONSENT: [("post", "consent/consents/{cns}/resume", None)],
    Action.REVOKE_CONSENT: [("post", "consent/consents/{cns}/revoke", {})],
    Action.CHECK_SIGNATORY: [
        ("post", "consent/consents/{cns}/confirm", {}),
        ("post", "consent/consents/{cns}/reject", {}),
    ],
    Action.SEARCH_OFFERS: [("post", "matching/searches", {})],
    Action.SET_CAPACITY: [("put", "matching/capacity/nothing", {"total_minor": 0})],
    Action.SUBMIT_APPLICATION: [("post", "origination/applications", APPLICATION)],
    Action.APPLY_RULES: [("post", "origination/applications/{app}/automatic-decision", None)],
    Action.ACCEPT_DECISION: [("post", "origination/applications/{app}/acceptance", None)],
    Action.WITHDRAW_APPLICATION: [("post", "origination/applications/{app}/withdrawal", {})],
    Action.RAISE_OBJECTION: [("post", "origination/applications/{app}/objections", {"text": "有误"})],
    Action.DECIDE_APPLICATION: [
        ("post", "origination/applications/{app}/desk-decision", {"outcome": "approved", "reason": "同意"})
    ],
    Action.CONFIRM_PROPOSAL: [("post", "origination/proposals/{prp}/confirmation", None)],
    Action.ANSWER_OBJECTION: [("post", "origination/objections/{obj}/answer", {"upheld": True, "text": "属实"})],
    Action.PREPARE_AGREEMENT: [("post", "origination/applications/{app}/agreement", None)],
    Action.SIGN_AGREEMENT: [("post", "origination/agreements/{agr}/signatures", {"side": "firm"})],
    Action.MAKE_LOAN_CODE: [("post", "origination/loan-codes", {"product": "{prd}"})],
    Action.DECLARE_RELATED_PARTY: [
        ("post", "origination/related-parties", {"value": "91330106MA2H3J4K5L", "relation": "控股股东"})
    ],
    Action.REQUEST_DRAWDOWN: [("post", "servicing/facilities/{fac}/drawdowns", {"amount_minor": 100})],
    Action.REQUEST_PREPAYMENT: [("post", "servicing/loans/{loan}/prepayment", {})],
    Action.IMPORT_STATEMENT: [("post", "servicing/statements", b"<x/>")],
    Action.RECEIVE_STATUS: [("post", "servicing/payment-reports", b"<x/>")],
    Action.RESOLVE_ENTRY: [("post", "servicing/statements/unbooked/{uuid}", {"note": "已退回"})],
    Action.DISPOSE_TASK: [
        ("post", "monitoring/tasks/{tsk}/disposition", {"disposition": "false_alarm", "note": "已核实"})
    ],
    Action.PUSH_RECORDS: [("post", "records/push/nothing", b"")],
    Action.NAME_ACCOUNT: [("post", "records/accounts", {"account_number": "6222020200112233445"})],
    Action.END_ACCOUNT: [("post", "records/accounts/{acc}/end", None)],
    Action.ADD_MEMBERSHIP: [("post", "parties/organisations/{org}/members", {"username": "nobody", "role": "owner"})],
    Action.END_MEMBERSHIP: [("post", "parties/organisations/{org}/members/{usr}/end", None)],
    Action.WITHDRAW_LICENCE: [
        (
            "post",
            "parties/organisations/{org}/licences/withdrawal",
            {"number": "X", "withdrawn_date": "2025-01-01", "reason": "吊销"},
        )
    ],
    Action.DECLARE_SIZE: [("post", "parties/organisations/{ent}/size", {})],
    Action.KEEP_KEYS: [
        ("post", "parties/api-keys", {"name": "k", "role": "{role}"}),
        ("post", "parties/api-keys/{key}/revoke", None),
    ],
    Action.RETRY_JOB: [("post", "workflows/jobs/999999/retry", None)],
    Action.RETRY_SET_ASIDE: [("post", "workflows/set-aside/{sas}/retry", None)],
    Action.SETTLE_SET_ASIDE: [("post", "workflows/set-aside/{sas}/settlement", {"note": "线下"})],
}
"""How each action is asked of the API, of a thing that is not there."""

BY_PAGE_ONLY = {Action.REFRESH_PORTRAIT}
CALLS_FOR_ALL = {"/api/parties/memberships/choice", "/api/origination/agreement-verification"}

PREFIX = {
    "consent_id": "cns", "offer_id": "off", "application_id": "app", "loan_id": "loan", "facility_id": "fac",
    "product_id": "prd", "entry_id": "ube", "agreement_id": "agr", "task_id": "tsk", "organisation_id": "org",
    "user_id": "usr", "mandate_id": "mnd", "line_id": "sas", "batch_id": "bat", "decision_id": "dec",
}  # fmt: skip


@pytest.fixture
def people(world: Any) -> dict[Role, Person]:
    """Somebody in each role there is."""
    seats = {
        Role.OWNER: world.firm.id, Role.BOOKKEEPER: world.firm.id, Role.FUNDER: world.lender.id,
        Role.OPERATOR: parties.platform().id, Role.REGULATOR: parties.regulator().id,
    }  # fmt: skip
    assert set(seats) == set(Role)
    return {role: Person(seat, role) for role, seat in seats.items()}


def forms() -> dict[str, URLPattern]:
    """The addresses of the pages by their names."""
    return {str(one.name): one for one in urlpatterns if isinstance(one.pattern, RoutePattern)}


def address(name: str) -> str:
    """An address about things that are not there."""
    given: dict[str, Any] = {}
    for argument in forms()[name].pattern.converters:
        given[argument] = 999_999 if argument == "job_id" else encode_id(PREFIX.get(argument, "xyz"), new_id())
    if name in {"enterprise_size"}:
        given["organisation_id"] = encode_id("ent", new_id())
    return reverse(f"portals:{name}", kwargs=given)


def filled(value: Any) -> Any:
    """A path or a body with ids of things that are not there."""
    if isinstance(value, str):
        for prefix in {*PREFIX.values(), "prp", "obj", "acc", "key", "ent"}:
            value = value.replace(f"{{{prefix}}}", encode_id(prefix, new_id()))
        return value.replace("{uuid}", str(new_id()))
    return {key: filled(one) for key, one in value.items()} if isinstance(value, dict) else value


def posted(person: Person, path: str) -> Any:
    browser = Client(raise_request_exception=False)
    browser.cookies = person.browser.cookies
    return browser.post(path, {})


def called(person: Person, call: Call) -> Any:
    method, path, body = call
    client = Client()
    headers = {**person.headers, "Idempotency-Key": new_id().hex}
    if call[1].startswith("parties/api-keys"):  # a key makes no keys: a person does
        client.cookies = person.browser.cookies
        headers.pop("Authorization")
    if path.endswith("mandates"):
        return client.post(f"/api/{path}", {"mandate": SimpleUploadedFile("x.pdf", b"%PDF-")}, headers=headers)
    raw = isinstance(body, bytes)
    content = body if raw else json.dumps(filled(body)).replace("{role}", person.role) if body is not None else ""
    kind = "application/octet-stream" if raw else "application/json"
    return getattr(client, method)(f"/api/{filled(path)}", content, content_type=kind, headers=headers)


class TestPages:
    def test_take_forms_at_the_addresses_of_the_table_only(self, people: dict[Role, Person]) -> None:
        taking = {
            name
            for name in forms()
            if any(posted(person, address(name)).status_code not in {403, 405} for person in people.values())
        }
        assert taking == {*PAGES, *FOR_ALL, *LOOKING}

    @pytest.mark.parametrize("name", sorted(PAGES))
    def test_let_do_what_the_role_may(self, people: dict[Role, Person], name: str) -> None:
        let = {role for role, person in people.items() if posted(person, address(name)).status_code != 403}
        assert let == ({OF_ONE_ROLE[name]} if name in OF_ONE_ROLE else set(MAY[PAGES[name]]))
        assert let <= set(MAY[PAGES[name]])


class TestApi:
    def test_has_a_call_for_every_action(self) -> None:
        assert set(CALLS) | BY_PAGE_ONLY == set(Action) == set(MAY)
        assert not set(CALLS) & BY_PAGE_ONLY

    def test_changes_nothing_but_by_calls_of_the_table(self) -> None:
        document = api.get_openapi_schema(path_prefix="/api/")
        changing = {path for path, methods in document["paths"].items() if set(methods) - {"get"}}
        shapes = {_shape(path) for path in changing - CALLS_FOR_ALL}
        assert shapes == {_shape(f"/api/{call[1]}") for calls in CALLS.values() for call in calls}

    @pytest.mark.parametrize("action", sorted(CALLS))
    def test_lets_do_what_the_role_may(self, people: dict[Role, Person], action: Action) -> None:
        for call in CALLS[action]:
            let = {role for role, person in people.items() if not _refused(called(person, call))}
            assert let == set(MAY[action]), call


class TestBookkeeper:
    """Whoever keeps the books of a firm does not bind it."""

    @pytest.mark.parametrize(
        "action",
        [
            Action.GRANT_CONSENT, Action.SUSPEND_CONSENT, Action.RESUME_CONSENT, Action.REVOKE_CONSENT,
            Action.SUBMIT_MANDATE, Action.ACCEPT_DECISION, Action.SIGN_AGREEMENT, Action.REQUEST_DRAWDOWN,
            Action.REQUEST_PREPAYMENT,
        ],
    )  # fmt: skip
    def test_may_not(self, action: Action) -> None:
        assert not parties.may(Role.BOOKKEEPER, action)
        assert parties.may(Role.OWNER, action)

    def test_sees_the_pages_without_what_only_the_owner_does(self, world: Any, people: dict[Role, Person]) -> None:
        for path in ("/overview", "/consents", "/offers", "/loans", f"/consents/{encode_id('cns', world.consent_id)}"):
            shown = people[Role.BOOKKEEPER].browser.get(path)
            assert shown.status_code == 200, path
            for ending in ("consents/new", "/suspend", "/revoke", "/change", "/draw"):
                assert f'{ending}"' not in shown.content.decode(), (path, ending)
        assert 'consents/new"' in people[Role.OWNER].browser.get("/consents").content.decode()


def _refused(response: Any) -> bool:
    return response.status_code == 403 and response.json()["code"] == "role_missing"


def _shape(path: str) -> str:
    """A path with what differs between things left out."""
    parts = [
        "*" if part.startswith("{") or part in {"nothing", "999999"} else part for part in path.strip("/").split("/")
    ]
    return "/".join(parts)
