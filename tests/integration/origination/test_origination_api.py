"""Applying, deciding, signing and objecting over the API, as a firm and as a lender."""

from __future__ import annotations

import json
from itertools import count
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from rongtong.core.clock import china_date, now
from rongtong.core.ids import decode_id, encode_id
from rongtong.core.tenancy import as_platform
from rongtong.origination import facade as origination
from rongtong.origination.contracts import APPLICATION_FIELDS
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation, Role

_numbers = count()
pytestmark = pytest.mark.django_db


def login(organisation: Organisation, role: Role, kit: ModuleType) -> Client:
    user_id = parties.create_user(
        username=f"u{next(_numbers)}",
        password="correct-horse-9",
        display_name="王",
        memberships=[(organisation.id, role)],
        actor=kit.JOB,
        at=kit.AT,
    )
    client = Client()
    client.force_login(get_user_model().objects.get(pk=user_id))
    return client


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(
        f"/api/origination/{path}",
        json.dumps(body) if not isinstance(body, bytes) else body,
        content_type="application/json",
        headers={"Idempotency-Key": f"o{next(_numbers)}"},
    )


class Case:
    """A firm with an offer of today, logged in, and its lender."""

    def __init__(self, kit: ModuleType) -> None:
        self.kit, self.at = kit, now()
        self.today = china_date(self.at)
        with as_platform():
            self.lenders = kit.open_market()
            (self.firm,) = kit.register_firms(1)
            self.offer = kit.offer_of(self.firm, as_of=self.today, at=self.at)
            self.lender = parties.organisation(self.offer.lender_id)
            kit.grant(self.firm, self.lender)
            self.owner = login(self.firm, Role.OWNER, kit)
            self.funder = login(self.lender, Role.FUNDER, kit)

    def form(self, **changes: Any) -> dict[str, Any]:
        return {
            "offer_id": encode_id("off", self.offer.id),
            "amount_minor": self.offer.amount_minor,
            "term_months": self.offer.term_months,
            "purpose": "goods",
            "contact_name": "张三",
            "contact_phone": "13800000000",
            "declared": True,
            **changes,
        }

    def submitted(self, **changes: Any) -> str:
        answer = post(self.owner, "applications", self.form(**changes))
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def decided(self, **changes: Any) -> str:
        """An application that was decided on a portrait of today."""
        application = self.submitted(**changes)
        with as_platform():
            origination.decide_application(
                application_id=decode_id("app", application),
                as_of=self.today,
                actor=self.kit.JOB,
                at=self.at,
                portrait=self.kit.portray(self.firm, as_of=self.today),
            )
        return application


@pytest.fixture
def case(db: None, kit: ModuleType) -> Case:
    return Case(kit)


class TestTheFirmsSide:
    def test_shows_the_form(self, case: Case) -> None:
        fields = case.owner.get("/api/origination/fields").json()
        assert [field["name"] for field in fields] == [field.name for field in APPLICATION_FIELDS]

    def test_goes_from_the_form_to_the_signatures(self, case: Case) -> None:
        application = case.decided()
        assert case.owner.get("/api/origination/applications").json()["total"] == 1
        decisions = case.owner.get(f"/api/origination/applications/{application}/decisions").json()
        assert [one["outcome"] for one in decisions] == ["approved"]
        assert post(case.owner, f"applications/{application}/acceptance").json()["state"] == "accepted"
        agreement = post(case.owner, f"applications/{application}/agreement").json()
        path = f"agreements/{agreement['id']}"
        assert post(case.owner, f"{path}/signatures", {"side": "firm"}).json()["state"] == "signed_by_firm"
        assert post(case.funder, f"{path}/signatures", {"side": "lender"}).json()["state"] == "signed"
        answer = case.owner.get(f"/api/origination/{path}/pdf")
        assert answer["Content-Type"] == "application/pdf"
        check = post(case.owner, "agreement-verification", answer.content).json()
        assert (check["ok"], check["known"]) == (True, True)
        timeline = case.owner.get(f"/api/origination/applications/{application}/timeline").json()
        assert timeline["next_action"] == "pay_out"

    def test_names_the_fields_that_cannot_be_used(self, case: Case) -> None:
        answer = post(case.owner, "applications", case.form(contact_phone="打我电话", declared=False))
        assert answer.status_code == 400
        assert answer.json()["code"] == "application_malformed"
        assert set(answer.json()["facts"]["fields"]) == {"contact_phone", "declared"}

    @pytest.mark.parametrize(
        "change",
        [
            {"amount_minor": "viel"},
            {"amount_minor": -5},
            {"term_months": 10**9},
            {"purpose": "casino"},
            {"declared": {}},
        ],
    )
    def test_refuses_what_is_not_of_the_documented_form(self, case: Case, change: dict[str, Any]) -> None:
        assert post(case.owner, "applications", case.form(**change)).status_code == 422

    def test_answers_other_content_for_a_taken_offer_with_a_conflict(self, case: Case) -> None:
        first = case.submitted()
        assert case.submitted() == first
        answer = post(case.owner, "applications", case.form(contact_name="李四"))
        assert (answer.status_code, answer.json()["code"]) == (409, "offer_taken")
        assert answer.json()["facts"]["application"] == first

    def test_answers_a_used_key_with_another_body_with_a_conflict(self, case: Case) -> None:
        def send(**changes: Any) -> Any:
            body, headers = json.dumps(case.form(**changes)), {"Idempotency-Key": "the same"}
            path = "/api/origination/applications"
            return case.owner.post(path, body, content_type="application/json", headers=headers)

        assert send().status_code == 201
        assert (send().status_code, send()["Idempotent-Replayed"]) == (201, "true")
        answer = send(contact_name="李四")
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")

    def test_refuses_after_the_revocation_and_leaves_nothing_behind(self, case: Case) -> None:
        with as_platform():
            case.kit.revoke(case.firm, at=case.at)
        answer = post(case.owner, "applications", case.form())
        assert (answer.status_code, answer.json()["code"]) == (409, "lender_not_authorised")
        assert case.owner.get("/api/origination/applications").json()["total"] == 0

    def test_refuses_a_foreign_offer_as_unknown(self, case: Case, kit: ModuleType) -> None:
        with as_platform():
            (other,) = kit.register_firms(1, name="别家{}公司")
            stranger = login(other, Role.OWNER, kit)
        answer = post(stranger, "applications", case.form())
        assert (answer.status_code, answer.json()["code"]) == (404, "offer_unknown")

    def test_objects_and_is_answered(self, case: Case) -> None:
        application = case.decided()
        raised = post(case.owner, f"applications/{application}/objections", {"text": "请说明理由"})
        assert raised.status_code == 201
        assert len(case.funder.get("/api/origination/objections").json()) == 1
        answer = post(case.funder, f"objections/{raised.json()['id']}/answer", {"upheld": False, "text": "理由见决定"})
        assert answer.json()["state"] == "dismissed"
        (shown,) = case.owner.get(f"/api/origination/applications/{application}/objections").json()
        assert shown["answer"] == "理由见决定"

    def test_withdraws(self, case: Case) -> None:
        application = case.submitted()
        assert post(case.owner, f"applications/{application}/withdrawal", {}).json()["state"] == "withdrawn"
        again = post(case.owner, f"applications/{application}/acceptance")
        assert (again.status_code, again.json()["code"]) == (409, "application_moved")


