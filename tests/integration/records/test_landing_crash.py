"""kill -9 at any step of landing, then again: nothing is lost, nothing is there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.db import connection

from rongtong.core.tenancy import as_platform
from rongtong.records import facade as records
from rongtong.records.actions.land_rows import settle_batches
from rongtong.records.adapters.tables import scan_rows
from rongtong.records.models import Batch, Holding, RefusedRow
from rongtong.sources.contracts import SourceKind

LINES = [f"E{number % 3},{number},2019-07-18,B1,100.00,13.00,113.00,有效发票" for number in range(300)]
FAULTS = ["E1,torn"] * 3

CHILD = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
settings.RECORDS_CATALOGUE = sys.argv[1]
from datetime import datetime
from pathlib import Path
from rongtong.core.actors import system_actor
from rongtong.core.tenancy import as_platform
from rongtong.records import facade as records
from rongtong.records.actions import land_rows
from rongtong.records.adapters.catalogue import RecordCatalogue

def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)

step, folder = sys.argv[2], Path(sys.argv[3])
if step == "before the rows are committed":
    land_rows.append_rows = die
elif step == "while the rows are committed":
    RecordCatalogue.commit_table = die
elif step == "before the batch is marked":
    land_rows._finish = die
elif step == "before the second file":
    land = land_rows.land_rows
    from rongtong.records.actions import import_invoices
    import_invoices.land_rows = lambda **given: die() if given["delivery"].part == "purchase" else land(**given)
with as_platform():
    records.import_invoices(sales=folder / "sales.csv", purchases=folder / "purchases.csv", enterprises=None,
        authorisation="x", actor=system_actor("child"), at=datetime.fromisoformat(sys.argv[4]))
print("not killed")
"""

STEPS = (
    "before the rows are committed",
    "while the rows are committed",
    "before the batch is marked",
    "before the second file",
)


def killed_import(market, step: str) -> None:
    market.write("sales.csv", LINES + FAULTS)
    market.write("purchases.csv", LINES[:40])
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}:{quote(database['PASSWORD'])}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = os.environ | {"DATABASE_URL": url, "RONGTONG_WAREHOUSE": str(django_settings.RECORDS_WAREHOUSE)}
    command = [
        sys.executable,
        "-c",
        CHILD,
        django_settings.RECORDS_CATALOGUE,
        step,
        str(market.folder),
        market.at.isoformat(),
    ]
    child = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert child.returncode == -signal.SIGKILL, child.stderr


def import_again(market, **options):
    return records.import_invoices(
        sales=market.folder / "sales.csv",
        purchases=market.folder / "purchases.csv",
        enterprises=None,
        authorisation="x",
        actor=market.actor,
        at=market.at + timedelta(hours=1),
        **options,
    )


@pytest.mark.django_db(transaction=True)
class TestKilledInTheMiddle:
    @pytest.mark.parametrize("step", STEPS)
    def test_nothing_is_lost_and_nothing_is_there_twice(self, market, step: str) -> None:
        killed_import(market, step)
        report = import_again(market)
        rows = scan_rows(SourceKind.INVOICES, enterprise_ids=None)
        assert rows.num_rows == len(set(rows["row_id"].to_pylist())) == len(LINES) + 40
        assert report.rows_read == report.landed + report.duplicates + report.quarantined == len(LINES) + 3 + 40
        assert sum(Holding.objects.values_list("rows", flat=True)) == len(LINES) + 40
        assert RefusedRow.objects.count() == 3
        assert not Batch.objects.filter(state=Batch.State.LANDING).exists()
        assert records.enterprises_with_records() == tuple(sorted(market.firm(f"E{number}") for number in range(3)))

    def test_a_delivery_that_was_committed_before_the_crash_is_reported_as_landed(self, market) -> None:
        killed_import(market, "before the batch is marked")
        report = import_again(market)
        assert (report.landed, report.duplicates, report.quarantined) == (len(LINES) + 40, 0, 3)

    def test_whoever_comes_first_settles_what_a_crash_left(self, market) -> None:
        killed_import(market, "before the batch is marked")
        records.compact_tables(at=market.at)
        (batch,) = Batch.objects.all()
        assert (batch.state, batch.landed) == ("landed", len(LINES))
        assert records.freshness(enterprise_ids=[market.firm("E1")])

    def test_a_delivery_that_never_was_committed_is_closed_and_its_refused_rows_are_kept(self, market) -> None:
        killed_import(market, "before the rows are committed")
        settle_batches(kind=SourceKind.INVOICES, at=market.at)
        (batch,) = Batch.objects.all()
        assert (batch.state, batch.landed, batch.quarantined) == ("interrupted", 0, 3)
        assert RefusedRow.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_who_import_the_same_file_at_once_land_it_once(market) -> None:
    from concurrent.futures import ThreadPoolExecutor

    market.write("sales.csv", LINES)
    market.write("purchases.csv", [])
    import_again(market)  # the firms and consents stand; now the same rows in another file, twice at once
    market.write("sales.csv", [*LINES, "E1,999,2019-07-18,B1,100.00,13.00,113.00,有效发票"])

    def once(_: int) -> int:
        try:
            with as_platform():
                return int(import_again(market).landed)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(once, range(2))) == [0, 1]
    assert scan_rows(SourceKind.INVOICES, enterprise_ids=None).num_rows == len(LINES) + 1
