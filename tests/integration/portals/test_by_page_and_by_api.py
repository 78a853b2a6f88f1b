"""The same journey by page and by API comes to the same end: neither does more than one action at a time."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.core.tenancy import as_platform
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination.contracts import ApplicationState
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.servicing import models as servicing_models
from tests.jobs import run_jobs

_numbers = count()


class ByPage:
    """A firm and a lender who use the pages."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.browsers = world.browsers

    def post(self, role: str, path: str, **form: str) -> str:
        response = self.browsers[role].post(path, form)
        assert response.status_code == 302, response.content.decode()
        return str(response["Location"])

    def apply(self, **more: str) -> UUID:
        offer = self.world.offer
        form = {
            "offer_id": encode_id("off", offer.id), "amount_minor": str(offer.amount_minor // 1_000_000),
            "term_months": str(offer.term_months), "purpose": "goods", "contact_name": "张三",
            "contact_phone": "13800138000", "contact_role": "legal_representative", "declared": "on", **more,
        }  # fmt: skip
        place = self.post("owner", f"/offers/{encode_id('off', offer.id)}/apply", **form)
        return decode_id("app", place.rpartition("/")[2])

    def accept(self, application: str) -> None:
        self.post("owner", f"/applications/{application}/accept")

    def sign(self, agreement: str) -> None:
        self.post("owner", f"/agreements/{agreement}/sign")
        self.post("funder", f"/agreements/{agreement}/sign")


class ByApi(ByPage):
    """The same two, whose programs use the API."""

    def call(self, role: str, path: str, body: Any = None) -> Any:
        response = self.browsers[role].post(
            f"/api/origination/{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": f"both{next(_numbers)}"},
        )
        assert response.status_code < 300, response.content.decode()
        return response.json()

    def apply(self, **more: str) -> UUID:
        offer = self.world.offer
        body = {
            "offer_id": encode_id("off", offer.id), "amount_minor": offer.amount_minor // 1_000_000 * 1_000_000,
            "term_months": offer.term_months, "purpose": "goods", "contact_name": "张三",
            "contact_phone": "13800138000", "declared": True, "human_review": "human_review" in more,
        }  # fmt: skip
        return decode_id("app", self.call("owner", "applications", body)["id"])

    def accept(self, application: str) -> None:
        self.call("owner", f"applications/{application}/acceptance")

    def sign(self, agreement: str) -> None:
        self.call("owner", f"agreements/{agreement}/signatures", {"side": "firm"})
        self.call("funder", f"agreements/{agreement}/signatures", {"side": "lender"})


@pytest.fixture(params=[ByPage, ByApi])
def way(world: Any, request: pytest.FixtureRequest) -> Any:
    """A firm of the market that has applied for nothing yet, with its best offer, and that offer's lender."""
    with as_platform():
        run_jobs()  # what the building of the market left in the queue
        firm = parties.by_identifier(scheme="invoices_cn", values=["T3"])["T3"]
        match = matching.latest_match(enterprise_id=firm)
        assert match is not None
        offer = match.offers[0]
        browsers = {
            "owner": browser_of("applying", firm, Role.OWNER),
            "funder": browser_of("offering", offer.lender_id, Role.FUNDER),
        }
    return request.param(replace(world, offer=offer, browsers=browsers))


def browser_of(username: str, organisation_id: UUID, role: Role) -> Client:
    parties.create_user(
        username=username, password="correct horse 9", display_name="何晓兰",
        memberships=[(organisation_id, role)], actor=system_actor("tests"), at=now(),
    )  # fmt: skip
    browser = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
    browser.force_login(
        get_user_model().objects.get(username=username), "allauth.account.auth_backends.AuthenticationBackend"
    )
    return browser


def state(application_id: UUID) -> ApplicationState:
    with as_platform():
        return origination.application(application_id=application_id).state


class TestTheJourney:
    def test_goes_from_the_form_to_the_instruction(self, way: Any) -> None:
        application_id = way.apply()
        assert state(application_id) is ApplicationState.SUBMITTED
        run_jobs()
        assert state(application_id) is ApplicationState.APPROVED
        way.accept(encode_id("app", application_id))
        run_jobs()
        with as_platform():
            agreement = origination.agreement_of(application_id=application_id)
            before = servicing_models.Instruction.objects.count()
        assert agreement is not None
        way.sign(encode_id("agr", agreement.id))
        run_jobs()
        assert state(application_id) is ApplicationState.SIGNED
        with as_platform():
            assert servicing_models.Facility.objects.filter(agreement_id=agreement.id).count() == 1
            assert servicing_models.Instruction.objects.count() == before + 1

    def test_comes_to_a_person_where_the_firm_asked_for_one(self, way: Any) -> None:
        application_id = way.apply(human_review="on")
        run_jobs()
        assert state(application_id) is ApplicationState.REFERRED
