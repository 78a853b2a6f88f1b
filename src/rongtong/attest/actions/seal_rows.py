"""Attest the rows that are no step of their own: the audit trail, accesses, portraits, rules, registers, present states."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from rongtong.attest import models
from rongtong.attest.actions.append_steps import append_steps
from rongtong.attest.adapters.sealed_tables import columns_of, row_digests
from rongtong.attest.contracts import Step
from rongtong.attest.queries.seals import DELETED, seal_bytes
from rongtong.core.canonical import digest
from rongtong.core.tenancy import Book, as_platform, in_book

_LOCK = 0x7365616C  # "seal": one at a time, over all processes


def seal_rows(*, at: datetime, batch_size: int = 5000) -> int:
    """Seal all rows that wait, a step for each table and batch, and say how many; each batch is one transaction.

    Safe to run at any time, anywhere, twice and killed. A row that waits and is gone without a deed stays in the
    queue, for `verify_log` to name.
    """
    total = 0
    with as_platform(), in_book(Book.ALL):
        for table in models.Unsealed.objects.order_by("table_name").values_list("table_name", flat=True).distinct():
            while count := _seal_batch(table, at, batch_size):
                total += count
                if count < batch_size:
                    break
    return total


@transaction.atomic
def _seal_batch(table: str, at: datetime, limit: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    queue = list(models.Unsealed.objects.filter(table_name=table).order_by("id")[:limit])
    columns = columns_of(table)
    digests = row_digests(table, columns, {one.row_id for one in queue})
    digests |= {one.row_id: DELETED for one in queue if one.deleted and one.row_id not in digests}
    if not digests:
        return 0
    seal = _seal(table, columns, digests, at)
    step = Step(
        kind="rows.sealed",
        subject=table,
        enterprise_id=None,
        evidence_kind="seal",
        evidence_id=seal.id,
        evidence_digest=digest(seal_bytes(seal)),
        occurred_at=at,
    )
    append_steps(steps=[step], at=at)
    models.Unsealed.objects.filter(id__in=[one.id for one in queue if one.row_id in digests]).delete()
    return len(digests)


def _seal(table: str, columns: list[str], digests: dict[UUID, bytes], at: datetime) -> models.Seal:
    ids = sorted(digests)
    return models.Seal.objects.create(
        table_name=table,
        columns=columns,
        row_ids=ids,
        digests=b"".join(digests[key] for key in ids),
        recorded_at=at,
    )
