"""Attest the rows that are no step of their own: the audit trail, accesses, portraits, rules, registers, present states."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db import connection, transaction

from rongtong.attest import models
from rongtong.attest.actions.append_steps import append_steps
from rongtong.attest.actions.record_structure import record_structure
from rongtong.attest.adapters.sealed_tables import columns_of, row_digests, row_keys_by_table
from rongtong.attest.adapters.writers import Writer, writer_of_row
from rongtong.attest.contracts import Step
from rongtong.attest.queries.seals import DELETED, SEAL_VERSION, seal_bytes
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
        record_structure(at=at)
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
    key = row_keys_by_table().get(table)
    if key is None:
        return 0
    columns = columns_of(table)
    digests = row_digests(table, key, columns, {entry.row_key for entry in queue})
    digests |= {entry.row_key: DELETED for entry in queue if entry.deleted and entry.row_key not in digests}
    by_writer: dict[Writer, list[models.Unsealed]] = defaultdict(list)
    for entry in queue:
        if entry.row_key in digests:
            by_writer[writer_of_row(entry)].append(entry)
    if not by_writer:
        return 0
    seals = [
        models.Seal(
            version=SEAL_VERSION,
            table_name=table,
            columns=columns,
            row_keys=(row_keys := sorted({entry.row_key for entry in entries})),
            digests=b"".join(digests[row_key] for row_key in row_keys),
            writer=writer.facts(),
            queue_ids=[entry.id for entry in entries],
            recorded_at=at,
        )
        for writer, entries in sorted(by_writer.items())
    ]
    models.Seal.objects.bulk_create(seals)
    append_steps(steps=[_step(seal, at) for seal in seals], at=at)
    models.Unsealed.objects.filter(id__in=[entry.id for entry in queue if entry.row_key in digests]).delete()
    return len(digests)


def _step(seal: models.Seal, at: datetime) -> Step:
    return Step(
        kind="rows.sealed",
        subject=seal.table_name,
        enterprise_id=None,
        evidence_kind="seal",
        evidence_id=seal.id,
        evidence_digest=digest(seal_bytes(seal)),
        occurred_at=at,
    )
