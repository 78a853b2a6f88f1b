"""Postings a second through the ledger, beside bare INSERTs of the same rows in the same run.

The bare INSERTs write the same transfers and entries into copies of the tables without constraints, indexes or
triggers: what the guarantees cost is the ratio.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from rongtong.core.actors import system_actor
from rongtong.core.ids import new_id
from rongtong.core.tenancy import as_platform
from rongtong.ledger import facade
from rongtong.ledger.contracts import AccountDraft, AccountKind, TransferDraft
from rongtong.parties.contracts import OrganisationKind
from rongtong.parties.models import Organisation

AT = datetime(2026, 3, 2, tzinfo=UTC)
ACTOR = system_actor("bench")
LOANS, BATCH, BATCHES = 500, 1000, 20
KINDS = (AccountKind.PRINCIPAL_RECEIVABLE, AccountKind.FUNDING)


@pytest.mark.django_db(transaction=True)
def test_postings_per_second(capsys: pytest.CaptureFixture[str]) -> None:
    with as_platform():
        lender = Organisation.objects.create(kind=OrganisationKind.INSTITUTION, name="bench").id
        loans = [(new_id(), new_id()) for _ in range(LOANS)]
        drafts = [AccountDraft(kind, lender, firm, loan) for firm, loan in loans for kind in KINDS]
        accounts = facade.open_accounts(drafts=drafts, actor=ACTOR, at=AT)
        batches = [
            [
                TransferDraft(
                    debit=accounts[KINDS[0], loans[number % LOANS][1]],
                    credit=accounts[KINDS[1], loans[number % LOANS][1]],
                    minor=100 + number,
                    code="bench",
                    reference=f"bench:{batch}:{number}",
                    business_date=date(2026, 3, 2),
                )
                for number in range(BATCH)
            ]
            for batch in range(BATCHES)
        ]
        started = time.perf_counter()
        for batch in batches:
            facade.post(transfers=batch, actor=ACTOR, at=AT)
        ours = BATCH * BATCHES / (time.perf_counter() - started)
        started = time.perf_counter()
        for batch in batches[:1]:
            for number, draft in enumerate(batch[:300]):
                one = TransferDraft(draft.debit, draft.credit, 5, "one", f"one:{number}", draft.business_date)
                facade.post(transfers=[one], actor=ACTOR, at=AT)
        single = 300 / (time.perf_counter() - started)
        assert facade.check_balanced()
        bare = _bare()
    with capsys.disabled():
        sys.stdout.write(
            f"\nledger: {ours:,.0f} postings/s in batches of {BATCH}, {single:,.0f} one by one; "
            f"bare INSERT of the same rows {bare:,.0f}/s; ratio {ours / bare:.2f}\n"
        )
    assert ours / bare > 0.05


def _bare() -> float:
    """Write the same rows, batch by batch and column by column as the ledger does, with nothing that guards them."""
    with connection.cursor() as cursor:
        tables = {}
        for table in ("transfer", "entry"):
            cursor.execute(f"CREATE TEMP TABLE bare_{table} AS TABLE ledger_{table} WITH NO DATA")
            cursor.execute(f"SELECT * FROM ledger_{table}")
            tables[f"bare_{table}"] = (
                [_array_of(column.type_code) for column in cursor.description],
                cursor.fetchall(),
            )
    started = time.perf_counter()
    for table, (types, rows) in tables.items():
        size = len(rows) // BATCHES
        for start in range(0, len(rows), size):
            _insert(table, types, rows[start : start + size])
    return len(tables["bare_transfer"][1]) / (time.perf_counter() - started)


def _array_of(type_code: int) -> str:
    return {2950: "uuid[]", 20: "bigint[]", 1082: "date[]", 1184: "timestamptz[]"}.get(type_code, "text[]")


def _insert(table: str, types: list[str], rows: list[tuple[object, ...]]) -> None:
    arrays = ", ".join(f"%s::{one}" for one in types)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} SELECT * FROM unnest({arrays})", [list(column) for column in zip(*rows, strict=True)]
        )
