"""Features of a generated region, end to end: collected over HTTP in eight formats, landed, read with consent, computed."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongtong.features import facade as features
from rongtong.records import facade as records

from .conftest import ACTOR, AT


class TestCompute:
    def test_gives_every_feature_that_can_have_one_a_value(self, collected, region) -> None:
        frame = features.compute(
            enterprise_ids=[one.id for one in collected.firms],
            as_of=region.end_date,
            reader_id=collected.platform.id,
            actor=ACTOR,
            at=AT,
        )
        empty = [name for j, name in enumerate(frame.names) if np.isnan(frame.values[:, j]).all()]
        assert empty == ["inv_void_rate"]  # the region's invoices are digital: they cannot be void
        assert set(frame.snapshot_ids) == {one.source_item for one in features.catalogue()}

    def test_a_panel_equals_the_dates_one_by_one(self, collected, region) -> None:
        asked = {
            "enterprise_ids": [one.id for one in collected.firms],
            "reader_id": collected.platform.id,
            "actor": ACTOR,
            "at": AT,
        }
        dates = [region.end_date - timedelta(days=200), region.end_date - timedelta(days=31), region.end_date]
        panel = features.compute_panel(dates=dates, **asked)
        for position, day in enumerate(dates):
            alone = features.compute(as_of=day, **asked)
            assert panel.values[position :: len(dates)].tobytes() == alone.values.tobytes()
            assert panel.as_of[position :: len(dates)] == alone.as_of
            assert panel.freshness[position :: len(dates)] == alone.freshness

    def test_asks_the_database_the_same_number_of_times_for_one_firm_and_for_all(self, collected, region) -> None:
        counts = []
        for ids in ([collected.firm.id], [one.id for one in collected.firms]):
            with CaptureQueriesContext(connection) as queries:
                features.compute(
                    enterprise_ids=ids, as_of=region.end_date, reader_id=collected.platform.id, actor=ACTOR, at=AT
                )
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestProvenance:
    def test_traces_each_value_to_landed_rows(self, collected, region) -> None:
        portrait = collected.build(region.end_date)
        asked = {"reader_id": collected.platform.id, "purpose": "financing", "actor": ACTOR, "at": AT}
        for name in ("inv_sales_12m_fen", "tax_vat_burden", "bnk_in_invoice_ratio", "soc_headcount", "reg_age_months"):
            found = features.provenance(portrait_id=portrait.id, feature=name, **asked)
            assert found.value == portrait.values[name]
            for item, row_ids in found.row_ids.items():
                assert row_ids, (name, item)
                rows = records.provenance(item=item, row_ids=row_ids[:20], **asked)
                assert {row.enterprise_id for row in rows} == {collected.firm.id}
                assert all(row.occurred_date <= region.end_date for row in rows)

    def test_adds_up_to_the_value(self, collected, region) -> None:
        portrait = collected.build(region.end_date)
        asked = {"reader_id": collected.platform.id, "purpose": "financing", "actor": ACTOR, "at": AT}
        found = features.provenance(portrait_id=portrait.id, feature="bnk_inflow_12m_fen", **asked)
        rows = records.provenance(item="bank_flows", row_ids=found.row_ids["bank_flows"], **asked)
        assert sum(row.values["amount_fen"] for row in rows) == portrait.values["bnk_inflow_12m_fen"] > 0

    def test_refuses_a_feature_that_there_is_not(self, collected, region) -> None:
        portrait = collected.build(region.end_date)
        with pytest.raises(features.FeatureUnknown):
            features.provenance(
                portrait_id=portrait.id, feature="x' OR 1", reader_id=collected.platform.id, actor=ACTOR, at=AT
            )


class TestBuildPortraits:
    def test_draws_all_seven_sides_and_the_months(self, collected, region) -> None:
        portrait = collected.build(region.end_date)
        assert [one.code for one in portrait.dimensions] == [
            "operations",
            "growth",
            "stability",
            "counterparties",
            "tax_compliance",
            "cash_flow",
            "legal_reputation",
        ]
        assert all(one.score is not None and 0 <= one.score <= 100 for one in portrait.dimensions)
        assert portrait.generated
        assert len(portrait.monthly["month"]) == 24
        assert portrait.monthly["month"][-1] == f"{region.end_date:%Y-%m}"
        assert {len(series) for series in portrait.monthly.values()} == {24}
        year = portrait.monthly["sales_fen"][-12:]
        assert sum(year) == portrait.values["inv_sales_12m_fen"]  # at a month's end, rolling months are calendar months

    def test_counts_the_records_behind_it(self, collected, region) -> None:
        portrait = collected.build(region.end_date)
        assert portrait.row_counts["electricity"] > 700
        assert portrait.freshness["electricity"] == region.end_date

    def test_knows_nothing_of_what_the_sources_hold_beyond_the_date(self, collected, region) -> None:
        portrait = collected.build(region.end_date - timedelta(days=40))
        assert max(day for day in portrait.freshness.values() if day) <= region.end_date - timedelta(days=40)
