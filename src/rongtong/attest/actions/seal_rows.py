"""Attest the rows that are no step of their own: the audit trail, accesses, portraits, rules, registers, present states."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from rongtong.attest import models
from rongtong.attest.actions.append_steps import append_steps
from rongtong.attest.actions.hold_lock import hold_lock
from rongtong.attest.actions.record_structure import record_structure
from rongtong.attest.adapters.sealed_tables import columns_of, row_keys_by_table
from rongtong.attest.adapters.waiting import WaitingRow, tables_that_wait, waiting_rows
from rongtong.attest.adapters.writers import Writer, writer_of_row
from rongtong.attest.contracts import Step
from rongtong.attest.queries.seals import DELETED, SEAL_VERSION, seal_bytes
from rongtong.core.canonical import digest
from rongtong.core.tenancy import Book, as_platform, in_book

_LOCK = 0x7365616C  # "seal": one at a time, over all processes


def seal_rows(*, at: datetime, batch_size: int = 5000) -> int:
    """Seal all rows that wait, a step for each table and batch, and say how many; each batch is one transaction.

    Safe to run at any time, anywhere, twice and killed. Raises LogHeld. A row that is not what its newest entry says was changed beside
    the platform, and is sealed as such. One that waits and is gone without a deed stays in the queue, for `verify_log` to name.
    """
    total = 0
    with as_platform(), in_book(Book.ALL):
        record_structure(at=at)
        for table in tables_that_wait():
            while count := _seal_batch(table, at, batch_size):
                total += count
                if count < batch_size:
                    break
    return total


@transaction.atomic
def _seal_batch(table: str, at: datetime, limit: int) -> int:
    hold_lock(_LOCK)
    key = row_keys_by_table().get(table)
    if key is None:
        return 0
    waiting = [row for row in waiting_rows(table, key, limit) if not row.lost]
    if not waiting:
        return 0
    columns = columns_of(table)
    by_writer: dict[Writer, list[WaitingRow]] = defaultdict(list)
    for row in waiting:
        by_writer[replace(writer_of_row(row.entry), as_written=row.as_written)].append(row)
    seals = [_seal(table, columns, writer, rows, at) for writer, rows in sorted(by_writer.items())]
    models.Seal.objects.bulk_create(seals)
    append_steps(steps=[_step(seal, at) for seal in seals], at=at)
    models.Unsealed.objects.filter(id__in=[row.entry.id for row in waiting]).delete()
    return len({row.entry.row_key for row in waiting})


def _seal(table: str, columns: list[str], writer: Writer, rows: list[WaitingRow], at: datetime) -> models.Seal:
    by_key = {row.entry.row_key: row for row in rows}
    row_keys = sorted(by_key)
    return models.Seal(
        version=SEAL_VERSION,
        table_name=table,
        columns=columns,
        row_keys=row_keys,
        digests=b"".join(by_key[row_key].present or DELETED for row_key in row_keys),
        writer=writer.facts(),
        queue_ids=[row.entry.id for row in rows],
        row_places=[by_key[row_key].newest_id for row_key in row_keys],
        recorded_at=at,
    )


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
