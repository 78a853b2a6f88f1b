"""Importing invoice files: every row counted, none lost, none twice, whatever the file."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongtong.attest import facade as attest
from rongtong.consent import facade as consent
from rongtong.consent.contracts import Paper
from rongtong.consent.models import Access, AssertedPaper
from rongtong.core.errors import RongtongError
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import Book, in_book
from rongtong.parties import facade as parties
from rongtong.records import facade as records
from rongtong.records.models import Batch, RefusedRow
from rongtong.sources.facade import ColumnsMissing, EnterpriseRowMalformed, FileEmpty, FileMissing, FileUnreadable
from tests.integration.records.conftest import AUTHORISATION


def line(number: int, firm: str = "E1", *, day: str = "2019-07-18", status: str = "有效发票", party: str = "B1") -> str:
    return f"{firm},{number},{day},{party},100.00,13.00,113.00,{status}"


def counts(report) -> tuple[int, int, int, int]:
    assert report.rows_read == report.landed + report.duplicates + report.quarantined
    return report.rows_read, report.landed, report.duplicates, report.quarantined


class TestImportInvoices:
    def test_registers_the_firms_and_lands_both_files(self, market) -> None:
        report = market.import_files([line(1), line(2, "E2")], [line(3)], firms=["E1,甲电器", "E2,乙贸易"])
        assert counts(report) == (3, 3, 0, 0)
        assert report.enterprises == 2
        assert parties.organisation(market.firm("E2")).name == "乙贸易"
        rows = market.read().table.to_pylist()
        assert {(row["direction"], row["invoice_no"], row["gross_fen"]) for row in rows} == {
            ("sale", "1", 11300),
            ("purchase", "3", 11300),
        }
        assert {row["source"] for row in rows} == {"file:invoices_cn"}
        assert not any(row["generated"] for row in rows)

    def test_lands_nothing_the_second_time(self, market) -> None:
        sales, firms = [line(number) for number in range(50)], ["E1,甲电器"]
        market.import_files([*sales, "E1,bad"], firms=firms)
        again = market.import_files([*sales, "E1,bad"], firms=firms, at=market.at + timedelta(days=1))
        assert counts(again) == (51, 0, 50, 1)
        assert market.read().table.num_rows == 50
        assert RefusedRow.objects.count() == 1
        assert Batch.objects.filter(part="sale").count() == 2

    def test_lands_only_what_is_new_in_a_longer_file(self, market) -> None:
        market.import_files([line(1)])
        assert counts(market.import_files([line(1), line(2)])) == (2, 1, 1, 0)

    def test_lands_a_correction_as_the_next_version(self, market) -> None:
        market.import_files([line(1)])
        assert counts(market.import_files([line(1, status="作废发票")])) == (1, 1, 0, 0)
        (row,) = market.read().table.to_pylist()
        assert (row["status"], row["version"]) == ("void", 2)

    def test_makes_firms_of_all_codes_where_no_file_names_them(self, market) -> None:
        report = market.import_files([line(1, "E7")], [line(2, " E8 ")])
        assert report.enterprises == 2
        assert parties.organisation(market.firm("E8")).name == "E8"

    def test_takes_a_code_that_is_a_uscc_as_one(self, market) -> None:
        market.import_files([line(1, "91330282500517241R")])
        assert parties.by_identifier(scheme="uscc", values=["91330282500517241R"])

    def test_quarantines_rows_of_firms_that_the_file_of_firms_does_not_name(self, market) -> None:
        report = market.import_files([line(1), line(2, "E9")], firms=["E1,甲电器"])
        assert counts(report) == (2, 1, 0, 1)
        assert report.reasons == {"enterprise_unknown": 1}

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
    def test_reads_every_encoding(self, market, encoding: str) -> None:
        assert counts(market.import_files([line(1, party="杭州乙贸易")], encoding=encoding)) == (1, 1, 0, 0)
        assert market.read().table["counterparty_name"].to_pylist() == ["杭州乙贸易"]

    def test_keeps_sql_and_html_as_text_and_never_runs_or_loses_it(self, market) -> None:
        name = "<script>alert(1)</script>'; DROP TABLE records_batch;--"
        report = market.import_files([line(1, party=name)], firms=[f"E1,{name}"])
        assert counts(report) == (1, 1, 0, 0)
        assert market.read().table["counterparty_name"].to_pylist() == [name]
        assert Batch.objects.exists()

    def test_never_lands_a_rating_or_an_outcome(self, market) -> None:
        firms = market.write("e.csv", ["E1,甲,A,1"], header="enterprise,name,rating,default")
        records.import_invoices(
            sales=market.write("s.csv", [line(1)]),
            purchases=market.write("p.csv", []),
            enterprises=firms,
            authorisation="x",
            actor=market.actor,
            at=market.at,
        )
        with in_book(Book.EVALUATION):
            read = market.read()
        assert {"rating", "default"}.isdisjoint(read.table.column_names)

    def test_remembers_who_brought_which_file_when(self, market) -> None:
        market.import_files([line(1), "torn"])
        batch = Batch.objects.get(part="sale")
        assert (batch.name, batch.actor_id, batch.recorded_at, batch.state) == (
            "sales.csv",
            "test",
            market.at,
            "landed",
        )
        assert len(batch.payload_digest) == 64
        assert batch.reasons == {"row_too_short": 1}
        assert records.batches().items[0].rows_read in {0, 2}

    def test_asks_the_database_as_often_for_many_firms_as_for_few(self, market, django_assert_max_num_queries) -> None:
        with django_assert_max_num_queries(120):
            market.assert_only([line(number, f"E{number}") for number in range(300)])


class TestNothingIsLost:
    FAULTS = (
        "E1,bad",
        'E1,"9',
        line(5, day="2019-02-30"),
        line(6, status="?"),
        line(7, "E\x00"),
        line(8, day="2031-01-01"),
    )

    @given(
        st.lists(st.sampled_from([*FAULTS, line(1), line(2), line(2, status="作废发票"), line(3, "E2")]), max_size=40)
    )
    @settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_every_row_read_is_landed_a_duplicate_or_quarantined_with_its_words(self, market, lines: list[str]) -> None:
        before = RefusedRow.objects.count()
        report = market.import_files(lines, lines[::2])
        assert counts(report)[0] == len(lines) + len(lines[::2])
        assert RefusedRow.objects.count() - before <= report.quarantined

    def test_the_quarantine_keeps_each_refused_row_word_for_word(self, market) -> None:
        market.import_files([line(1), *self.FAULTS])
        kept = {row.row_number: (row.reason, json.loads(row.verbatim)) for row in RefusedRow.objects.all()}
        assert {number: reason for number, (reason, _) in kept.items()} == {
            2: "row_too_short",
            3: "quote_unclosed",
            4: "date_unreadable",
            5: "code_unknown",
            6: "control_character",
            7: "date_in_future",
        }
        assert kept[2][1] == "E1,bad"
        assert kept[3][1] == 'E1,"9'
        assert kept[4][1]["date"] == "2019-02-30"
        assert kept[6][1]["enterprise"] == "E\x00"

    def test_the_quarantine_copes_with_a_file_that_is_wrong_from_end_to_end(self, market) -> None:
        report = market.import_files([line(number, day="never") for number in range(30_000)])
        assert counts(report) == (30_000, 0, 0, 30_000)
        assert RefusedRow.objects.count() == 30_000


class TestAuthorisation:
    """An import states what its importer says; it gives nobody's consent."""

    def test_is_asserted_and_no_consent_of_anybody(self, market) -> None:
        market.assert_only([line(1), line(2, "E2")])
        assert not consent.consents_of(enterprise_id=market.firm("E2"), at=market.at)
        (one,) = consent.assertions_of(enterprise_id=market.firm("E2"))
        assert (one.text, one.asserted_by, one.checked_by) == (AUTHORISATION, market.actor.name, "")
        assert one.items == ("invoices", "portrait")
        for reader in (market.platform.id, market.lender.id):
            with pytest.raises(consent.ConsentMissing):
                market.read(reader=reader)

    def test_lets_an_evaluation_read_as_the_platform_and_says_so_in_the_log(self, market) -> None:
        market.assert_only([line(1)])
        with in_book(Book.EVALUATION):
            read = market.read(reader=market.lender.id)
        assert read.table.num_rows == 1
        (claim,) = consent.assertions_of(enterprise_id=market.firm())
        assert read.consents[market.firm()] == claim.id
        assert {UUID(one) for one in read.table["consent_id"].to_pylist()} == {claim.id}
        (access,) = Access.objects.filter(refusal="", enterprise_id=market.firm())
        assert (access.reader_id, access.assertion_id, access.authorisation_id) == (market.platform.id, claim.id, None)

    def test_ends_with_its_term_for_evaluations_too(self, market) -> None:
        market.at -= timedelta(days=5000)
        records.import_invoices(
            sales=market.write("s.csv", [line(1, day="2012-01-05")]),
            purchases=market.write("p.csv", []),
            enterprises=None,
            authorisation="x",
            actor=market.actor,
            at=market.at,
        )
        with in_book(Book.EVALUATION), pytest.raises(consent.ConsentMissing):
            market.read()

    def test_is_kept_once_however_often_the_file_comes_and_again_with_other_words(self, market) -> None:
        for text in ("甲", "甲", "乙"):
            market.assert_only([line(1)], text=text)
        assert [one.text for one in consent.assertions_of(enterprise_id=market.firm())] == ["乙", "甲"]

    def test_keeps_the_paper_with_its_digest_and_is_in_the_log(self, market) -> None:
        for _again in range(2):
            records.import_invoices(
                sales=market.write("s.csv", [line(1)]),
                purchases=market.write("p.csv", []),
                enterprises=None,
                authorisation="纸质授权书第12号",
                paper=Paper("scan.pdf", b"%PDF scan"),
                asserted_by="王敏",
                checked_by="李强",
                actor=market.actor,
                at=market.at,
            )
        (one,) = consent.assertions_of(enterprise_id=market.firm())
        assert (one.asserted_by, one.checked_by, one.paper_name) == ("王敏", "李强", "scan.pdf")
        assert one.paper_digest == hashlib.sha256(b"%PDF scan").hexdigest()
        assert AssertedPaper.objects.get().content == b"%PDF scan"
        (step,) = attest.steps_of_subject(encode_id("asn", one.id))
        assert step.step.kind == "consent.asserted"
        attest.sequence(at=market.at)
        assert attest.verify_log().first_bad is None

    @pytest.mark.parametrize("text", ["", "  \n", "\x00"])
    def test_that_says_nothing_is_refused(self, market, text: str) -> None:
        with pytest.raises(records.AuthorisationMissing):
            market.import_files([line(1)], text=text)


