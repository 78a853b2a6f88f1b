"""Judges raw rows in DuckDB, all at once: reads the values, finds what is wrong, and tells new rows from known ones."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from rongtong.records.contracts import RECORD_SCHEMAS, Rank
from rongtong.records.rules import (
    canonical_sql,
    counting_ranks,
    identity_sql,
    occurred_sql,
    reason_sql,
    row_id_sql,
    texts_sql,
    version_order_sql,
)
from rongtong.records.rules.casts import quoted, trimmed
from rongtong.sources.contracts import SOURCE_SCHEMAS, RawRows, SourceKind

_SQL_TYPES = {pa.string(): "VARCHAR", pa.int64(): "BIGINT", pa.date32(): "DATE"}


@dataclass(frozen=True, slots=True)
class Subject:
    """How a source names a firm, whose it is, and the consent under which its rows may be landed."""

    text: str
    enterprise_id: UUID
    consent_id: UUID
    range_from: date
    range_to: date
    generated: bool = False


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory that fetches nothing and spills to the system's temporary folder."""
    return duckdb.connect(
        config={
            "temp_directory": tempfile.gettempdir(),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "false",
        }
    )


class Judgement:
    """Raw rows after judging: `refused` with reasons, `firms` that have kept rows, and the kept rows inside."""

    def __init__(
        self, rows: RawRows, subjects: Sequence[Subject], *, not_after: date, tolerance_minor: int, rank: Rank
    ) -> None:
        self.kind: SourceKind = rows.kind
        self.rows_read = rows.count
        self.rank = rank
        self._database = connect()
        self._database.register("raw", rows.table)
        self._database.register("subjects", _subject_table(subjects))
        self._database.execute(_typed_sql(rows, tolerance_minor), {"not_after": not_after}).fetchall()
        key, content = identity_sql(self.kind)
        self._database.execute(
            f"CREATE TABLE kept AS SELECT *, {row_id_sql(rank)} AS row_id FROM (SELECT *, {content} AS content FROM"
            f" (SELECT * EXCLUDE (reason, r), {key} AS record_key FROM typed WHERE reason IS NULL))"
        ).fetchall()
        ((self.kept,),) = self._database.execute("SELECT count(*) FROM kept").fetchall()
        self.refused = pa.concat_tables(
            [
                self._database.sql(
                    "SELECT row_number, split_part(reason, ':', 1) AS reason, split_part(reason, ':', 2) AS \"column\","
                    " CAST(to_json(r) AS VARCHAR) AS verbatim, enterprise_id FROM typed WHERE reason IS NOT NULL"
                ).to_arrow_table(),
                self._database.from_arrow(rows.malformed)
                .query(
                    "malformed",
                    "SELECT row_number, reason, '' AS \"column\", CAST(to_json(verbatim) AS VARCHAR) AS verbatim,"
                    " CAST(NULL AS VARCHAR) AS enterprise_id FROM malformed",
                )
                .to_arrow_table(),
            ]
        ).sort_by("row_number")

    @property
    def firms(self) -> list[str]:
        found = self._database.execute("SELECT DISTINCT enterprise_id FROM kept ORDER BY 1").fetchall()
        return [firm for (firm,) in found]

    def refuse_contradictions(self, existing: pa.Table) -> None:
        """Refuse kept rows that would correct a fact in `existing`: of a sender whose word does not go above the source's."""
        self._register_known(existing)
        contradictions = self._database.sql(
            "SELECT row_number, 'contradicts_source' AS reason, '' AS \"column\", CAST(to_json(r) AS VARCHAR) AS verbatim,"
            " kept.enterprise_id FROM kept JOIN raw AS r USING (row_number)"
            " WHERE record_key IN (SELECT record_key FROM existing) AND row_id NOT IN (SELECT row_id FROM existing)"
            " AND content NOT IN (SELECT row_id FROM existing)"
        ).to_arrow_table()
        if contradictions.num_rows:
            self._database.register("contradictions", contradictions)
            self._database.execute(
                "DELETE FROM kept WHERE row_number IN (SELECT row_number FROM contradictions)"
            ).fetchall()
            self.kept -= contradictions.num_rows
            self.refused = pa.concat_tables([self.refused, contradictions]).sort_by("row_number")

    def new_rows(
        self, existing: pa.Table, *, batch_id: str, source: str, collected_at: datetime, at: datetime
    ) -> pa.Table:
        """The kept rows that are not in `existing` (row_id, record_key, version, rank), once each, as the record table takes them.

        A fact that is known in the same words is a duplicate, unless it counts only as it is stated now. Sorted by firm and day, so that one firm's rows lie together in the files.
        """
        self._register_known(existing)
        columns = ", ".join(quoted(name) for name in RECORD_SCHEMAS[self.kind].names)
        rows = self._database.sql(
            f"""WITH first AS (SELECT row_id, min(row_number) AS row_number FROM kept GROUP BY row_id),
                     fresh AS (SELECT kept.* FROM kept JOIN first USING (row_id, row_number)
                               WHERE row_id NOT IN (SELECT row_id FROM same) AND content NOT IN (SELECT row_id FROM same)),
                     known AS (SELECT record_key, max(version) AS known FROM existing GROUP BY record_key),
                     shared AS (SELECT record_key FROM fresh GROUP BY record_key HAVING count(*) > 1),
                     ordered AS (SELECT row_id, row_number() OVER (
                                   PARTITION BY record_key ORDER BY {version_order_sql(self.kind)}) AS place
                                 FROM fresh JOIN shared USING (record_key)),
                     landed AS (SELECT fresh.*, CAST(coalesce(known, 0) + coalesce(place, 1) AS INTEGER) AS version,
                                  $source AS source, $batch AS batch_id, $rank AS rank,
                                  CAST($collected AS TIMESTAMPTZ) AS collected_at, CAST($recorded AS TIMESTAMPTZ) AS recorded_at
                                FROM fresh LEFT JOIN known USING (record_key) LEFT JOIN ordered USING (row_id))
                SELECT {columns} FROM landed ORDER BY enterprise_id, occurred_date, row_number""",
            params={
                "source": source,
                "batch": batch_id,
                "rank": self.rank.value,
                "collected": collected_at,
                "recorded": at,
            },
        ).to_arrow_table()
        return rows.cast(RECORD_SCHEMAS[self.kind])

    def _register_known(self, existing: pa.Table) -> None:
        """What is landed already; `same` are the rows beside which a statement of equal words says nothing new."""
        self._database.register("existing", existing)
        counting = sorted(counting_ranks(self.kind, asserted=False))
        same = existing.filter(pc.is_in(existing["rank"], pa.array(counting, pa.string())))
        self._database.register("same", same if self.rank.value in counting else existing)

    def reasons(self) -> dict[str, int]:
        counted = self.refused["reason"].value_counts().to_pylist()
        return {one["values"]: one["counts"] for one in sorted(counted, key=lambda one: str(one["values"]))}

    def close(self) -> None:
        self._database.close()


