"""Pushed records: one's own by the firm, any authorised firm's by an institution, nobody else's by anybody."""

from __future__ import annotations

import json

import pytest

from rongtong.consent import facade as consent
from rongtong.core.actors import Actor
from rongtong.records import facade as records
from rongtong.records.models import Batch
from rongtong.sources.facade import MessageMalformed

A, B = "91330282500517241R", "91500112MA0G4TYK22"


def courts(*codes: str, number: str = "（2026）浙0106民初1号") -> bytes:
    case = {
        "caseNo": number,
        "role": "defendant",
        "cause": "买卖合同纠纷",
        "amount": "9.00",
        "stage": "filed",
        "eventDate": "2026-01-02",
    }
    return json.dumps({"subjects": [{"uscc": code, "cases": [case]} for code in codes]}).encode()


def acting_for(organisation) -> Actor:
    return Actor("client", "key", "程序", organisation.id)


def push(market, payload: bytes, organisation, kind: str = "courts"):
    return records.receive_push(kind=kind, payload=payload, actor=acting_for(organisation), at=market.at)


class TestReceivePush:
    def test_lands_a_message_once(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        assert push(market, courts(A), firm).landed == 1
        again = push(market, courts(A), firm)
        assert (again.landed, again.duplicates) == (0, 1)
        (row,) = market.read(firm.id, item="courts").table.to_pylist()
        assert (row["source"], row["amount_fen"]) == ("push:courts", 900)
        assert set(Batch.objects.values_list("organisation_id", flat=True)) == {firm.id}

    def test_lets_a_firm_send_only_its_own(self, market) -> None:
        firm, other = market.register(A, B)
        market.authorise(firm, other)
        for payload in (courts(B), courts(A, B)):
            with pytest.raises(records.PushForeign):
                push(market, payload, firm)
        assert not Batch.objects.exists()

    def test_lets_an_institution_send_those_of_authorised_firms(self, market) -> None:
        firm, other = market.register(A, B)
        market.authorise(firm, other)
        assert push(market, courts(A, B), market.lender).landed == 2

    def test_keeps_nothing_of_a_firm_that_has_not_authorised_it(self, market) -> None:
        firm, _ = market.register(A, B)
        market.authorise(firm)
        with pytest.raises(consent.ConsentMissing):
            push(market, courts(A, B), market.lender)
        assert not Batch.objects.exists()

    def test_quarantines_rows_of_firms_that_nobody_knows(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        report = push(market, courts(A, B), market.lender)
        assert (report.landed, report.quarantined) == (1, 1)
        assert dict(report.reasons) == {"enterprise_unknown": 1}

    def test_refuses_what_is_no_message_and_no_kind(self, market) -> None:
        (firm,) = market.register(A)
        with pytest.raises(MessageMalformed):
            push(market, b"\x00", firm)
        with pytest.raises(records.KindUnknown):
            push(market, b"{}", firm, kind="weather")
