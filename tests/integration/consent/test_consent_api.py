"""A firm's authorisations over the API: its own, by its owner, by nobody else."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rongtong.consent import facade as consent
from rongtong.core.actors import Actor, system_actor
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id, new_id
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Licence, LicenceType, Role

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
ACTOR = system_actor("test")
_keys = count()
ENTRY = {"grantees", "item", "retention_days", "frequency_days", "fields"}


class Caller:
    """A program with an API key."""

    def __init__(self, organisation_id, role: Role) -> None:
        issued = parties.issue_api_key(
            organisation_id=organisation_id, name=f"程序 {new_id()}", role=role, actor=ACTOR, at=AT
        )
        self.headers = {"Authorization": f"Bearer {issued.secret}"}

    def get(self, path: str):
        return Client().get(f"/api/consent/{path}", headers=self.headers)

    def post(self, path: str, body: dict):
        headers = self.headers | {"Idempotency-Key": f"k{next(_keys)}"}
        return Client().post(f"/api/consent/{path}", json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def world(db):
    class World:
        pass

    world = World()
    with as_platform():
        world.firm, world.other = parties.register_enterprises(
            drafts=[EnterpriseDraft(name, (("set", name),), legal_representative="李明") for name in ("甲", "乙")],
            actor=ACTOR,
            at=AT,
        )
        world.bank = parties.register_institution(
            name="清江银行",
            code="qingjiang_bank",
            uscc="914403001922038216",
            licence=Licence(LicenceType.BANK, "B0001", ("loan",), "33", date(2015, 1, 1), date(2031, 12, 31)),
            region_code="330000",
            actor=ACTOR,
            at=AT,
        )
        world.owner = Caller(world.firm.id, Role.OWNER)
        world.bookkeeper = Caller(world.firm.id, Role.BOOKKEEPER)
        world.neighbour = Caller(world.other.id, Role.OWNER)
        world.lender = Caller(world.bank.id, Role.FUNDER)
        world.regulator = Caller(parties.regulator().id, Role.REGULATOR)
    world.body = {
        "entries": [entry(world, "tax"), entry(world, "invoices")],
        "valid_to": (now() + timedelta(days=365)).isoformat(),
        "signatory": {"name": "李明"},
    }
    return world


def entry(world, item: str, **more):
    return {
        "grantees": [encode_id("org", world.bank.id)],
        "item": item,
        "purpose": "financing",
        "range_from": "2021-01-01",
        "range_to": "2027-01-01",
        "retention_days": 1825,
    } | more


class TestGrant:
    def test_makes_an_authorisation_in_force_for_the_callers_firm(self, world) -> None:
        answer = world.owner.post("consents", world.body)
        assert answer.status_code == 201, answer.content.decode()
        given = answer.json()
        assert (given["state"], given["enterprise"]) == ("active", encode_id("ent", world.firm.id))
        assert given["grantees"] == [
            {"organisation": encode_id("org", world.bank.id), "name": "清江银行", "role": "lender"}
        ]
        assert world.owner.get("consents").json() == [given]
        assert world.bookkeeper.get(f"consents/{given['id']}").json() == given

    def test_is_the_owners_business(self, world) -> None:
        for caller, code in ((world.bookkeeper, "role_missing"), (world.lender, "role_missing")):
            answer = caller.post("consents", world.body)
            assert (answer.status_code, answer.json()["code"]) == (403, code)

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"entries": []}, 400, "consent_malformed"),
            ({"item": "fingerprints"}, 422, "malformed_payload"),
            ({"grantees": ["org_x"]}, 400, "malformed_id"),
            ({"grantees": []}, 400, "consent_malformed"),
            ({"retention_days": 10**6}, 422, "malformed_payload"),
            ({"frequency_days": 0}, 400, "consent_malformed"),
            ({"fields": ["a；b"]}, 400, "consent_malformed"),
            ({"valid_to": "tomorrow"}, 422, "malformed_payload"),
            ({"text_sha256": "0" * 64}, 409, "consent_text_differs"),
        ],
    )
    def test_says_what_is_wrong(self, world, change, status, code) -> None:
        of_entry = {name: value for name, value in change.items() if name in ENTRY}
        body = world.body | {"entries": [world.body["entries"][0] | of_entry]} | change
        for name in of_entry:
            del body[name]
        answer = world.owner.post("consents", body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer["Content-Type"].startswith("application/problem+json")

    def test_names_no_firm_as_recipient(self, world) -> None:
        answer = world.owner.post(
            "consents", world.body | {"entries": [entry(world, "tax", grantees=[encode_id("org", world.other.id)])]}
        )
        assert answer.json()["code"] == "consent_malformed"


class TestSignatory:
    @pytest.mark.parametrize(
        ("name", "code"),
        [("<b>张三</b>😀", "consent_malformed"), ("法定代表人", "consent_malformed"), ("张三", "signatory_differs")],
    )
    def test_is_whom_the_register_names(self, world, name, code) -> None:
        answer = world.owner.post("consents", world.body | {"signatory": {"name": name}})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert world.owner.get("consents").json() == []

    def test_is_an_agent_with_a_mandate_whom_the_operator_confirms(self, world) -> None:
        agent = {"name": "林晓", "role": "agent"}
        assert world.owner.post("consents", world.body | {"signatory": agent}).json()["code"] == "mandate_missing"
        file = SimpleUploadedFile("委托书.pdf", b"%PDF-1.7", content_type="application/pdf")
        headers = world.owner.headers | {"Idempotency-Key": "mandate"}
        handed = Client().post("/api/consent/consents/mandates", {"mandate": file}, headers=headers)
        assert handed.status_code == 201, handed.content.decode()
        agent |= {"mandate": handed.json()["id"]}
        given = world.owner.post("consents", world.body | {"signatory": agent}).json()
        assert (given["state"], given["basis"]) == ("awaiting_check", "mandate")
        as_bank = {"reader_id": world.bank.id, "item": "tax", "purpose": "financing", "actor": ACTOR}
        with as_platform():
            assert consent.permitted(enterprise_ids=[world.firm.id], at=now(), **as_bank) == {}
        own = world.owner.post(f"consents/{given['id']}/confirm", {})
        assert (own.status_code, own.json()["code"]) == (403, "role_missing")


class TestPaper:
    def test_is_recorded_by_one_person_of_the_operator_and_confirmed_by_another(self, world) -> None:
        with as_platform():
            platform = parties.platform().id
            for name in ("operator-a", "operator-b"):
                parties.create_user(
                    username=name,
                    password="correct horse 9",
                    display_name=name,
                    memberships=[(platform, Role.OPERATOR)],
                    actor=ACTOR,
                    at=AT,
                )
        people = {one.username: one for one in get_user_model().objects.filter(username__startswith="operator-")}
        first, second = (Actor("user", str(people[f"operator-{letter}"].id), letter, platform) for letter in "ab")
        with as_platform():
            issued = parties.issue_api_key(
                organisation_id=platform, name="补录", role=Role.OPERATOR, actor=first, at=now()
            )
        headers = {"Authorization": f"Bearer {issued.secret}"}
        firm = encode_id("ent", world.firm.id)
        body = world.body | {"enterprise": firm, "signatory": {"name": "李明"}}

        def send(body: dict):
            keyed = headers | {"Idempotency-Key": str(new_id())}
            return Client().post(
                "/api/consent/consents/paper", json.dumps(body), content_type="application/json", headers=keyed
            )

        assert send(body).json()["code"] == "paper_missing"
        assert world.owner.post("consents/paper", body).json()["code"] == "role_missing"
        file = SimpleUploadedFile("扫描件.pdf", b"%PDF-1.7", content_type="application/pdf")
        handed = Client().post(
            f"/api/consent/consents/mandates?enterprise={firm}",
            {"mandate": file},
            headers=headers | {"Idempotency-Key": "p"},
        )
        assert handed.status_code == 201, handed.content.decode()
        body["signatory"]["mandate"] = handed.json()["id"]
        answer = send(body)
        assert answer.status_code == 201, answer.content.decode()
        given = answer.json()
        assert (given["state"], given["basis"], given["form"]) == ("awaiting_check", "paper", "paper")
        key = decode_id("cns", given["id"])
        with as_platform():
            asked = {"reader_id": world.bank.id, "item": "tax", "purpose": "financing", "actor": ACTOR}
            assert consent.permitted(enterprise_ids=[world.firm.id], at=now(), **asked) == {}
            with pytest.raises(consent.SignatoryUnchecked):
                consent.confirm_signatory(consent_id=key, reason="本人", actor=first, at=now())
            confirmed = consent.confirm_signatory(consent_id=key, reason="已核对扫描件", actor=second, at=now())
            assert confirmed.state == "active"
            assert consent.permitted(enterprise_ids=[world.firm.id], at=now(), **asked) != {}


class TestRevoke:
    def test_ends_it_at_once(self, world) -> None:
        given = world.owner.post("consents", world.body).json()
        taken = world.owner.post(f"consents/{given['id']}/revoke", {"reason": "不再需要"})
        assert (taken.status_code, taken.json()["state"]) == (200, "revoked")

    def test_reaches_no_neighbours(self, world) -> None:
        given = world.owner.post("consents", world.body).json()
        for path in (f"consents/{given['id']}", f"consents/{given['id']}/receipt"):
            assert world.neighbour.get(path).status_code == 404
            assert world.lender.get(path).status_code == 404
        assert world.neighbour.post(f"consents/{given['id']}/revoke", {}).status_code == 404
        assert world.neighbour.get("consents").json() == []
        assert world.owner.get(f"consents/{given['id']}").json()["state"] == "active"


class TestReceipt:
    def test_can_be_kept_by_the_firm(self, world) -> None:
        given = world.owner.post("consents", world.body).json()
        receipt = world.bookkeeper.get(f"consents/{given['id']}/receipt").json()
        assert json.loads(receipt["body"])["text"] == given["text"]
        assert len(receipt["sha256"]) == 64


class TestAccesses:
    def test_show_the_firm_who_read_and_who_was_refused(self, world) -> None:
        world.owner.post("consents", world.body)
        with as_platform():
            for item in ("tax", "courts"):
                consent.permitted(
                    reader_id=world.bank.id,
                    enterprise_ids=[world.firm.id],
                    item=item,
                    purpose="financing",
                    actor=ACTOR,
                    at=now(),
                )
        page = world.owner.get("accesses").json()
        assert [(one["items"], one["refusals"]) for one in page["items"]] == [(["courts"], ["not_item"]), (["tax"], [])]
        assert page["total"] == 2
        assert world.neighbour.get("accesses").json()["total"] == 0
        named = world.regulator.get(f"accesses?enterprise={encode_id('ent', world.firm.id)}").json()
        assert named["total"] == 2
        assert world.lender.get("accesses").json()["code"] == "consent_foreign"


class TestStrangers:
    @pytest.mark.parametrize("path", ["consents", "accesses"])
    def test_are_told_to_log_in(self, db, path) -> None:
        answer = Client().get(f"/api/consent/{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.json()["kind"] == "forbidden"
        assert answer["Content-Type"].startswith("application/problem+json")


class TestWhatCannotBeKept:
    """Everything that a stranger can write is answered, never with a fault."""

    def send(self, world, **changes):
        return world.owner.post("consents", world.body | changes)

    def test_a_moment_needs_its_offset(self, world) -> None:
        response = self.send(world, valid_to="2027-01-01T00:00:00")
        assert (response.status_code, response.json()["code"]) == (422, "malformed_payload")

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"valid_from": "9999-12-01T00:00:00Z", "valid_to": "9999-12-31T00:00:00Z"}, (422, "malformed_payload")),
            ({"supplement": "长" * 2_001}, (422, "malformed_payload")),
            ({"signatory": {"name": "长" * 201}}, (422, "malformed_payload")),
            ({"signatory": {"name": "李明", "role": "emperor"}}, (400, "consent_malformed")),
        ],
    )
    def test_bounds_are_told(self, world, changes, told) -> None:
        response = self.send(world, **changes)
        assert (response.status_code, response.json()["code"]) == told

    @pytest.mark.parametrize(
        "changes", [{"supplement": "a\x00b"}, {"supplement": "a\ud800b"}, {"signatory": {"name": "\x00"}}, {"\x00": 1}]
    )
    def test_texts_that_no_database_takes_are_refused_at_the_edge(self, world, changes) -> None:
        response = self.send(world, **changes)
        assert (response.status_code, response.json()["code"]) == (400, "malformed_request")

    def test_one_thing_is_not_granted_on_two_sets_of_terms(self, world) -> None:
        twice = [entry(world, "tax"), entry(world, "tax", retention_days=1)]
        assert self.send(world, entries=twice).json()["code"] == "consent_malformed"
