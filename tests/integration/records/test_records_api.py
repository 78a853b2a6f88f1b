"""Records over HTTP: problem documents for every fault, one's own rows for every tenant."""

from __future__ import annotations

import io
import zipfile
from itertools import count

import pytest
from django.test import Client

from rongtong.core.ids import encode_id, new_id
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role

A, B = "91330282500517241R", "91500112MA0G4TYK22"
_keys = count()


class Caller:
    """A program with an API key."""

    def __init__(self, market, organisation_id, role: Role) -> None:
        issued = parties.issue_api_key(
            organisation_id=organisation_id, name=f"程序 {new_id()}", role=role, actor=market.actor, at=market.at
        )
        self.headers = {"Authorization": f"Bearer {issued.secret}"}

    def get(self, path: str):
        return Client().get(f"/api/records/{path}", headers=self.headers)

    def push(self, kind: str, payload: bytes):
        headers = self.headers | {"Idempotency-Key": f"k{next(_keys)}"}
        return Client().post(
            f"/api/records/push/{kind}", payload, content_type="application/octet-stream", headers=headers
        )


def invoices(seller: str, total: str = "9.00") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "1.xml",
            f"<EInvoice><Header><EIid>26332000000000000001</EIid></Header><EInvoiceData>"
            f"<SellerInformation><SellerIdNum>{seller}</SellerIdNum></SellerInformation>"
            f"<BasicInformation><TotalAmWithoutTax>{total}</TotalAmWithoutTax><TotalTaxAm>0</TotalTaxAm>"
            f"<TotalTax-includedAmount>9.00</TotalTax-includedAmount></BasicInformation></EInvoiceData>"
            "<TaxSupervisionInfo><IssueTime>2026-01-02</IssueTime></TaxSupervisionInfo></EInvoice>",
        )
    return buffer.getvalue()


@pytest.fixture
def world(market, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rongtong.records.api.now", lambda: market.at)
    market.one, market.other = market.register(A, B)
    market.authorise(market.one, market.other)
    market.owner = Caller(market, market.one.id, Role.OWNER)
    market.rival = Caller(market, market.other.id, Role.OWNER)
    market.operator = Caller(market, market.platform.id, Role.OPERATOR)
    return market


class TestPush:
    def test_counts_every_row(self, world) -> None:
        answer = world.owner.push("invoices", invoices(A, "x"))
        assert answer.status_code == 200
        assert answer.json() == {
            "rows_read": 1,
            "landed": 0,
            "duplicates": 0,
            "quarantined": 1,
            "reasons": {"amount_unreadable": 1},
            "unverified": 0,
        }

    @pytest.mark.parametrize(
        ("kind", "payload", "status", "code"),
        [
            ("invoices", b"\x00\xff", 400, "message_malformed"),
            ("invoices", invoices(B), 403, "push_foreign"),
            ("courts", b"{}", 403, "push_foreign"),
            ("weather", b"{}", 400, "kind_unknown"),
            ("invoices", b"PK\x03\x04", 400, "message_malformed"),
        ],
    )
    def test_answers_a_fault_with_a_problem_document(
        self, world, kind: str, payload: bytes, status: int, code: str
    ) -> None:
        answer = world.owner.push(kind, payload)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer["Content-Type"] == "application/problem+json"
        assert b"Traceback" not in answer.content

    def test_needs_a_key(self, world) -> None:
        assert Client().post("/api/records/push/courts", b"{}", content_type="application/json").status_code in {
            401,
            403,
        }


class TestReads:
    def test_each_tenant_sees_its_own_deliveries_and_refused_rows(self, world) -> None:
        world.owner.push("invoices", invoices(A, "x"))
        assert world.owner.get("batches").json()["total"] == 1
        assert world.owner.get("quarantine").json()["items"][0]["verbatim"]
        assert world.rival.get("batches").json()["total"] == 0
        assert world.rival.get("quarantine").json()["total"] == 0
        assert world.operator.get("quarantine?reason=amount_unreadable").json()["reasons"] == {"amount_unreadable": 1}
        batch = world.owner.get("batches").json()["items"][0]["id"]
        assert world.rival.get(f"batches/{batch}").status_code == 404
        assert world.owner.get(f"quarantine?batch={batch}").json()["total"] == 1

    def test_a_row_is_traced_by_those_who_may(self, world) -> None:
        world.owner.push("invoices", invoices(A))
        with as_platform():
            (row_id,) = world.read(world.one.id, item="invoices").table["row_id"].to_pylist()
        path = f"provenance/invoices?row_id={row_id}&enterprise={encode_id('ent', world.one.id)}"
        (found,) = world.owner.get(path).json()
        assert (found["source"], found["values"]["gross_fen"], found["row_number"]) == ("own:invoices", 900, 1)
        assert world.rival.get(path).json()["code"] == "consent_missing"
        unnamed = [world.rival.get(f"provenance/invoices?row_id={one}") for one in (row_id, "none")]
        assert [(one.status_code, one.json()) for one in unnamed] == [(200, []), (200, [])]

    def test_freshness_is_one_s_own(self, world) -> None:
        world.owner.push("invoices", invoices(A))
        assert world.owner.get("freshness").json()["last_date"] == {"invoices": "2026-01-02"}
        named = f"freshness?enterprise={encode_id('ent', world.one.id)}"
        assert world.rival.get(named).json()["enterprise"] == encode_id("ent", world.other.id)
        assert world.operator.get(named).json()["last_date"] == {"invoices": "2026-01-02"}

    @pytest.mark.parametrize(
        "path",
        ["batches?page=0", "batches/nonsense", "provenance/courts", "quarantine?item=weather", "provenance/x?row_id=1"],
    )
    def test_a_malformed_question_is_answered_as_one(self, world, path: str) -> None:
        answer = world.operator.get(path)
        assert answer.status_code in {400, 404, 422}
        assert answer["Content-Type"] == "application/problem+json"
