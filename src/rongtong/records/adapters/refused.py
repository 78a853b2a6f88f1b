"""Refused rows are kept word for word; the same row of the same file once."""

from __future__ import annotations

import pyarrow as pa
from django.db import connection

from rongtong.records.models import Batch


def keep_refused(batch: Batch, refused: pa.Table) -> None:
    """Write what was refused of a batch, in the transaction of the batch."""
    for start in range(0, refused.num_rows, 20_000):
        chunk = refused.slice(start, 20_000)
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO records_quarantine (id, batch_id, item, part, payload_digest, row_number, reason, "column",
                                                   verbatim, enterprise_id, recorded_at)
                   SELECT gen_random_uuid(), %(batch)s, %(item)s, %(part)s, %(digest)s, number, reason, left(place, 80),
                          verbatim, firm, %(at)s
                   FROM unnest(%(numbers)s::bigint[], %(reasons)s::text[], %(columns)s::text[], %(verbatim)s::text[],
                               %(firms)s::uuid[]) AS refused (number, reason, place, verbatim, firm)
                   ON CONFLICT (payload_digest, item, part, row_number) DO NOTHING""",
                {
                    "batch": batch.id,
                    "item": batch.item,
                    "part": batch.part,
                    "digest": batch.payload_digest,
                    "at": batch.recorded_at,
                    "numbers": chunk["row_number"].to_pylist(),
                    "reasons": chunk["reason"].to_pylist(),
                    "columns": chunk["column"].to_pylist(),
                    "verbatim": chunk["verbatim"].to_pylist(),
                    "firms": chunk["enterprise_id"].to_pylist(),
                },
            )
