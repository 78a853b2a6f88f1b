"""Erasure: once the agreed time is over nothing of a firm is left, in no state of no table, but the proof."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from rongtong.attest import facade as attest
from rongtong.parties import facade as parties
from rongtong.records import facade as records
from rongtong.records.models import Erasure, Holding, RefusedRow


def line(number: int, firm: str = "E1", *, day: str = "2019-07-18", party: str = "B1") -> str:
    return f"{firm},{number},{day},{party},100.00,13.00,113.00,有效发票"


def erase(market, after: timedelta):
    return records.erase_expired_records(actor=market.actor, at=market.at + after)


RETENTION_OVER = timedelta(days=365 + 1825 + 1)


class TestEraseExpiredRecords:
    def test_leaves_records_alone_while_their_time_runs(self, market) -> None:
        market.import_files([line(1)])
        assert erase(market, timedelta(days=366)).rows == 0
        assert market.read().table.num_rows == 1

    def test_erases_rows_refused_rows_and_every_file_that_held_them(self, market, warehouse: Path) -> None:
        market.import_files([line(1, party="独一无二的买方"), line(2, day="never")])
        market.import_files([line(3, party="独一无二的买方")], at=market.at + timedelta(hours=1))
        report = erase(market, RETENTION_OVER)
        assert (report.enterprises, report.rows, report.quarantined) == (1, 2, 1)
        assert market.read().table.num_rows == 0
        assert not RefusedRow.objects.exists()
        assert not Holding.objects.exists()
        data = [path.read_bytes() for path in warehouse.rglob("*.parquet")]
        assert not any("独一无二的买方".encode() in one for one in data)

    def test_does_nothing_the_second_time(self, market) -> None:
        market.import_files([line(1)])
        erase(market, RETENTION_OVER)
        assert erase(market, RETENTION_OVER + timedelta(days=1)).rows == 0
        assert Erasure.objects.count() == 1

    def test_keeps_what_a_live_authorisation_of_the_firm_still_covers(self, market) -> None:
        market.import_files([line(1)])
        market.import_files([line(2)], text="续签的授权书", at=market.at + RETENTION_OVER - timedelta(days=5))
        assert erase(market, RETENTION_OVER).rows == 0

    def test_erases_the_kinds_that_no_live_authorisation_of_the_firm_covers(self, market) -> None:
        market.import_files([line(1)])
        later = market.at + RETENTION_OVER - timedelta(days=5)
        market.authorise(parties.organisation(market.firm()), items=("tax",), at=later)
        assert erase(market, RETENTION_OVER).rows == 1

    def test_leaves_other_firms_and_their_earlier_states_as_they_were(self, market) -> None:
        market.import_files([line(1)])
        market.import_files([line(2, "E2")], text="另一份", at=market.at + timedelta(days=2000))
        soon = market.at + timedelta(days=2001)
        before = market.read(market.firm("E2"), at=soon)
        report = erase(market, RETENTION_OVER)
        assert report.rows == 1
        assert market.read(market.firm("E2"), at=soon).table.equals(before.table)
        again = market.read(market.firm("E2"), at=soon, snapshot_id=before.snapshot_id)
        assert again.table.equals(before.table)

    def test_leaves_a_proof_in_the_log(self, market) -> None:
        market.import_files([line(1)])
        erase(market, RETENTION_OVER)
        proof = Erasure.objects.get()
        assert (proof.rows, proof.reason, proof.item) == (1, "retention_over", "invoices")
        steps = attest.steps_of_enterprise(market.firm())
        assert "records.erased" in {leaf.step.kind for leaf in steps}
        while attest.sequence(at=market.at):
            pass
        assert attest.verify_log().ok

    def test_the_proof_cannot_be_changed(self, market) -> None:
        market.import_files([line(1)])
        erase(market, RETENTION_OVER)
        with pytest.raises(IntegrityError), transaction.atomic():
            Erasure.objects.update(rows=0)


class TestEraseRecords:
    def test_erases_all_of_one_firm_on_demand(self, market) -> None:
        market.import_files([line(1), line(2, "E2")])
        report = records.erase_records(
            enterprise_id=market.firm("E1"), reason="主体要求删除", actor=market.actor, at=market.at
        )
        assert report.rows == 1
        assert records.enterprises_with_records() == (market.firm("E2"),)
        assert market.read(market.firm("E2")).table.num_rows == 1
