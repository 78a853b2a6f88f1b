"""Messages of the sources: read as agreed, and never trusted."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from rongtong.sources.contracts import SOURCE_SCHEMAS, RawRows, SourceKind
from rongtong.sources.facade import MessageMalformed, joined, parse, parties_of_invoices

A, B = "91330282500517241R", "91500112MA0G4TYK22"


def rows_of(kind: SourceKind, payload: bytes, *subjects: str) -> list[dict[str, str | None]]:
    return parse(kind, payload, frozenset(subjects)).table.to_pylist()


def einvoice(number: str = "24332000480611615694", *, red: bool = False, seller: str = A, buyer: str = B) -> str:
    sign = "-" if red else ""
    blue = "<SpecificInformation><RedEInvoice><OriginalInvoiceCode>24332000480611610001</OriginalInvoiceCode></RedEInvoice></SpecificInformation>"
    return f"""<?xml version="1.0" encoding="UTF-8"?><EInvoice><Header><EIid>{number}</EIid><InherentLabel>
    <InIssuType><LabelCode>{"N" if red else "Y"}</LabelCode></InIssuType><EInvoiceType><LabelCode>01</LabelCode></EInvoiceType>
    </InherentLabel></Header><EInvoiceData>
    <SellerInformation><SellerIdNum>{seller}</SellerIdNum><SellerName>慈溪鸿钛百货有限公司</SellerName></SellerInformation>
    <BuyerInformation><BuyerIdNum>{buyer}</BuyerIdNum><BuyerName>重庆腾朗制衣有限公司</BuyerName></BuyerInformation>
    <BasicInformation><TotalAmWithoutTax>{sign}8423.08</TotalAmWithoutTax><TotalTaxAm>{sign}84.23</TotalTaxAm>
    <TotalTax-includedAmount>{sign}8507.31</TotalTax-includedAmount></BasicInformation>
    <IssuItemInformation><ItemName>*日用品*毛巾</ItemName><TotaltaxIncludedAmount>1.00</TotaltaxIncludedAmount></IssuItemInformation>
    <IssuItemInformation><ItemName>*日用品*水杯</ItemName></IssuItemInformation>{blue if red else ""}</EInvoiceData>
    <TaxSupervisionInfo><InvoiceNumber>{number}</InvoiceNumber><IssueTime>2024-11-01</IssueTime></TaxSupervisionInfo></EInvoice>"""


def zipped(*documents: str | bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for place, document in enumerate(documents):
            archive.writestr(f"{place}.xml", document)
    return buffer.getvalue()


class TestInvoices:
    @pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
    def test_are_a_sale_of_the_seller_and_a_purchase_of_the_buyer(self, compression: int) -> None:
        payload = zipped(einvoice(), compression=compression)
        sale, purchase = rows_of(SourceKind.INVOICES, payload, A, B)
        assert (sale["subject"], sale["direction"], sale["counterparty_id"]) == (A, "sale", B)
        assert (purchase["subject"], purchase["direction"], purchase["counterparty_name"]) == (
            B,
            "purchase",
            "慈溪鸿钛百货有限公司",
        )
        assert (sale["EIid"], sale["IssueTime"], sale["status"]) == ("24332000480611615694", "2024-11-01", "valid")
        assert (sale["TotalAmWithoutTax"], sale["TotalTaxAm"], sale["TotalTax-includedAmount"]) == (
            "8423.08",
            "84.23",
            "8507.31",
        )
        assert sale["ItemName"] == "*日用品*毛巾"

    def test_of_one_subject_come_once(self) -> None:
        assert [row["direction"] for row in rows_of(SourceKind.INVOICES, zipped(einvoice()), B)] == ["purchase"]

    def test_of_nobody_asked_about_are_kept_to_be_refused(self) -> None:
        assert [row["subject"] for row in rows_of(SourceKind.INVOICES, zipped(einvoice()), "someone else")] == [A]

    def test_in_red_name_the_blue_one(self) -> None:
        (row,) = rows_of(SourceKind.INVOICES, zipped(einvoice(red=True)), A)
        assert (row["status"], row["OriginalInvoiceCode"]) == ("red", "24332000480611610001")

    def test_that_are_no_invoices_are_set_aside_word_for_word(self) -> None:
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><EInvoice>&b;</EInvoice>'
        outside = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><EInvoice><Header><EIid>&f;</EIid></Header></EInvoice>'
        rows = parse(SourceKind.INVOICES, zipped("not xml", "<Other/>", bomb, outside, einvoice()), frozenset({A}))
        assert rows.table.num_rows == 1
        assert rows.malformed["reason"].to_pylist() == ["document_malformed"] * 4
        assert rows.malformed["verbatim"].to_pylist() == ["not xml", "<Other/>", bomb, outside]
        assert rows.count == 5

    def test_of_more_than_a_megabyte_are_set_aside(self) -> None:
        rows = parse(SourceKind.INVOICES, zipped("<a>" + " " * 2_000_000 + "</a>"), frozenset())
        assert rows.malformed["reason"].to_pylist() == ["document_too_large"]

    @pytest.mark.parametrize("payload", [b"", b"PK\x03\x04nothing", zipped(einvoice())[:-30]])
    def test_in_no_archive_are_refused_as_a_whole(self, payload: bytes) -> None:
        with pytest.raises(MessageMalformed):
            parse(SourceKind.INVOICES, payload, frozenset())

    def test_with_a_damaged_byte_are_refused_as_a_whole(self) -> None:
        payload = bytearray(zipped(einvoice(), compression=zipfile.ZIP_STORED))
        payload[200] ^= 1
        with pytest.raises(MessageMalformed):
            parse(SourceKind.INVOICES, bytes(payload), frozenset())

    def test_tell_their_parties(self) -> None:
        assert parties_of_invoices(zipped(einvoice(), "not xml")) == {A, B}


class TestTax:
    PAYLOAD = {
        "subjects": [
            {
                "uscc": A,
                "declarations": [
                    {
                        "periodMonth": "2026-02",
                        "taxType": "vat",
                        "declaredSales": "100.00",
                        "taxDue": "13.00",
                        "taxPaid": "0.00",
                        "lateFee": "0.00",
                        "dueDate": "2026-03-15",
                        "filedDate": None,
                        "paidDate": None,
                    }
                ],
                "ratings": [{"year": 2025, "grade": "B", "publishedDate": "2026-04-25"}],
            }
        ]
    }

    def test_is_declarations_and_grades(self) -> None:
        declaration, grade = rows_of(SourceKind.TAX, json.dumps(self.PAYLOAD).encode())
        assert (declaration["subject"], declaration["periodMonth"], declaration["filedDate"]) == (A, "2026-02", None)
        assert (grade["taxType"], grade["grade"], grade["periodMonth"], grade["dueDate"]) == (
            "grade",
            "B",
            "2025-01",
            "2026-04-25",
        )

    def test_keeps_a_row_that_is_no_object_to_be_refused(self) -> None:
        rows = parse(
            SourceKind.TAX, json.dumps({"subjects": [{"uscc": A, "declarations": [1, ["x"]]}]}).encode(), frozenset()
        )
        assert rows.malformed["verbatim"].to_pylist() == ["1", '["x"]']

    @pytest.mark.parametrize(
        "payload", [b"", b"{", b"[]", b'{"subjects": {}}', b'{"subjects": [1]}', b"[" * 100_000, b"\xff\xfe"]
    )
    def test_that_is_no_list_of_subjects_is_refused(self, payload: bytes) -> None:
        with pytest.raises(MessageMalformed):
            parse(SourceKind.TAX, payload, frozenset())


class TestRegistrationAndCourts:
    def test_registration_is_its_changes(self) -> None:
        change = {
            "date": "2012-05-04",
            "type": "established",
            "before": "",
            "after": "甲",
            "registeredCapital": "5.00",
            "paidInCapital": "2.00",
        }
        (row,) = rows_of(SourceKind.REGISTRATION, json.dumps({"subjects": [{"uscc": A, "changes": [change]}]}).encode())
        assert (row["date"], row["type"], row["after"], row["registeredCapital"]) == (
            "2012-05-04",
            "established",
            "甲",
            "5.00",
        )

    def test_courts_is_its_stages(self) -> None:
        case = {
            "caseNo": "（2026）浙0106民初1号",
            "role": "defendant",
            "cause": "买卖合同纠纷",
            "amount": "9.00",
            "stage": "filed",
            "eventDate": "2026-01-02",
        }
        (row,) = rows_of(SourceKind.COURTS, json.dumps({"subjects": [{"uscc": A, "cases": [case]}]}).encode())
        assert (row["caseNo"], row["stage"], row["amount"]) == ("（2026）浙0106民初1号", "filed", "9.00")


def statement(*entries: str, opening: str = "100.00", closing: str = "88.00") -> bytes:
    def balance(code: str, amount: str) -> str:
        side = "DBIT" if amount.startswith("-") else "CRDT"
        return f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{amount.lstrip("-")}</Amt><CdtDbtInd>{side}</CdtDbtInd></Bal>'

    return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt>
    <Acct><Id><Othr><Id>6222</Id></Othr></Id><Ownr><Nm>甲</Nm><Id><OrgId><Othr><Id>{A}</Id></Othr></OrgId></Id></Ownr></Acct>
    {balance("OPBD", opening)}{balance("CLBD", closing)}{"".join(entries)}</Stmt></BkToCstmrStmt></Document>""".encode()