class TestRefusedFiles:
    """Either everything that can be used is landed, or nothing was written at all."""

    def refused(self, market, error: type[RongtongError], **files) -> None:
        chosen = {
            "sales": market.write("s.csv", [line(1)]),
            "purchases": market.write("p.csv", []),
            "enterprises": None,
        }
        with pytest.raises(error) as caught:
            records.import_invoices(**chosen | files, authorisation="x", actor=market.actor, at=market.at)
        for language in ("en", "zh-hans"):
            with translation.override(language):
                assert "%(" not in str(caught.value)
                assert "Traceback" not in str(caught.value)
        assert not Batch.objects.exists()
        assert not parties.by_identifier(scheme="invoices_cn", values=["E1"])

    def test_name_a_file_that_is_missing(self, market, tmp_path) -> None:
        self.refused(market, FileMissing, purchases=tmp_path / "none.csv")

    def test_name_a_file_that_is_empty(self, market, tmp_path) -> None:
        (tmp_path / "empty.csv").touch()
        self.refused(market, FileEmpty, sales=tmp_path / "empty.csv")

    def test_name_the_columns_that_are_missing(self, market) -> None:
        self.refused(market, ColumnsMissing, sales=market.write("w.csv", [], header="enterprise,total"))

    def test_name_the_row_of_a_firm_without_a_name(self, market) -> None:
        firms = market.write("e.csv", ["E1,"], header="enterprise,name")
        self.refused(market, EnterpriseRowMalformed, enterprises=firms)

    def test_refuse_a_code_that_is_another_firm_already(self, market) -> None:
        market.import_files([line(1)], firms=["E1,甲电器"])
        with pytest.raises(records.EnterpriseNameDiffers):
            market.import_files([line(2)], firms=["E1,乙贸易"])
        assert market.read().table.num_rows == 1

    def test_tell_facts_that_any_program_can_read(self, market, tmp_path) -> None:
        with pytest.raises(FileUnreadable) as caught:
            records.import_invoices(
                sales=tmp_path,
                purchases=tmp_path,
                enterprises=None,
                authorisation="x",
                actor=market.actor,
                at=market.at,
            )
        assert json.dumps(caught.value.facts)
