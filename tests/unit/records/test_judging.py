"""Judging rows: exact values, one stable reason for each fault, and every row in exactly one place."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongtong.records.adapters.judge import Judgement, Subject
from rongtong.records.contracts import RECORD_SCHEMAS, Rank
from rongtong.sources.contracts import MALFORMED, Cast, Column, RawRows, SourceKind
from rongtong.sources.facade import parse

FIRM, CONSENT = UUID(int=1), UUID(int=2)
AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
NAMES = ("enterprise", "invoice_no", "date", "counterparty", "amount", "tax", "total", "status")
GOOD = ("E1", "3390940", "2017-07-18", "B00297", "943.40", "56.60", "1000.00", "有效发票")
KNOWN = RECORD_SCHEMAS[SourceKind.INVOICES].empty_table().select(["row_id", "record_key", "version", "rank"])


def invoices(*rows: tuple[str | None, ...], malformed: pa.Table | None = None) -> RawRows:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(NAMES)
    table = pa.table(
        {"row_number": pa.array(range(1, len(rows) + 1), pa.int64())}
        | {name: pa.array(column, pa.string()) for name, column in zip(NAMES, columns, strict=True)}
    )
    layout = (
        Column("direction", "sale", Cast.CONSTANT),
        Column("invoice_no", "invoice_no"),
        Column("issued_date", "date", Cast.DAY),
        Column("counterparty_id", "counterparty"),
        Column("counterparty_name", "counterparty"),
        Column("net_fen", "amount", Cast.FEN),
        Column("tax_fen", "tax", Cast.FEN),
        Column("gross_fen", "total", Cast.FEN),
        Column("status", "status", Cast.CODE, codes={"有效发票": "valid", "作废发票": "void"}),
        Column("invoice_key", "invoice_no issued_date gross_fen", Cast.JOINED),
    )
    return RawRows(SourceKind.INVOICES, table, malformed or MALFORMED.empty_table(), layout, "enterprise")


def changed(**values: str | None) -> tuple[str | None, ...]:
    return tuple(values.get(name, good) for name, good in zip(NAMES, GOOD, strict=True))


def judge(rows: RawRows, *, first: date = date(2010, 1, 1), last: date = date(2027, 1, 1)) -> Judgement:
    subjects = [Subject("E1", FIRM, CONSENT, first, last), Subject("91330282500517241R", FIRM, CONSENT, first, last)]
    return Judgement(rows, subjects, not_after=date(2026, 11, 2), tolerance_minor=1, rank=Rank.AUTHORITY)


def landed(judgement: Judgement, known: pa.Table = KNOWN) -> list[dict[str, object]]:
    return judgement.new_rows(known, batch_id="b", source="test", collected_at=AT, at=AT).to_pylist()


class TestValues:
    def test_come_out_exact_to_the_fen(self) -> None:
        (row,) = landed(judge(invoices(GOOD)))
        assert (row["net_fen"], row["tax_fen"], row["gross_fen"]) == (94340, 5660, 100000)
        assert (row["issued_date"], row["status"], row["direction"]) == (date(2017, 7, 18), "valid", "sale")
        assert row["invoice_key"] == "3390940|2017-07-18|100000"
        assert (row["enterprise_id"], row["consent_id"], row["version"]) == (str(FIRM), str(CONSENT), 1)

    @pytest.mark.parametrize(
        "text",
        [
            "2017-07-18",
            "2017-07-18 00:00:00",
            "2017-07-17T16:00:00Z",
            "2017-07-17 16:00:00.000+00:00",
            "2017-07-18T00:00:00+08:00",
            "2017-07-18T08:00:00",
            "2017/7/18",
            "2017/07/18",
            "20170718",
            "2017年7月18日",
            " 2017-07-18\u3000",
        ],
    )
    def test_take_every_usual_form_of_a_day(self, text: str) -> None:
        assert landed(judge(invoices(changed(date=text))))[0]["issued_date"] == date(2017, 7, 18)

    @pytest.mark.parametrize(
        "text", ["1000", "1000.0", "1,000.00", "+1000.00", " 1000.00\t", "1e3", "1000.000000000001", "999.99999999"]
    )
    def test_take_every_usual_form_of_an_amount(self, text: str) -> None:
        assert landed(judge(invoices(changed(total=text))))[0]["gross_fen"] == 100000

    @given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=2), min_size=1, max_size=60))
    @settings(max_examples=12, deadline=None)
    def test_of_any_amounts_are_their_fen(self, amounts: list[Decimal]) -> None:
        rows = [changed(invoice_no=str(n), amount=str(one), tax="0", total=str(one)) for n, one in enumerate(amounts)]
        fen = {row["invoice_no"]: row["gross_fen"] for row in landed(judge(invoices(*rows)))}
        assert fen == {str(number): int(amount * 100) for number, amount in enumerate(amounts)}

    def test_trim_stray_spaces_of_a_status(self) -> None:
        assert landed(judge(invoices(changed(status=" 作废发票"))))[0]["status"] == "void"

    def test_make_a_negative_valid_invoice_a_red_one(self) -> None:
        row = changed(amount="-943.40", tax="-56.60", total="-1000.00")
        assert landed(judge(invoices(row)))[0]["status"] == "red"

    def test_keep_sql_and_html_as_the_text_that_they_are(self) -> None:
        name = "<script>alert(1)</script>'; DROP TABLE records_batch;--"
        assert landed(judge(invoices(changed(counterparty=name))))[0]["counterparty_name"] == name


FAULTS = {
    "digits_lost": changed(invoice_no="2.6322E+19"),
    "digits_lost/of the firm": changed(enterprise="9.144030019220382e+17"),
    "digits_lost/of the other party": changed(counterparty="9E17"),
    "value_missing": changed(invoice_no="  "),
    "value_missing/counterparty": changed(counterparty=None),
    "date_unreadable": changed(date="2017-02-30"),
    "date_unreadable/text": changed(date="yesterday"),
    "date_in_future": changed(date="2031-01-01"),
    "date_too_old": changed(date="1901-01-01"),
    "amount_unreadable": changed(amount="12.3.4"),
    "amount_unreadable/thirds": changed(total="1000.005"),
    "amount_unreadable/infinite": changed(tax="inf"),
    "amount_unreadable/beyond": changed(amount="1e30"),
    "amounts_disagree": changed(tax="56.00"),
    "code_unknown": changed(status="maybe"),
    "control_character": changed(counterparty="B1\x00"),
    "text_damaged": changed(counterparty="B\ufffd"),
    "text_too_long": changed(counterparty="长" * 1001),
    "enterprise_unknown": changed(enterprise="E999"),
    "enterprise_missing": changed(enterprise=""),
    "outside_consent_range": changed(date="2009-12-31"),
}


class TestRefusals:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_name_each_fault_by_a_stable_code(self, fault: str) -> None:
        judgement = judge(invoices(GOOD, FAULTS[fault]))
        assert judgement.reasons() == {fault.split("/", maxsplit=1)[0]: 1}
        assert judgement.kept == 1

    def test_keep_each_row_word_for_word(self) -> None:
        row = changed(amount="' OR 1=1", counterparty="\x00<b>")
        (refused,) = judge(invoices(row)).refused.to_pylist()
        assert json.loads(refused["verbatim"]) == {"row_number": 1} | dict(zip(NAMES, row, strict=True))

    def test_name_the_column(self) -> None:
        (refused,) = judge(invoices(changed(tax="x"))).refused.to_pylist()
        assert (refused["reason"], refused["column"]) == ("amount_unreadable", "tax")

    def test_take_over_what_could_not_be_split(self) -> None:
        torn = pa.table([[7], ["row_too_short"], ['a"b']], schema=MALFORMED)
        (refused,) = judge(invoices(malformed=torn)).refused.to_pylist()
        assert (refused["row_number"], refused["reason"], json.loads(refused["verbatim"])) == (
            7,
            "row_too_short",
            'a"b',
        )

    def test_find_every_planted_fault_and_nothing_else(self) -> None:
        good = [changed(invoice_no=str(number)) for number in range(500)]
        planted = [row for row in FAULTS.values() for _ in range(20)]
        judgement = judge(invoices(*good, *planted))
        assert judgement.kept == 500
        assert judgement.refused["row_number"].to_pylist() == list(range(501, 501 + len(planted)))


class TestDuplicatesAndCorrections:
    def test_a_row_twice_in_a_file_lands_once(self) -> None:
        judgement = judge(invoices(GOOD, GOOD, changed(invoice_no=" 3390940 ")))
        assert judgement.kept == 3
        assert len(landed(judgement)) == 1

    def test_a_known_row_does_not_land_again(self) -> None:
        first = judge(invoices(GOOD)).new_rows(KNOWN, batch_id="b", source="t", collected_at=AT, at=AT)
        assert landed(judge(invoices(GOOD)), first.select(KNOWN.column_names)) == []

    def test_other_content_of_the_same_invoice_is_its_next_version(self) -> None:
        first = judge(invoices(GOOD)).new_rows(KNOWN, batch_id="b", source="t", collected_at=AT, at=AT)
        (row,) = landed(judge(invoices(changed(status="作废发票"))), first.select(KNOWN.column_names))
        assert (row["version"], row["record_key"]) == (2, first["record_key"][0].as_py())
        assert row["row_id"] != first["row_id"][0].as_py()

    @pytest.mark.parametrize("order", [1, -1])
    def test_void_is_the_last_word_on_an_invoice_wherever_it_stands_in_a_file(self, order: int) -> None:
        rows = landed(judge(invoices(*[GOOD, changed(status="作废发票")][::order])))
        assert {row["status"]: row["version"] for row in rows} == {"valid": 1, "void": 2}

    @pytest.mark.parametrize(
        "other", [{"date": "2019-07-18"}, {"amount": "0", "tax": "0", "total": "0"}, {"invoice_no": "3390941"}]
    )
    def test_a_number_that_comes_round_again_is_another_invoice(self, other: dict[str, str]) -> None:
        rows = landed(judge(invoices(GOOD, changed(**other))))
        assert [row["version"] for row in rows] == [1, 1]

    def test_separators_in_values_make_no_two_rows_alike(self) -> None:
        rows = landed(judge(invoices(changed(invoice_no="1|2017-07-18"), changed(invoice_no="1"))))
        assert len({row["record_key"] for row in rows}) == 2

    @given(
        st.lists(
            st.sampled_from([GOOD, *FAULTS.values(), changed(status="作废发票"), changed(invoice_no="9")]), max_size=25
        )
    )
    @settings(max_examples=12, deadline=None)
    def test_every_row_read_is_landed_a_duplicate_or_refused(self, rows: list[tuple[str | None, ...]]) -> None:
        judgement = judge(invoices(*rows))
        distinct = {row for row in rows if row not in FAULTS.values()}
        assert len(landed(judgement)) == len(distinct)
        assert judgement.kept + judgement.refused.num_rows == len(rows) == judgement.rows_read


class TestOtherKinds:
    def test_a_declaration_counts_from_the_day_it_was_filed_or_due(self) -> None:
        filed = {
            "periodMonth": "2026-02",
            "taxType": "vat",
            "declaredSales": "1.00",
            "taxDue": "0.10",
            "taxPaid": "0.10",
            "lateFee": "0.00",
        }
        filed |= {"dueDate": "2026-03-15", "filedDate": "2026-03-11", "paidDate": None}
        payload = json.dumps({"subjects": [{"uscc": "91330282500517241R", "declarations": [filed]}]}).encode()
        judgement = judge(parse(SourceKind.TAX, payload, frozenset()))
        (row,) = landed(judgement, KNOWN)
        assert (row["period_month"], row["occurred_date"]) == (date(2026, 2, 1), date(2026, 3, 11))

    def test_energy_is_whole_watt_hours_and_parts_do_not_exceed_the_whole(self) -> None:
        header = "统一社会信用代码,抄表日期,用电量(千瓦时),峰段电量(千瓦时),谷段电量(千瓦时),欠费金额(元)"
        payload = f"{header}\n91330282500517241R,2026-01-02,12.345,6.000,2.000,0.00\n91330282500517241R,2026-01-03,5,4,2,0\n".encode()
        judgement = judge(parse(SourceKind.ELECTRICITY, payload, frozenset()))
        (row,) = landed(judgement, KNOWN)
        assert (row["energy_wh"], row["peak_wh"]) == (12345, 6000)
        assert judgement.reasons() == {"parts_exceed_total": 1}

    def test_a_founding_before_the_authorised_span_is_not_refused(self) -> None:
        change = {
            "date": "1999-05-04",
            "type": "established",
            "before": "",
            "after": "甲",
            "registeredCapital": None,
            "paidInCapital": None,
        }
        payload = json.dumps({"subjects": [{"uscc": "91330282500517241R", "changes": [change]}]}).encode()
        (row,) = landed(judge(parse(SourceKind.REGISTRATION, payload, frozenset())), KNOWN)
        assert (row["before"], row["registered_capital_fen"]) == ("", None)
