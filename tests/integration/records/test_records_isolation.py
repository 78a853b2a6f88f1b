"""A tenant sees its own rows of records' tables only, by the database."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, transaction

from rongtong.core.tenancy import as_tenant
from rongtong.records.models import Batch, Erasure, Holding, RefusedRow, TableState


def line(firm: str, *, day: str = "2019-07-18") -> str:
    return f"{firm},1,{day},B1,100.00,13.00,113.00,有效发票"


class TestIsolation:
    def test_a_firm_sees_its_own_holdings_and_refused_rows(self, market) -> None:
        market.import_files([line("E1"), line("E2"), line("E1", day="never"), line("E2", day="never")])
        with as_tenant(market.firm("E1")):
            assert list(Holding.objects.values_list("enterprise_id", flat=True)) == [market.firm("E1")]
            assert list(RefusedRow.objects.values_list("enterprise_id", flat=True)) == [market.firm("E1")]
            assert not Batch.objects.exists()
        with as_tenant(market.lender.id):
            assert not Holding.objects.exists()
            assert not RefusedRow.objects.exists()

    @pytest.mark.parametrize("model", [Batch, Holding, RefusedRow, Erasure, TableState])
    def test_a_foreign_row_cannot_be_written(self, market, model) -> None:
        market.import_files([line("E1"), line("E1", day="never")])
        batch = Batch.objects.first()
        values = {
            Batch: {"item": "tax", "rows_read": 0, "landed": 0, "duplicates": 0, "quarantined": 0},
            Holding: {"enterprise_id": market.firm(), "item": "tax", "rows": 1},
            RefusedRow: {
                "batch": batch,
                "item": "tax",
                "row_number": 1,
                "verbatim": "",
                "enterprise_id": market.firm(),
            },
            Erasure: {
                "enterprise_id": market.firm(),
                "item": "tax",
                "consent_ids": [],
                "rows": 1,
                "erased_at": market.at,
            },
            TableState: {"item": "tax", "snapshot_id": 1},
        }[model]
        times = {name: market.at for name in ("recorded_at", "collected_at") if hasattr(model, name)}
        with as_tenant(market.lender.id), pytest.raises(ProgrammingError), transaction.atomic():
            model(**values | times).save(force_insert=True)

    def test_a_batch_that_loses_a_row_cannot_be_kept(self, market) -> None:
        from django.db import IntegrityError

        market.import_files([line("E1")])
        with pytest.raises(IntegrityError), transaction.atomic():
            Batch.objects.filter(part="sale").update(landed=0)
