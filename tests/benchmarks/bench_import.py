"""Invoices imported a second, beside a bare pyarrow + pyiceberg append of the same files in the same run.

The bare append reads the files and writes their columns as they are: no checks, no identity, no consents, no quarantine,
no provenance. What those cost is the ratio. Where RONGTONG_INVOICES names a folder with `labelled_output_invoices.parquet`,
`labelled_input_invoices.parquet` and `enterprises_labelled.csv`, these are measured; else 373,000 rows are made up.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from rongtong.core.actors import system_actor
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.records import facade as records

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
ACTOR = system_actor("bench")
FIRMS = 123


def made_up(path: Path, rows: int, seed: int) -> Path:
    """A Parquet file of the layout: firms of very different size, some void and red invoices, a few rows twice."""
    random = np.random.default_rng(seed)
    weights = random.pareto(1.2, FIRMS) + 0.02
    firms = random.choice(FIRMS, rows, p=weights / weights.sum())
    net = np.round(random.lognormal(8, 1.5, rows), 2)
    net[random.random(rows) < 0.03] *= -1
    tax = np.round(net * 0.13, 2)
    days = np.datetime64("2016-10-01") + random.integers(0, 1200, rows)
    table = pa.table(
        {
            "enterprise": [f"E{firm + 1}" for firm in firms],
            "invoice_no": [str(number) for number in random.permutation(rows) + 1_000_000],
            "date": pa.array(days.astype("datetime64[us]")),
            "counterparty": [f"B{other:05}" for other in random.integers(0, 20_000, rows)],
            "amount": net,
            "tax": tax,
            "total": np.round(net + tax, 2),
            "status": np.where(random.random(rows) < 0.06, "作废发票", "有效发票"),
        }
    )
    pq.write_table(pa.concat_tables([table, table.slice(0, rows // 50)]), path)
    return path


def bare_append(paths: list[Path], folder: Path) -> float:
    """Seconds to read the files and append them to an Iceberg table without partitions."""
    folder.mkdir()
    catalogue = SqlCatalog("bare", uri=f"sqlite:///{folder}/catalogue.db", warehouse=str(folder))
    catalogue.create_namespace("bare")
    started = time.perf_counter()
    for path in paths:
        rows = pq.read_table(path)
        table = catalogue.create_table_if_not_exists("bare.invoices", schema=rows.schema)
        table.append(rows)
    return time.perf_counter() - started


@pytest.mark.django_db(transaction=True)
def test_invoices_imported_per_second(capsys: pytest.CaptureFixture[str], settings, tmp_path: Path) -> None:
    settings.RECORDS_WAREHOUSE, settings.RECORDS_CATALOGUE = str(tmp_path / "warehouse"), uuid.uuid4().hex
    if folder := os.environ.get("RONGTONG_INVOICES"):
        real = Path(folder)
        sales, purchases = real / "labelled_output_invoices.parquet", real / "labelled_input_invoices.parquet"
        enterprises = real / "enterprises_labelled.csv"
    else:
        sales = made_up(tmp_path / "sales.parquet", 160_000, 1)
        purchases, enterprises = made_up(tmp_path / "purchases.parquet", 206_000, 2), None
    files = {"sales": sales, "purchases": purchases, "enterprises": enterprises}
    with as_platform():
        platform = parties.platform().id
        first, second = (records.import_invoices(**files, authorisation="bench", actor=ACTOR, at=AT) for _ in range(2))
        assert first.rows_read == first.landed + first.duplicates + first.quarantined == second.rows_read
        assert second.landed == 0
        firms = records.enterprises_with_records()
        asked = {"reader_id": platform, "item": "invoices", "purpose": "financing", "actor": ACTOR, "at": AT}
        singles = []
        for firm in firms[:60]:
            started = time.perf_counter()
            records.read(enterprise_ids=[firm], as_of=date(2020, 3, 1), **asked)
            singles.append(time.perf_counter() - started)
        started = time.perf_counter()
        everything = records.read(enterprise_ids=firms, as_of=date(2020, 3, 1), **asked).table.num_rows
        whole = time.perf_counter() - started
    bare = bare_append([sales, purchases], tmp_path / "bare")
    with capsys.disabled():
        sys.stdout.write(
            f"\nimport: {first.rows_read:,} rows in {first.seconds:.1f} s ({first.rows_read / first.seconds:,.0f} rows/s), "
            f"{first.landed:,} landed, {first.duplicates:,} duplicates, {first.quarantined:,} quarantined\n"
            f"import again: {second.seconds:.1f} s, 0 landed\n"
            f"bare pyarrow + pyiceberg append: {bare:.1f} s ({first.rows_read / bare:,.0f} rows/s), "
            f"which takes {bare / first.seconds:.2f} of the import's time\n"
            f"records of one firm: {statistics.median(singles) * 1000:.0f} ms (median of {len(singles)}); "
            f"of all {len(firms)} ({everything:,} rows): {whole:.2f} s\n"
        )
