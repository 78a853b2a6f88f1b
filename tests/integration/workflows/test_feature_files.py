"""Values of features in a file: a row out for each row in, null for what is not known."""

from __future__ import annotations

import math
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rongtong.core.clock import now
from rongtong.core.tenancy import as_platform
from rongtong.features import facade as features
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft
from rongtong.records import facade as records
from rongtong.workflows.feature_files import EntitiesFileUnreadable, OutputUnwritable, build_feature_file
from tests.market import ACTOR

pytestmark = pytest.mark.django_db
HEADER = "enterprise,invoice_no,date,counterparty,amount,tax,total,status\n"
SALES = (
    "E1,01001,2025-06-30,甲公司,100.00,13.00,113.00,valid\n"
    "E1,01002,2025-07-01,乙公司,1000.00,130.00,1130.00,valid\n"
    "E2,01003,2025-01-15,甲公司,50.00,6.50,56.50,valid\n"
)


@pytest.fixture
def imported(db: None, settings: Any, tmp_path: Path) -> Path:
    settings.RECORDS_WAREHOUSE = str(tmp_path / "warehouse")
    settings.RECORDS_CATALOGUE = uuid.uuid4().hex
    sales, purchases = tmp_path / "sales.csv", tmp_path / "purchases.csv"
    sales.write_text(HEADER + SALES, encoding="utf-8")
    purchases.write_text(HEADER, encoding="utf-8")
    with as_platform():
        parties.platform()
        records.import_invoices(
            sales=sales, purchases=purchases, enterprises=None, authorisation="授权查询发票", actor=ACTOR, at=now()
        )
        parties.register_enterprises(
            drafts=[EnterpriseDraft("无授权企业", (("uscc", "91330500000000000X"),))], actor=ACTOR, at=now()
        )
    return tmp_path


def build(folder: Path, text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    (folder / "wanted.csv").write_text(text, encoding="utf-8")
    report = build_feature_file(entities=folder / "wanted.csv", out=folder / "out.parquet", actor=ACTOR, at=now())
    return report.as_dict(), pq.read_table(folder / "out.parquet").to_pylist()


class TestFeatureFiles:
    def test_a_day_is_included_and_what_comes_after_is_not(self, imported: Path) -> None:
        report, rows = build(imported, "enterprise,as_of\nE1,2025-07-01\nE1,2025-06-30\nE1,2025-06-29\nE2,2025-07-01\n")
        assert [(row["enterprise"], row["as_of"]) for row in rows] == [
            ("E1", date(2025, 7, 1)),
            ("E1", date(2025, 6, 30)),
            ("E1", date(2025, 6, 29)),
            ("E2", date(2025, 7, 1)),
        ]
        assert [row["inv_sales_12m_fen"] for row in rows] == [110_000, 10_000, None, 5_000]
        assert (report["rows"], report["enterprises"], report["dates"], report["evaluated"]) == (4, 2, 3, 2)

    def test_who_is_unknown_or_did_not_authorise_has_a_row_without_values(self, imported: Path) -> None:
        report, rows = build(imported, "enterprise,as_of\n91330500000000000X,2025-07-01\nnobody,2025-07-01\n")
        assert all(row[name] is None for row in rows for name in row if name not in ("enterprise", "as_of"))
        assert (report["rows"], report["unregistered"], report["unauthorised"]) == (2, 1, 1)

    def test_values_are_those_of_the_catalogue_and_null_is_never_zero(self, imported: Path) -> None:
        report, (row,) = build(imported, "enterprise,as_of\nE1,2025-07-01\n")
        names = [one.name for one in features.catalogue()]
        assert list(row) == ["enterprise", "as_of", *names]
        assert report["features"] == len(names)
        assert row["tax_paid_12m_fen"] is None
        assert not any(math.isnan(value) for value in row.values() if isinstance(value, float))

    def test_a_parquet_file_is_read_too(self, imported: Path) -> None:
        table = pa.table({"enterprise": ["E2"], "as_of": pa.array([date(2025, 7, 1)])})
        pq.write_table(table, imported / "wanted.parquet")
        out = imported / "out.parquet"
        build_feature_file(entities=imported / "wanted.parquet", out=out, actor=ACTOR, at=now())
        assert pq.read_table(out).column("inv_sales_12m_fen").to_pylist() == [5_000]

    @pytest.mark.parametrize(
        "text", ["", "enterprise\nE1\n", "enterprise,as_of\nE1,yesterday\n", "enterprise,as_of\n,2025-07-01\n"]
    )
    def test_a_file_that_says_less_is_refused(self, imported: Path, text: str) -> None:
        with pytest.raises(EntitiesFileUnreadable):
            build(imported, text)

    def test_a_file_that_cannot_be_written_is_named(self, imported: Path) -> None:
        (imported / "wanted.csv").write_text("enterprise,as_of\nE1,2025-07-01\n", encoding="utf-8")
        with pytest.raises(OutputUnwritable):
            build_feature_file(
                entities=imported / "wanted.csv", out=imported / "missing" / "out.parquet", actor=ACTOR, at=now()
            )
