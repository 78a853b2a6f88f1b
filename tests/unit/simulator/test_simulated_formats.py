"""What the sources serve is what docs/reference/simulated-sources.md promises, to the element and the fen."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import pyarrow.parquet as pq
import pytest
from lxml import etree

from rongtong.simulator.contracts import RegionSummary
from rongtong.simulator.facade import enterprise_drafts, truth
from rongtong.simulator.server.app import KINDS, Answer, Application
from rongtong.simulator.server.store import Region

TOKEN = "token-of-tests"
CAMT = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}
RECEIPT = "0f" * 32


@pytest.fixture(scope="module")
def application(region: RegionSummary) -> Application:
    return Application(Region(region.folder), TOKEN)


@pytest.fixture(scope="module")
def codes(region: RegionSummary) -> list[str]:
    return [one.uscc for one in enterprise_drafts(region.folder)]


def ask(application: Application, kind: str, body: Any, token: str = TOKEN) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return application.answer("POST", f"/sources/{kind}", f"Bearer {token}", lambda: raw)


def collect(application: Application, kind: str, subjects: list[str], since: str, until: str) -> bytes:
    request = {
        "subjects": subjects,
        "since": since,
        "until": until,
        "consent_receipts": dict.fromkeys(subjects, RECEIPT),
    }
    answer = ask(application, kind, request)
    assert answer.status == 200, b"".join(answer.body)
    return b"".join(answer.body)


def invoice_documents(body: bytes) -> list[etree._Element]:
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert archive.testzip() is None
    return [etree.fromstring(archive.read(name)) for name in archive.namelist()]


class TestInvoices:
    def test_each_document_adds_up_and_names_a_subject(self, application: Application, codes: list[str]) -> None:
        documents = invoice_documents(collect(application, "invoices", codes[:5], "2026-01-01", "2026-03-31"))
        assert len(documents) > 100
        numbers = set()
        for one in documents:
            number = one.findtext("Header/EIid")
            numbers.add(number)
            assert number == one.findtext("TaxSupervisionInfo/InvoiceNumber")
            assert len(number) == 20
            basic = "EInvoiceData/BasicInformation/"
            net, tax = Decimal(one.findtext(basic + "TotalAmWithoutTax")), Decimal(one.findtext(basic + "TotalTaxAm"))
            assert net + tax == Decimal(one.findtext(basic + "TotalTax-includedAmount"))
            line = "EInvoiceData/IssuItemInformation/"
            assert Decimal(one.findtext(line + "Amount")) == net
            assert abs(net * Decimal(one.findtext(line + "TaxRate")) - tax) <= Decimal("0.06")
            parties = {one.findtext(f"EInvoiceData/{side}Information/{side}IdNum") for side in ("Seller", "Buyer")}
            assert parties & set(codes[:5])
            assert "2026-01-01" <= one.findtext("TaxSupervisionInfo/IssueTime") <= "2026-03-31"
            assert one.findtext(basic + "RequestTime").startswith(one.findtext("TaxSupervisionInfo/IssueTime"))
            assert "模拟" in one.findtext("EInvoiceData/AdditionalInformation/Remark")
        assert len(numbers) == len(documents)

    def test_red_ones_are_negative_and_name_the_blue_one(self, application: Application, codes: list[str]) -> None:
        documents = invoice_documents(collect(application, "invoices", codes[:40], "2024-07-01", "2026-06-30"))
        by_number = {one.findtext("Header/EIid"): one for one in documents}
        red = [one for one in documents if one.findtext("Header/InherentLabel/InIssuType/LabelCode") == "N"]
        assert len(red) > 20
        for one in red:
            blue = by_number[one.findtext("EInvoiceData/SpecificInformation/RedEInvoice/OriginalInvoiceCode")]
            assert Decimal(one.findtext("EInvoiceData/BasicInformation/TotalAmWithoutTax")) < 0
            assert one.find("EInvoiceData/IssuItemInformation/Quantity") is None
            assert one.findtext("EInvoiceData/SellerInformation/SellerIdNum") == blue.findtext(
                "EInvoiceData/SellerInformation/SellerIdNum"
            )

    def test_both_sides_of_a_link_see_the_same_invoice(self, application: Application, codes: list[str]) -> None:
        every = invoice_documents(collect(application, "invoices", codes[:50], "2026-05-01", "2026-05-31"))
        pairs = [
            (
                one.findtext("EInvoiceData/SellerInformation/SellerIdNum"),
                one.findtext("EInvoiceData/BuyerInformation/BuyerIdNum"),
            )
            for one in every
        ]
        seller, buyer = next(pair for pair in pairs if set(pair) <= set(codes[:50]))
        sold, bought = (
            {
                etree.tostring(one)
                for one in invoice_documents(collect(application, "invoices", [code], "2026-05-01", "2026-05-31"))
            }
            for code in (seller, buyer)
        )
        assert sold & bought

    def test_an_empty_window_is_an_empty_archive(self, application: Application, codes: list[str]) -> None:
        assert invoice_documents(collect(application, "invoices", codes[:3], "2010-01-01", "2010-12-31")) == []


class TestBankFlows:
    def statements(self, body: bytes) -> dict[str, etree._Element]:
        root = etree.fromstring(body)
        assert root.tag == f"{{{CAMT['c']}}}Document"
        found = root.findall("c:BkToCstmrStmt/c:Stmt", CAMT)
        return {one.findtext("c:Acct/c:Ownr/c:Id/c:OrgId/c:Othr/c:Id", namespaces=CAMT): one for one in found}

    def balance(self, statement: etree._Element, kind: str) -> Decimal:
        for one in statement.findall("c:Bal", CAMT):
            if one.findtext("c:Tp/c:CdOrPrtry/c:Cd", namespaces=CAMT) == kind:
                sign = 1 if one.findtext("c:CdtDbtInd", namespaces=CAMT) == "CRDT" else -1
                return sign * Decimal(one.findtext("c:Amt", namespaces=CAMT))
        raise AssertionError(kind)

    def movement(self, statement: etree._Element) -> Decimal:
        total = Decimal(0)
        for one in statement.findall("c:Ntry", CAMT):
            sign = 1 if one.findtext("c:CdtDbtInd", namespaces=CAMT) == "CRDT" else -1
            total += sign * Decimal(one.findtext("c:Amt", namespaces=CAMT))
        return total

    def test_opening_plus_entries_is_closing(self, application: Application, codes: list[str]) -> None:
        found = self.statements(collect(application, "bank_flows", codes[:20], "2026-02-11", "2026-05-20"))
        assert len(found) == 20
        for one in found.values():
            assert self.balance(one, "OPBD") + self.movement(one) == self.balance(one, "CLBD")
            moments = [entry.findtext("c:BookgDt/c:DtTm", namespaces=CAMT) for entry in one.findall("c:Ntry", CAMT)]
            assert moments == sorted(moments)
            assert int(one.findtext("c:TxsSummry/c:TtlNtries/c:NbOfNtries", namespaces=CAMT)) == len(moments)
            assert len(one.findtext("c:Id", namespaces=CAMT)) <= 35

    def test_windows_join_without_a_gap(self, application: Application, codes: list[str]) -> None:
        day, closing = date(2026, 1, 20), None
        for _ in range(12):
            until = day + timedelta(days=8)
            found = self.statements(collect(application, "bank_flows", codes[:5], day.isoformat(), until.isoformat()))
            if closing is not None:
                opening = {code: self.balance(one, "OPBD") for code, one in found.items()}
                assert {code: opening[code] for code in closing} == closing
            closing = {code: self.balance(one, "CLBD") for code, one in found.items()}
            day = until + timedelta(days=1)

    @pytest.mark.parametrize(
        ("since", "until"), [("2001-01-01", "2040-01-01"), ("2035-01-01", "2035-02-01"), ("2026-07-01", "2026-07-01")]
    )
    def test_windows_beyond_the_data_are_answered(
        self, application: Application, codes: list[str], since: str, until: str
    ) -> None:
        for one in self.statements(collect(application, "bank_flows", codes[:4], since, until)).values():
            assert self.balance(one, "OPBD") + self.movement(one) == self.balance(one, "CLBD")

    def test_the_last_balance_holds_after_the_data_ends(self, application: Application, codes: list[str]) -> None:
        whole = self.statements(collect(application, "bank_flows", codes[:4], "2024-07-01", "2026-12-31"))
        later = self.statements(collect(application, "bank_flows", codes[:4], "2035-01-01", "2035-02-01"))
        assert {code: self.balance(one, "CLBD") for code, one in whole.items()} == {
            code: self.balance(one, "OPBD") for code, one in later.items()
        }

    def test_entry_references_are_distinct_and_stable(self, application: Application, codes: list[str]) -> None:
        def references(since: str) -> list[str]:
            root = etree.fromstring(collect(application, "bank_flows", codes[:10], since, "2026-03-31"))
            return [one.text for one in root.iter(f"{{{CAMT['c']}}}AcctSvcrRef")]

        long, short = references("2026-01-01"), references("2026-03-01")
        assert len(set(long)) == len(long)
        assert set(short) < set(long)


class TestTables:
    def rows(self, body: bytes, encoding: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(body.decode(encoding))))

    def test_electricity_is_gb18030_by_day(self, application: Application, codes: list[str]) -> None:
        body = collect(application, "electricity", codes[:3], "2026-03-01", "2026-03-31")
        rows = self.rows(body, "gb18030")
        header = "户号,统一社会信用代码,户名,抄表日期,用电量(千瓦时),峰段电量(千瓦时),谷段电量(千瓦时),欠费金额(元)"
        assert list(rows[0]) == header.split(",")
        assert len(rows) == 3 * 31
        for row in rows:
            assert Decimal(row["峰段电量(千瓦时)"]) + Decimal(row["谷段电量(千瓦时)"]) <= Decimal(
                row["用电量(千瓦时)"]
            ) * Decimal("1.01")

    def test_insurance_is_utf8_by_month_and_paid_later_where_it_is(
        self, application: Application, codes: list[str]
    ) -> None:
        rows = self.rows(collect(application, "social_insurance", codes[:50], "2024-07-01", "2026-06-30"), "utf-8")
        header = "统一社会信用代码,单位名称,费款所属期,参保人数,应缴金额,实缴金额,缴费截止日,实缴日期"
        assert list(rows[0]) == header.split(",")
        assert len({(row["统一社会信用代码"], row["费款所属期"]) for row in rows}) == len(rows) > 1_000
        unpaid = [row for row in rows if not row["实缴日期"]]
        assert unpaid
        assert all(row["实缴金额"] == "0.00" for row in unpaid)
        assert all(
            row["实缴金额"] == row["应缴金额"] and row["实缴日期"] <= "2026-06-30" for row in rows if row["实缴日期"]
        )


class TestTax:
    def test_a_return_filed_late_is_first_seen_unfiled(self, application: Application, codes: list[str]) -> None:
        def declarations(since: str, until: str) -> dict[tuple[str, str, str], dict[str, Any]]:
            found = json.loads(collect(application, "tax", codes[:50], since, until))["subjects"]
            return {
                (one["uscc"], row["taxType"], row["periodMonth"]): row for one in found for row in one["declarations"]
            }

        whole = declarations("2024-07-01", "2026-12-31")
        late = {key: row for key, row in whole.items() if row["filedDate"] and row["filedDate"] > row["dueDate"]}
        assert late
        for key, row in list(late.items())[:5]:
            after_due = (date.fromisoformat(row["dueDate"]) + timedelta(days=1)).isoformat()
            if row["filedDate"] == after_due:
                continue
            seen = declarations(after_due, after_due)[key]
            assert (seen["filedDate"], seen["paidDate"], seen["taxDue"]) == (None, None, "0.00")
            assert declarations(row["filedDate"], row["filedDate"])[key]["filedDate"] == row["filedDate"]

    def test_nothing_after_the_window_shows(self, application: Application, codes: list[str]) -> None:
        until = "2026-03-10"
        for one in json.loads(collect(application, "tax", codes[:50], "2024-07-01", until))["subjects"]:
            for row in one["declarations"]:
                assert max(row["filedDate"] or "", row["paidDate"] or "") <= until
                assert row["periodMonth"] <= "2026-02"
            assert all(row["publishedDate"] <= until for row in one["ratings"])
            assert {row["grade"] for row in one["ratings"]} <= set("ABMCD")


class TestRegistration:
    def test_profile_and_changes_agree(self, application: Application, codes: list[str]) -> None:
        found = json.loads(collect(application, "registration", codes[:50], "2025-01-01", "2026-06-30"))["subjects"]
        numbers = [change["changeNo"] for one in found for change in one["changes"]]
        assert len(set(numbers)) == len(numbers)
        for one in found:
            first = one["changes"][0]
            assert (first["type"], first["date"], first["after"]) == (
                "established",
                one["establishedDate"],
                one["name"],
            )
            assert Decimal(one["paidInCapital"]) <= Decimal(one["registeredCapital"])
            renamed = [change["after"] for change in one["changes"] if change["type"] == "legal_rep"]
            if renamed:
                assert one["legalRepresentative"] == renamed[-1]
            assert sum(Decimal(holder["ratio"]) for holder in one["shareholders"]) == 100

    def test_the_profile_does_not_know_the_future(self, application: Application, codes: list[str]) -> None:
        changed = [
            one
            for one in json.loads(collect(application, "registration", codes[:50], "2025-07-01", "2026-12-31"))[
                "subjects"
            ]
            if any(change["type"] == "legal_rep" for change in one["changes"])
        ]
        for one in changed:
            first = next(change for change in one["changes"] if change["type"] == "legal_rep")
            before = (date.fromisoformat(first["date"]) - timedelta(days=1)).isoformat()
            (then,) = json.loads(collect(application, "registration", [one["uscc"]], "2024-07-01", before))["subjects"]
            assert then["legalRepresentative"] == first["before"]


class TestCourtsAndNews:
    def test_cases_take_their_course_in_order(self, application: Application, codes: list[str]) -> None:
        order = ["filed", "hearing", "judgment", "enforcement", "dishonest", "consumption_limit", "terminated"]
        found = json.loads(collect(application, "courts", codes[:50], "2024-07-01", "2026-12-31"))["subjects"]
        cases = [row for one in found for row in one["cases"]]
        assert len(cases) > 40
        keys = {(one["uscc"], row["caseNo"], row["stage"]) for one in found for row in one["cases"]}
        assert len(keys) == len(cases)
        for one in found:
            for number in {row["caseNo"] for row in one["cases"]}:
                stages = [row["stage"] for row in one["cases"] if row["caseNo"] == number and row["stage"] != "closed"]
                assert stages == sorted(stages, key=order.index)
                assert ("执" in number) == (order.index(stages[0]) >= 3 if stages else False)
            for row in one["cases"]:
                assert one["name"] in row["text"]
                assert row["court"].endswith("人民法院")

    def test_news_is_rss_with_a_subject_and_a_day(self, application: Application, codes: list[str]) -> None:
        root = etree.fromstring(collect(application, "news", codes[:50], "2025-01-01", "2026-06-30"))
        items = root.findall("channel/item")
        assert len(items) > 40
        assert len({one.findtext("guid") for one in items}) == len(items)
        for one in items:
            assert one.find("category").get("domain") == "uscc"
            assert one.findtext("category") in codes[:50]
            assert date(2025, 1, 1) <= parsedate_to_datetime(one.findtext("pubDate")).date() <= date(2026, 6, 30)
            assert "{" not in one.findtext("title") + one.findtext("description")
            assert "  " not in one.findtext("description")


class TestTruth:
    def test_is_not_in_what_is_served(self, application: Application, region: RegionSummary, codes: list[str]) -> None:
        assert any(one.shock != "none" for one in truth(region.folder))
        for kind in ("registration", "tax", "courts", "news"):
            text = collect(application, kind, codes[:50], "2024-07-01", "2026-12-31").decode()
            assert not any(word in text for word in ("health", "stress", "shock", "distress"))
        assert "shock" not in pq.ParquetFile(region.folder / "parties.parquet").schema_arrow.names


class TestRefusals:
    body = {"since": "2026-01-01", "until": "2026-01-31"}

    def problem(self, answer: Answer) -> dict[str, Any]:
        assert answer.content_type == "application/problem+json"
        content: dict[str, Any] = json.loads(b"".join(answer.body))
        assert content["status"] == answer.status
        assert content["simulated"] is True
        return content

    @pytest.mark.parametrize("kind", KINDS)
    def test_no_subject_is_served_where_one_has_no_receipt(
        self, application: Application, codes: list[str], kind: str
    ) -> None:
        receipts = {codes[0]: RECEIPT, codes[1]: "x"}
        answer = ask(application, kind, {**self.body, "subjects": codes[:3], "consent_receipts": receipts})
        problem = self.problem(answer)
        assert (answer.status, problem["code"]) == (403, "consent_receipt_missing")
        assert problem["subjects"] == codes[1:3]

    @pytest.mark.parametrize(
        "authorization", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer тест"]
    )
    def test_the_token_is_needed(self, application: Application, authorization: str | None) -> None:
        answer = application.answer("POST", "/sources/tax", authorization, lambda: b"{}")
        assert (answer.status, self.problem(answer)["code"]) == (401, "unauthenticated")

    @pytest.mark.parametrize(
        "raw",
        [b"", b"{", b"[]", b"null", b'{"subjects": 1}', b"\xff\xfe", b"[" * 100_000,
         b'{"subjects": [1], "since": "2026-01-01", "until": "2026-01-02", "consent_receipts": {}}',
         b'{"subjects": [], "since": "2026-01-41", "until": "2026-01-02", "consent_receipts": {}}',
         b'{"subjects": [], "since": "2026-02-01", "until": "2026-01-02", "consent_receipts": {}}'],
    )  # fmt: skip
    def test_what_cannot_be_read_is_said_to_be_so(self, application: Application, raw: bytes) -> None:
        answer = ask(application, "tax", raw)
        assert (answer.status, self.problem(answer)["code"]) == (400, "malformed_request")

    def test_fifty_subjects_are_enough(self, application: Application) -> None:
        subjects = [f"S{number}" for number in range(51)]
        body = {**self.body, "subjects": subjects, "consent_receipts": dict.fromkeys(subjects, RECEIPT)}
        answer = ask(application, "tax", body)
        assert (answer.status, self.problem(answer)["code"]) == (400, "too_many_subjects")

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/sources/tax", 405),
            ("POST", "/sources/secrets", 404),
            ("GET", "/", 404),
            ("POST", "/banks/a/statements", 405),
            ("GET", "/banks/A%20B/statements?date=2026-01-01", 400),
            ("GET", "/banks/a/statements", 400),
            ("GET", "/banks/a/statements?date=soon", 400),
            ("GET", "/../etc/passwd", 404),
        ],
    )
    def test_other_addresses_and_methods_are_refused(
        self, application: Application, method: str, path: str, status: int
    ) -> None:
        answer = application.answer(method, path, f"Bearer {TOKEN}", lambda: b"")
        assert answer.status == status
        self.problem(answer)

    @pytest.mark.parametrize("kind", KINDS)
    def test_unknown_subjects_have_no_rows(self, application: Application, kind: str) -> None:
        assert collect(application, kind, ["91330106MA2UNKNOWN"], "2026-01-01", "2026-01-31")


class TestPublicRegisters:
    def test_name_the_legal_representative_that_the_registration_names(
        self, application: Application, codes: list[str], region: RegionSummary
    ) -> None:
        day = region.last_date.isoformat()
        delivered = json.loads(collect(application, "registration", codes[:50], day, day))["subjects"]
        for told in delivered:
            body = json.dumps({"subject": told["uscc"], "on": day, "registers": ["registration"]}).encode()
            answer = application.answer("POST", "/registers", f"Bearer {TOKEN}", lambda body=body: body)
            register = json.loads(b"".join(answer.body))["registers"]["registration"]
            assert register["legalRepresentative"] == told["legalRepresentative"] != ""
