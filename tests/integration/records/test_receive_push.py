"""Pushed records: one's own invoices by the firm, accounts by an institution, nobody else's by anybody."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest

from rongtong.consent import facade as consent
from rongtong.core.actors import Actor
from rongtong.records import facade as records
from rongtong.records.models import Batch
from rongtong.sources.facade import MessageMalformed

A, B, C = "91330282500517241R", "91500112MA0G4TYK22", "91330604MA0X3HWJ9A"


def invoices(*pairs: tuple[str, str], total: str = "113.00") -> bytes:
    """EInvoices of (seller, buyer), numbered from 1."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, (seller, buyer) in enumerate(pairs, 1):
            archive.writestr(
                f"{number}.xml",
                f"<EInvoice><Header><EIid>2633200000000000000{number}</EIid></Header><EInvoiceData>"
                f"<SellerInformation><SellerIdNum>{seller}</SellerIdNum><SellerName>卖方</SellerName></SellerInformation>"
                f"<BuyerInformation><BuyerIdNum>{buyer}</BuyerIdNum><BuyerName>买方</BuyerName></BuyerInformation>"
                f"<BasicInformation><TotalAmWithoutTax>{total}</TotalAmWithoutTax><TotalTaxAm>0.00</TotalTaxAm>"
                f"<TotalTax-includedAmount>{total}</TotalTax-includedAmount></BasicInformation></EInvoiceData>"
                "<TaxSupervisionInfo><IssueTime>2026-01-02</IssueTime></TaxSupervisionInfo></EInvoice>",
            )
    return buffer.getvalue()


def statement(owner: str) -> bytes:
    balances = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'
        for code, amount in (("OPBD", "100.00"), ("CLBD", "120.50"))
    )
    return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>6222</Id></Othr></Id>
    <Ownr><Id><OrgId><Othr><Id>{owner}</Id></Othr></OrgId></Id></Ownr></Acct>{balances}<Ntry><Amt Ccy="CNY">20.50</Amt>
    <CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-01-05</Dt></BookgDt><AcctSvcrRef>r1</AcctSvcrRef></Ntry></Stmt></BkToCstmrStmt></Document>""".encode()


def push(market, payload: bytes, organisation, kind: str = "invoices", **options):
    actor = Actor("client", "key", "程序", organisation.id)
    return records.receive_push(**{"kind": kind, "payload": payload, "actor": actor, "at": market.at} | options)


class TestAFirm:
    def test_sends_its_own_invoices_once(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        assert push(market, invoices((A, C), (C, A)), firm).landed == 2
        again = push(market, invoices((A, C), (C, A)), firm)
        assert (again.landed, again.duplicates) == (0, 2)
        rows = market.read(firm.id).table.to_pylist()
        assert {(row["source"], row["direction"], row["gross_fen"]) for row in rows} == {
            ("own:invoices", "sale", 11300),
            ("own:invoices", "purchase", 11300),
        }
        assert set(Batch.objects.values_list("organisation_id", flat=True)) == {firm.id}

    def test_sends_no_other_firm_s(self, market) -> None:
        firm, other = market.register(A, B)
        market.authorise(firm, other)
        with pytest.raises(records.PushForeign):
            push(market, invoices((B, C)), firm)
        assert not Batch.objects.exists()

    def test_never_speaks_for_the_tax_authority_the_courts_or_a_bank(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        for kind in ("tax", "courts", "bank_flows", "registration"):
            with pytest.raises(records.PushForeign):
                push(market, b"{}", firm, kind)

    def test_cannot_talk_a_landed_invoice_away(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        push(market, invoices((A, C)), market.platform)
        report = push(market, invoices((A, C), total="999.00"), firm, at=market.at + timedelta(hours=1))
        assert (report.landed, report.quarantined, dict(report.reasons)) == (0, 1, {"contradicts_source": 1})
        assert market.read(firm.id).table["gross_fen"].to_pylist() == [11300]


class TestAnInstitution:
    def test_sends_the_accounts_of_authorised_firms(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        assert push(market, statement(A), market.lender, "bank_flows").landed == 1
        (row,) = market.read(firm.id, item="bank_flows").table.to_pylist()
        assert (row["source"], row["amount_fen"], row["balance_fen"]) == ("push:bank_flows", 2050, 12050)

    def test_keeps_nothing_of_a_firm_that_has_not_authorised_it(self, market) -> None:
        market.register(A)
        with pytest.raises(consent.ConsentMissing):
            push(market, statement(A), market.lender, "bank_flows")
        assert not Batch.objects.exists()

    def test_sends_no_other_kind(self, market) -> None:
        with pytest.raises(records.PushForeign):
            push(market, invoices((A, C)), market.lender)


class TestTheOperator:
    def test_sends_what_a_source_sent_it_and_corrects(self, market) -> None:
        firm, other = market.register(A, B)
        market.authorise(firm, other)
        assert push(market, invoices((A, B)), market.platform).landed == 2
        assert push(market, invoices((A, B), total="99.00"), market.platform).landed == 2
        assert market.read(firm.id).table["gross_fen"].to_pylist() == [9900]

    def test_has_rows_of_firms_that_nobody_knows_quarantined(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        report = push(market, invoices((A, C), (B, C)), market.platform)
        assert (report.landed, report.quarantined) == (1, 1)
        assert dict(report.reasons) == {"enterprise_unknown": 1}


class TestWhatIsRefused:
    def test_is_what_is_no_message_and_no_kind(self, market) -> None:
        with pytest.raises(MessageMalformed):
            push(market, b"\x00", market.platform)
        with pytest.raises(MessageMalformed):
            push(market, json.dumps([1]).encode(), market.platform, "tax")
        with pytest.raises(records.KindUnknown):
            push(market, b"{}", market.platform, "weather")
