"""The API of features: the catalogue for all who log in, portraits for whom the firm authorised."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from rongtong.core.clock import now
from rongtong.core.ids import encode_id, new_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation, Role

from .conftest import ACTOR, World

D = date(2026, 9, 30)


def client_of(organisation: Organisation, role: Role) -> Client:
    name = f"user-{organisation.name}"
    parties.create_user(
        username=name,
        password="a long test password",
        display_name="用户",
        memberships=[(organisation.id, role)],
        actor=ACTOR,
        at=now(),
    )
    client = Client()
    assert client.login(username=name, password="a long test password")
    return client


@pytest.fixture
def portrayed(world: World) -> Any:
    world.authorise()
    world.established()
    world.court(D)
    return world.build(D)


@pytest.fixture
def firm(world: World) -> Client:
    return client_of(world.firm, Role.OWNER)


@pytest.fixture
def bank(world: World) -> Client:
    return client_of(world.bank, Role.FUNDER)


class TestCatalogue:
    def test_lists_fifty_features_in_two_languages(self, bank: Client) -> None:
        listed = bank.get("/api/features/catalogue").json()
        assert len(listed) == 51
        assert all(one["title_en"] and one["title_zh"] and one["formula"] and one["unit"] for one in listed)

    def test_publishes_how_dimensions_are_made(self, bank: Client) -> None:
        assert len(bank.get("/api/features/dimensions").json()) == 7

    def test_is_not_for_strangers(self) -> None:
        assert Client().get("/api/features/catalogue").status_code == 401


class TestLatestPortrait:
    def test_the_firm_sees_its_own(self, world: World, portrayed: Any, firm: Client) -> None:
        body = firm.get(f"/api/features/enterprises/{encode_id('ent', world.firm.id)}/portrait").json()
        assert body["id"] == encode_id("prt", portrayed.id)
        assert body["values"]["reg_age_months"] == 76
        assert body["snapshot_ids"] == {item: str(state) for item, state in portrayed.snapshot_ids.items()}

    def test_a_bank_without_consent_is_refused(self, world: World, portrayed: Any, bank: Client) -> None:
        response = bank.get(f"/api/features/enterprises/{encode_id('ent', world.firm.id)}/portrait")
        assert (response.status_code, response.json()["code"]) == (403, "consent_missing")

    def test_another_firm_s_is_answered_as_none(self, world: World, portrayed: Any) -> None:
        other = client_of(world.firms[1], Role.OWNER)
        answers = [other.get(f"/api/features/portraits/{encode_id('prt', one)}") for one in (portrayed.id, uuid4())]
        assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "portrait_missing")] * 2

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("enterprises/x'y/portrait", 400),
            ("enterprises/{ent}/portrait?as_of=2020-13-45", 422),
            ("enterprises/{ent}/portrait?purpose=marketing", 422),
            ("enterprises/{ent}/portrait?as_of=2001-01-01", 404),
            ("enterprises/{ent}/series?feature=nothing", 400),
            ("portraits/{none}", 404),
            ("portraits/{prt}/features/nothing/provenance", 400),
        ],
    )
    def test_what_is_wrong_is_told(self, world: World, portrayed: Any, firm: Client, path: str, status: int) -> None:
        ids = {
            "ent": encode_id("ent", world.firm.id),
            "prt": encode_id("prt", portrayed.id),
            "none": encode_id("prt", new_id()),
        }
        assert firm.get(f"/api/features/{path.format(**ids)}").status_code == status


class TestPortraitDetails:
    def test_series_changes_and_provenance_answer(self, world: World, portrayed: Any, firm: Client) -> None:
        enterprise, one = encode_id("ent", world.firm.id), encode_id("prt", portrayed.id)
        series = firm.get(f"/api/features/enterprises/{enterprise}/series?feature=crt_enforced_amount_fen").json()
        assert [point["values"] for point in series] == [{"crt_enforced_amount_fen": 100000.0}]
        assert firm.get(f"/api/features/portraits/{one}/changes").json()["previous"] is None
        rows = firm.get(f"/api/features/portraits/{one}/features/crt_enforced_amount_fen/provenance").json()["row_ids"]
        assert {item: len(ids) for item, ids in rows.items()} == {"courts": 1}
