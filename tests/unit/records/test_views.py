"""The view as of a date: later records and later facts are not told, corrections are."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from rongtong.records.contracts import RECORD_SCHEMAS
from rongtong.records.rules import view, view_needs
from rongtong.sources.contracts import SourceKind

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
NAMES = ("record_key", "status", "gross_fen")


def invoice(
    key: str, *, day: date = date(2020, 1, 1), version: int = 1, status: str = "valid", recorded: datetime = EARLY
):
    return {
        "row_id": f"{key}{version}",
        "record_key": key,
        "version": version,
        "enterprise_id": "e",
        "occurred_date": day,
        "recorded_at": recorded,
        "status": status,
        "gross_fen": 100,
    }


def table(kind: SourceKind, rows: list[dict[str, object]], names: tuple[str, ...]) -> pa.Table:
    schema = pa.schema([RECORD_SCHEMAS[kind].field(name) for name in view_needs(kind, names)])
    return pa.Table.from_pylist(rows, schema=pa.schema([field.with_nullable(True) for field in schema]))


def invoices_as_of(rows: list[dict[str, object]], as_of: date, known_at: datetime | None = None):
    landed = table(SourceKind.INVOICES, rows, NAMES)
    return view(SourceKind.INVOICES, landed, NAMES, as_of=as_of, known_at=known_at).to_pylist()


class TestView:
    def test_counts_what_occurred_on_the_day_and_nothing_after_it(self) -> None:
        rows = [invoice("a", day=date(2020, 3, 1)), invoice("b", day=date(2020, 3, 2))]
        assert [row["record_key"] for row in invoices_as_of(rows, date(2020, 3, 1))] == ["a"]

    def test_takes_the_latest_version_of_each_fact(self) -> None:
        rows = [invoice("a"), invoice("a", version=2, status="void"), invoice("b")]
        assert [(row["record_key"], row["status"]) for row in invoices_as_of(rows, date(2021, 1, 1))] == [
            ("a", "void"),
            ("b", "valid"),
        ]

    def test_sees_with_the_eyes_of_an_earlier_moment(self) -> None:
        rows = [invoice("a"), invoice("a", version=2, status="void", recorded=LATE)]
        assert [row["status"] for row in invoices_as_of(rows, date(2021, 1, 1), EARLY)] == ["valid"]
        assert [row["status"] for row in invoices_as_of(rows, date(2021, 1, 1), LATE)] == ["void"]

    def test_a_correction_may_move_a_fact_behind_the_day(self) -> None:
        rows = [invoice("a", day=date(2020, 1, 1)), invoice("a", day=date(2020, 5, 1), version=2)]
        assert invoices_as_of(rows, date(2020, 3, 1)) == []

    @given(
        st.permutations(
            [invoice("a"), invoice("a", version=2, status="void"), invoice("b"), invoice("c", day=date(2020, 2, 1))]
        )
    )
    def test_gives_the_same_bytes_in_whatever_order_files_are_read(self, rows: list[dict[str, object]]) -> None:
        assert [row["record_key"] for row in invoices_as_of(rows, date(2021, 1, 1))] == ["a", "b", "c"]


class TestWhatHappensLater:
    NAMES = ("declared_sales_fen", "tax_paid_fen", "late_fee_fen", "filed_date", "paid_date")

    def declaration(self, as_of: date) -> dict[str, object]:
        row = {
            "row_id": "r",
            "record_key": "k",
            "version": 1,
            "enterprise_id": "e",
            "occurred_date": date(2026, 3, 15),
            "recorded_at": EARLY,
            "declared_sales_fen": 500,
            "tax_due_fen": 50,
            "tax_paid_fen": 50,
            "late_fee_fen": 3,
            "filed_date": date(2026, 4, 1),
            "paid_date": date(2026, 5, 1),
        }
        (seen,) = view(SourceKind.TAX, table(SourceKind.TAX, [row], self.NAMES), self.NAMES, as_of=as_of).to_pylist()
        return seen

    def test_is_unknown_before(self) -> None:
        seen = self.declaration(date(2026, 3, 20))
        assert seen == {
            "declared_sales_fen": 0,
            "tax_paid_fen": 0,
            "late_fee_fen": 0,
            "filed_date": None,
            "paid_date": None,
        }

    def test_is_known_step_by_step(self) -> None:
        seen = self.declaration(date(2026, 4, 20))
        assert (seen["declared_sales_fen"], seen["filed_date"]) == (500, date(2026, 4, 1))
        assert (seen["tax_paid_fen"], seen["paid_date"]) == (0, None)

    def test_is_known_in_the_end(self) -> None:
        seen = self.declaration(date(2026, 5, 1))
        assert (seen["tax_paid_fen"], seen["late_fee_fen"], seen["paid_date"]) == (50, 3, date(2026, 5, 1))