def _typed_sql(rows: RawRows, tolerance_minor: int) -> str:
    single, joined = canonical_sql(rows.layout)
    columns = ", ".join(quoted(name) for name in SOURCE_SCHEMAS[rows.kind].names)
    given = {column.name for column in rows.layout}
    absent = "".join(
        f", CAST(NULL AS {_SQL_TYPES[column.type]}) AS {quoted(column.name)}"
        for column in SOURCE_SCHEMAS[rows.kind]
        if column.name not in given
    )
    corrected = ""
    if rows.kind is SourceKind.INVOICES:  # a negative invoice is a red one, whether or not the source says so
        corrected = " REPLACE (CASE WHEN status = 'valid' AND gross_fen < 0 THEN 'red' ELSE status END AS status)"
    raw_columns = [name for name in rows.table.column_names if name != "row_number"]
    marks, texts = texts_sql(rows.layout, rows.subject, raw_columns)
    reason = reason_sql(rows.kind, rows.layout, rows.subject, tolerance_minor=tolerance_minor)
    return f"""CREATE TABLE typed AS
        WITH marked AS (SELECT r, r.row_number AS row_number, {marks} FROM raw AS r),
             trimmed AS (SELECT *, {texts} FROM marked),
             cast_rows AS (
               SELECT trimmed.*, s.enterprise_id, s.consent_id, s.range_from, s.range_to, s.generated,
                      $not_after AS not_after, {single}{absent}
               FROM trimmed LEFT JOIN subjects AS s ON s.subject = {trimmed(rows.subject)}),
             joined_rows AS (SELECT *{corrected}{joined} FROM cast_rows),
             dated_rows AS (SELECT *, {occurred_sql(rows.kind)} AS occurred_date FROM joined_rows),
             judged AS (SELECT *, {reason} AS reason FROM dated_rows)
        SELECT row_number, enterprise_id, consent_id, generated, occurred_date, {columns}, reason,
               CASE WHEN reason IS NOT NULL THEN r END AS r FROM judged"""


def _subject_table(subjects: Sequence[Subject]) -> pa.Table:
    return pa.table(
        {
            "subject": pa.array([one.text for one in subjects], pa.string()),
            "enterprise_id": pa.array([str(one.enterprise_id) for one in subjects], pa.string()),
            "consent_id": pa.array([str(one.consent_id) for one in subjects], pa.string()),
            "range_from": pa.array([one.range_from for one in subjects], pa.date32()),
            "range_to": pa.array([one.range_to for one in subjects], pa.date32()),
            "generated": pa.array([one.generated for one in subjects], pa.bool_()),
        }
    )
