from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from rongtong.core.ids import encode_id, new_id
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.servicing import facade

from .conftest import ACTOR, AT, Market, entry, make_market, statement

DUE = date(2026, 2, 24)


class Caller:
    """Somebody's program with its key."""

    def __init__(self, organisation_id: UUID, role: Role) -> None:
        with as_platform():
            issued = parties.issue_api_key(
                organisation_id=organisation_id, name=f"key {new_id()}", role=role, actor=ACTOR, at=AT
            )
        self.headers = {"Authorization": f"Bearer {issued.secret}"}

    def get(self, path: str, **query: Any) -> Any:
        return Client().get(f"/api/servicing/{path}", query, headers=self.headers)

    def post(self, path: str, body: Any, key: str = "") -> Any:
        raw = isinstance(body, bytes)
        return Client().post(
            f"/api/servicing/{path}",
            body if raw else json.dumps(body),
            content_type="application/xml" if raw else "application/json",
            headers={**self.headers, "Idempotency-Key": key or str(new_id())},
        )


@pytest.fixture
def market(transactional_db: None) -> Market:
    return make_market()


class TestLoans:
    def test_each_side_lists_its_own(self, market: Market) -> None:
        with as_platform():
            loan, _other = market.active(), make_market().active()
        for organisation, role in ((loan.enterprise_id, Role.OWNER), (loan.lender_id, Role.FUNDER)):
            found = Caller(organisation, role).get("loans").json()
            assert [one["id"] for one in found["items"]] == [encode_id("loan", loan.id)]
            assert found["items"][0]["annual_rate"] == "0.060000"
        operator = Caller(parties_platform(), Role.OPERATOR)
        assert operator.get("loans").json()["total"] == 2
        assert operator.get("loans", lender=encode_id("org", loan.lender_id)).json()["total"] == 1

    def test_a_foreign_loan_does_not_exist(self, market: Market) -> None:
        with as_platform():
            loan, other = market.active(), market.active()
        caller = Caller(loan.enterprise_id, Role.OWNER)
        for path in ("", "/schedule", "/repayments", "/prepayment"):
            answer = caller.get(f"loans/{encode_id('loan', other.id)}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "loan_unknown")
        assert caller.get("loans/loan_x").status_code == 400

    def test_shows_schedule_and_repayments(self, market: Market) -> None:
        with as_platform():
            loan = market.active()
            market.collect(DUE)
        caller = Caller(loan.enterprise_id, Role.OWNER)
        rows = caller.get(f"loans/{encode_id('loan', loan.id)}/schedule").json()
        assert (len(rows), rows[0]["settled_date"], rows[0]["principal_paid_minor"]) == (12, "2026-02-24", 2_431_993)
        (paid,) = caller.get(f"loans/{encode_id('loan', loan.id)}/repayments").json()
        assert paid["parts"] == {"interest": 150_000, "principal": 2_431_993}

    def test_strangers_see_nothing(self, market: Market) -> None:
        assert Client().get("/api/servicing/loans").status_code == 401


class TestDraw:
    def test_a_firm_draws_once_per_key(self, market: Market) -> None:
        with as_platform():
            line = market.facility(repayment_method="revolving")
        caller = Caller(line.enterprise_id, Role.OWNER)
        path = f"facilities/{encode_id('fac', line.id)}/drawdowns"
        first = caller.post(path, {"amount_minor": 1_000_000}, key="one")
        again = caller.post(path, {"amount_minor": 1_000_000}, key="one")
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json()["id"] == again.json()["id"]
        assert caller.post(path, {"amount_minor": 1_000_000}, key="two").json()["id"] != first.json()["id"]
        (shown,) = caller.get("facilities").json()
        assert (shown["used_minor"], shown["available_minor"]) == (2_000_000, 28_000_000)

    @pytest.mark.parametrize("body", [{"amount_minor": 0}, {"amount_minor": "x"}, {}, [], {"amount_minor": 10**16}])
    def test_refuses_what_is_no_amount(self, market: Market, body: Any) -> None:
        with as_platform():
            line = market.facility()
        answer = Caller(line.enterprise_id, Role.OWNER).post(f"facilities/{encode_id('fac', line.id)}/drawdowns", body)
        assert answer.status_code == 422

    def test_a_lender_does_not_draw_for_the_firm(self, market: Market) -> None:
        with as_platform():
            line = market.facility()
        path = f"facilities/{encode_id('fac', line.id)}/drawdowns"
        assert Caller(market.lender_id, Role.FUNDER).post(path, {"amount_minor": 100}).status_code == 403


class TestStatements:
    def test_a_lender_imports_its_statement(self, market: Market) -> None:
        with as_platform():
            loan = market.active()
            facade.send_collections(business_date=DUE, actor=ACTOR, at=AT)
            name = facade.instructions(loan_id=loan.id)[-1].end_to_end_id
        content = statement(
            [entry("R1", "CRDT", 2_581_993, DUE, name), entry("R2", "CRDT", 500, DUE, "somebody else's")]
        )
        caller = Caller(market.lender_id, Role.FUNDER)
        found = caller.post("statements", content).json()
        assert (found["entries"], found["repayments"], found["exceptions"]) == (2, 1, 1)
        assert caller.post("statements", content).json()["duplicates"] == 2
        (left,) = caller.get("statements/unbooked").json()["items"]
        assert left["reason"] == "unmatched"
        settled = caller.post(f"statements/unbooked/{left['id']}", {"note": "returned"})
        assert settled.json()["resolution"] == "returned"
        assert caller.get("statements/unbooked").json()["total"] == 0
        assert caller.get("statements/unbooked", settled=True).json()["items"][0]["resolution"] == "returned"

    def test_a_lender_books_an_entry_of_an_unlikely_day(self, market: Market) -> None:
        with as_platform():
            loan = market.active()
            facade.send_collections(business_date=DUE, actor=ACTOR, at=AT)
            name = facade.instructions(loan_id=loan.id)[-1].end_to_end_id
        caller = Caller(market.lender_id, Role.FUNDER)
        early = DUE - timedelta(days=32)
        caller.post("statements", statement([entry("R1", "CRDT", 2_581_993, early, name)]))
        (left,) = caller.get("statements/unbooked", reason="date_unlikely", text=loan.number).json()["items"]
        assert (left["bookable"], left["loan"], left["loan_number"]) == (True, encode_id("loan", loan.id), loan.number)
        path, body = f"statements/unbooked/{left['id']}", {"loan": left["loan"], "note": "asked the bank"}
        assert caller.post(path, {"loan": left["loan"], "note": "  "}).json()["code"] == "entry_malformed"
        assert caller.post(path, body).status_code == 200
        assert caller.post(path, body).json()["code"] == "entry_not_bookable"
        with as_platform():
            (paid,) = facade.repayments(loan_id=loan.id)
        assert (paid.amount_minor, paid.business_date) == (2_581_993, DUE)

    def test_the_total_is_of_all_that_wait(self, market: Market) -> None:
        with as_platform():
            market.active()
        lines = [entry(f"R{number}", "CRDT", 100, DUE, "who") for number in range(23)]
        caller = Caller(market.lender_id, Role.FUNDER)
        caller.post("statements", statement(lines))
        last = caller.get("statements/unbooked", page=2).json()
        assert (last["total"], len(last["items"]), last["items"][-1]["entry_ref"]) == (23, 3, "R0")

    @pytest.mark.parametrize("content", [b"", b"<a>", b"\xff\xfe\x00", b"a;b\n", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'])
    def test_a_malformed_one_is_a_clear_error(self, market: Market, content: bytes) -> None:
        with as_platform():
            market.active()
        answer = Caller(market.lender_id, Role.FUNDER).post("statements", content)
        assert (answer.status_code, answer.json()["code"]) == (400, "message_malformed")

    def test_a_firm_imports_none(self, market: Market) -> None:
        with as_platform():
            loan = market.active()
        assert Caller(loan.enterprise_id, Role.OWNER).post("statements", b"x").status_code == 403


class TestPrepayment:
    def test_is_quoted_and_asked_for(self, market: Market) -> None:
        with as_platform():
            loan = market.active(start_date=date(2026, 1, 15))
        caller = Caller(loan.enterprise_id, Role.OWNER)
        path = f"loans/{encode_id('loan', loan.id)}/prepayment"
        answer = caller.get(path)
        assert answer.status_code in {200, 409}  # by today's date something may be due

    def test_the_portfolio_is_the_lenders(self, market: Market) -> None:
        with as_platform():
            loan = market.active()
        book = Caller(loan.lender_id, Role.FUNDER).get("portfolio").json()
        assert (book["loans"], book["outstanding_minor"]) == (1, 30_000_000)
        assert book["by_class"] == {"normal": {"loans": 1, "principal_minor": 30_000_000}}


def parties_platform() -> UUID:
    with as_platform():
        return parties.platform().id