def entry(amount: str, side: str, reference: str, *, currency: str = "CNY") -> str:
    role = "Dbtr" if side == "CRDT" else "Cdtr"
    return f"""<Ntry><NtryRef>1</NtryRef><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
    <BookgDt><DtTm>2026-01-05T23:10:00</DtTm></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>e</EndToEndId></Refs>
    <RltdPties><{role}><Pty><Nm>乙</Nm><Id><OrgId><Othr><Id>{B}</Id></Othr></OrgId></Id></Pty></{role}></RltdPties>
    <RmtInf><Ustrd>货款</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""


class TestBankFlows:
    def test_are_signed_and_carry_the_balance_after_each(self) -> None:
        first, second = rows_of(
            SourceKind.BANK_FLOWS, statement(entry("20.50", "CRDT", "r1"), entry("32.50", "DBIT", "r2"))
        )
        assert (first["amount"], first["balance"], first["counterparty_id"]) == ("20.50", "120.50", B)
        assert (second["amount"], second["balance"], second["counterparty_name"]) == ("-32.50", "88.00", "乙")
        assert (first["booked_date"], first["booked_time"], first["purpose"]) == ("2026-01-05", "23:10", "货款")
        assert (first["entry_ref"], first["subject"]) == ("6222/r1", A)

    @pytest.mark.parametrize(
        "payload",
        [
            statement(entry("20.50", "CRDT", "r1"), closing="999.00"),
            statement(entry("20.50", "CRDT", "r1", currency="USD"), closing="120.50"),
            statement(entry("x", "CRDT", "r1")),
            statement(entry("NaN", "CRDT", "r1")),
            statement(entry("1.00", "LEFT", "r1")),
        ],
        ids=["balances", "currency", "amount", "nan", "side"],
    )
    def test_whose_balances_disagree_are_set_aside_together(self, payload: bytes) -> None:
        rows = parse(SourceKind.BANK_FLOWS, payload, frozenset())
        assert rows.malformed["reason"].to_pylist() == ["balances_disagree"]
        assert rows.table.num_rows == 0

    @pytest.mark.parametrize("payload", [b"<a/>", b"", statement().replace(b"camt.053", b"camt.054")])
    def test_in_no_statement_are_refused(self, payload: bytes) -> None:
        with pytest.raises(MessageMalformed):
            parse(SourceKind.BANK_FLOWS, payload, frozenset())


class TestNews:
    def test_names_the_firm_by_category_and_the_day_in_china(self) -> None:
        payload = f"""<rss version="2.0"><channel><title>t</title><item><title>甲公司被列为被执行人</title><link>https://news.example/1</link>
        <description>正文</description><category domain="uscc">{A}</category><category domain="uscc">{B}</category>
        <source url="https://news.example">日报</source><pubDate>Sun, 04 Jan 2026 22:00:00 GMT</pubDate></item></channel></rss>""".encode()
        first, second = rows_of(SourceKind.NEWS, payload)
        assert (first["subject"], second["subject"]) == (A, B)
        assert (first["pubDate"], first["title"], first["source"]) == ("2026-01-05", "甲公司被列为被执行人", "日报")

    def test_of_no_day_keeps_the_text_to_be_refused(self) -> None:
        payload = b"<rss><channel><item><title>t</title><pubDate>someday</pubDate></item></channel></rss>"
        assert rows_of(SourceKind.NEWS, payload)[0]["pubDate"] == "someday"


class TestTables:
    def test_social_insurance_is_read_by_its_chinese_header(self) -> None:
        payload = f"统一社会信用代码,单位名称,费款所属期,参保人数,应缴金额,实缴金额,缴费截止日,实缴日期\n{A},甲,202602,12,100.00,0.00,2026-02-15,\n".encode()
        (row,) = rows_of(SourceKind.SOCIAL_INSURANCE, payload)
        assert (row["统一社会信用代码"], row["费款所属期"], row["实缴日期"]) == (A, "202602", "")

    def test_electricity_is_read_as_gb18030(self) -> None:
        header = "户号,统一社会信用代码,户名,抄表日期,用电量(千瓦时),峰段电量(千瓦时),谷段电量(千瓦时),欠费金额(元)"
        payload = f"{header}\n1,{A},甲,2026-01-02,12.345,6.000,2.000,0.00\n".encode("gb18030")
        assert rows_of(SourceKind.ELECTRICITY, payload)[0]["用电量(千瓦时)"] == "12.345"

    @pytest.mark.parametrize("extra", ["row_number", "抄表日期", "X,x"])
    def test_with_a_column_twice_are_refused(self, extra: str) -> None:
        header = "统一社会信用代码,抄表日期,用电量(千瓦时),峰段电量(千瓦时),谷段电量(千瓦时),欠费金额(元)"
        with pytest.raises(MessageMalformed):
            parse(SourceKind.ELECTRICITY, f"{header},{extra}\n".encode(), frozenset())

    @pytest.mark.parametrize("payload", [b"", b"a,b\n1,2\n", b"\x00\x01"])
    def test_that_are_none_are_refused(self, payload: bytes) -> None:
        with pytest.raises(MessageMalformed):
            parse(SourceKind.ELECTRICITY, payload, frozenset())


def test_every_required_column_of_every_kind_has_a_place_in_its_layout() -> None:
    empty = {
        SourceKind.INVOICES: zipped(),
        SourceKind.BANK_FLOWS: statement(),
        SourceKind.NEWS: b"<rss><channel/></rss>",
        SourceKind.SOCIAL_INSURANCE: "统一社会信用代码,费款所属期,参保人数,应缴金额,实缴金额,缴费截止日,实缴日期\n".encode(),
        SourceKind.ELECTRICITY: "统一社会信用代码,抄表日期,用电量(千瓦时),峰段电量(千瓦时),谷段电量(千瓦时),欠费金额(元)\n".encode(),
    }
    for kind, schema in SOURCE_SCHEMAS.items():
        rows: RawRows = parse(kind, empty.get(kind, b'{"subjects": []}'), frozenset())
        given = {column.name for column in rows.layout}
        assert {field.name for field in schema if not field.nullable} <= given <= set(schema.names), kind


def test_joined_rows_are_numbered_on() -> None:
    part = parse(SourceKind.INVOICES, zipped(einvoice(), "not xml"), frozenset({A, B}))
    both = joined([part, part])
    assert both.table["row_number"].to_pylist() == [1, 2, 4, 5]
    assert both.malformed["row_number"].to_pylist() == [3, 6]
    assert both.count == 6