class TestTheLendersSide:
    def test_decides_what_waits_at_its_desk(self, case: Case) -> None:
        application = case.decided(human_review=True)
        queue = case.funder.get("/api/origination/queue").json()
        assert [row["application"]["id"] for row in queue["items"]] == [application]
        made = post(
            case.funder,
            f"applications/{application}/desk-decision",
            {"outcome": "countered", "reason": "降低额度", "amount_minor": 10_000_000, "annual_rate": "0.055"},
        ).json()
        assert made["proposal"] is None
        assert made["decision"]["outcome"] == "countered"
        assert made["decision"]["annual_rate"] == "0.055"

    def test_is_not_the_firms(self, case: Case) -> None:
        application = case.decided(human_review=True)
        answer = post(case.owner, f"applications/{application}/desk-decision", {"outcome": "approved", "reason": "好"})
        assert answer.status_code == 403
        assert case.owner.get("/api/origination/queue").status_code == 403

    def test_sees_no_other_lenders_cases(self, case: Case, kit: ModuleType) -> None:
        application = case.decided()
        with as_platform():
            other = next(one for one in case.lenders.values() if one.id != case.lender.id)
            stranger = login(other, Role.FUNDER, kit)
        assert stranger.get(f"/api/origination/applications/{application}").status_code == 404
        assert stranger.get("/api/origination/applications").json()["total"] == 0


class TestLoanCodes:
    def test_are_made_by_the_lender_and_read_by_anybody(self, case: Case) -> None:
        made = post(case.funder, "loan-codes", {"product": encode_id("prd", case.offer.product_id)})
        assert made.status_code == 201
        code = made.json()
        assert code["qr_svg"].startswith("<svg")
        read = Client().get(f"/api/origination/loan-codes/{code['token']}").json()
        assert (read["product"], read["for_one_firm"]) == (code["product"], False)
        assert Client().get("/api/origination/loan-codes/nonsense").status_code == 404

    def test_are_nobody_elses_to_make(self, case: Case) -> None:
        answer = post(case.owner, "loan-codes", {"product": encode_id("prd", case.offer.product_id)})
        assert (answer.status_code, answer.json()["code"]) == (403, "loan_code_not_yours")


class TestStrangers:
    @pytest.mark.parametrize("path", ["fields", "applications", "queue", "agreements/agr_x", "objections"])
    def test_are_asked_to_log_in(self, db: None, path: str) -> None:
        assert Client().get(f"/api/origination/{path}").status_code == 401

    def test_get_clear_answers_to_malformed_ids(self, case: Case) -> None:
        for path in ("applications/app_zzz", "applications/%00", "agreements/agr_1/pdf"):
            assert case.owner.get(f"/api/origination/{path}").status_code in {400, 404}
