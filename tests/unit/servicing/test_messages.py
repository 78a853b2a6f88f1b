"""Banks' messages: written as the standard has them, read without trust."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from rongtong.core.confined import MIB, Limits
from rongtong.servicing.adapters import xml
from rongtong.servicing.adapters.orders import PAIN_001, PAIN_008, Order, Party, collection_order, payment_order
from rongtong.servicing.adapters.reports import read_statement, read_status
from rongtong.servicing.adapters.xml import MessageMalformed, clean, fen, yuan

AT = datetime(2026, 1, 15, 2, 0, tzinfo=UTC)
LENDER = Party("清江银行", "91330100MA7BK0017X", "", clearing_member="313331000014")
FIRM = Party("精密机械", "91330106MA2UNKNOWN", "6222000011112222", bank_name="江左农商银行")
CAMT = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><A><Ntfctn>{}</Ntfctn></A></Document>'


class TestAmounts:
    @given(st.integers(0, 10**15))
    def test_what_is_written_is_read(self, minor: int) -> None:
        assert fen(yuan(minor)) == minor

    @pytest.mark.parametrize("text", ["", "-1", "1e3", "0x1", "1,000", "1.005", "NaN", "٣", "1" * 15, " 1 2"])
    def test_what_is_no_amount_is_refused(self, text: str) -> None:
        with pytest.raises(MessageMalformed):
            fen(text)

    def test_trailing_noughts_are_no_fractions_of_a_fen(self) -> None:
        assert fen("12.50000") == 1250


class TestOrders:
    @given(st.text(max_size=300), st.integers(1, 10**13))
    @example("<b>&]]>\x00\x0b\ud800 '; DROP TABLE x;--", 1)
    def test_any_name_makes_a_well_formed_message(self, name: str, minor: int) -> None:
        firm = Party(name, "X", "")
        for write, space in ((payment_order, PAIN_001), (collection_order, PAIN_008)):
            xml = write(
                message_id="msg_1",
                lender=LENDER,
                orders=[Order("ins_1", firm, minor, name, name)],
                business_date=date(2026, 1, 15),
                at=AT,
            )
            root = etree.fromstring(xml.encode())
            names = [node.text or "" for node in root.iter(f"{{{space}}}Nm")]
            assert clean(name) in names
            assert all(len(one) <= 140 for one in names)

    def test_a_collection_has_its_blocks_in_the_order_of_the_standard(self) -> None:
        xml = collection_order(
            message_id="msg_1",
            lender=LENDER,
            orders=[Order("ins_1", FIRM, 100, "还款", "RT-1")],
            business_date=date(2026, 1, 15),
            at=AT,
        )
        root = etree.fromstring(xml.encode())
        block = root.find(f".//{{{PAIN_008}}}PmtInf")
        one = root.find(f".//{{{PAIN_008}}}DrctDbtTxInf")
        assert block is not None
        assert one is not None
        assert [etree.QName(node).localname for node in block] == [
            "PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "PmtTpInf", "ReqdColltnDt", "Cdtr", "CdtrAcct",
            "CdtrAgt", "DrctDbtTxInf",
        ]  # fmt: skip
        assert [etree.QName(node).localname for node in one] == [
            "PmtId", "InstdAmt", "DrctDbtTx", "DbtrAgt", "Dbtr", "DbtrAcct", "Purp", "RmtInf",
        ]  # fmt: skip


class TestReadStatement:
    @given(st.binary(max_size=400))
    @example(b"<")
    @example(b"\xef\xbb\xbf<a/>")
    @example(b"entry_ref,direction,amount,booked_date,end_to_end_id\n\xff")
    @example(b"entry_ref,direction,amount,booked_date,end_to_end_id\nR,CRDT,1.00,20260101,x")
    def test_any_bytes_are_a_statement_or_a_clear_error(self, content: bytes) -> None:
        errors = []
        for read in (read_statement, read_status):
            try:
                read(content)
            except MessageMalformed as error:
                errors.append(str(error))
        assert all(errors)

    @given(st.text(max_size=200))
    def test_any_content_of_an_entry_is_read_or_refused(self, text: str) -> None:
        safe = etree.Element("x")
        try:
            safe.text = text
        except ValueError:
            return
        inner = etree.tostring(safe, encoding="unicode")[3:-4] if text else ""
        entry = (
            f"<Ntry><Amt Ccy='CNY'>{inner}</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>{inner}</Dt></BookgDt></Ntry>"
        )
        with pytest.raises(MessageMalformed):
            read_statement(CAMT.format(entry).encode())

    def test_a_bomb_of_entities_is_refused(self) -> None:
        bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;">]>' + CAMT.format("&c;")
        with pytest.raises(MessageMalformed):
            read_statement(bomb.encode())

    @pytest.mark.parametrize("place", ["text", "attribute"])
    def test_a_bomb_of_entities_within_entities_is_refused_before_it_unfolds(self, place: str) -> None:
        named = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
        kept = '<a x="&e9;"/>' if place == "attribute" else "<a>&e9;</a>"
        bomb = f'<!DOCTYPE a [<!ENTITY e0 "{"x" * 100}">{named}]>' + CAMT.format(kept)
        with pytest.raises(MessageMalformed):
            read_statement(bomb.encode())

    def test_an_outside_entity_is_not_fetched(self) -> None:
        theft = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + CAMT.format("&b;")
        with pytest.raises(MessageMalformed):
            read_statement(theft.encode())

    def test_a_large_document_of_very_many_elements_is_read_apart_and_ended_at_its_limits(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        many = CAMT.format("<a/>" * 3_000_000).encode()
        monkeypatch.setattr(xml, "_LIMITS", Limits(memory=64 * MIB))
        with pytest.raises(MessageMalformed, match="内存"):
            read_statement(many)

    def test_a_large_honest_document_is_read_apart_to_the_same_entries(self) -> None:
        entry = (
            '<Ntry><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
            "<BookgDt><Dt>2026-01-02</Dt></BookgDt><AcctSvcrRef>R{}</AcctSvcrRef><NtryDtls><TxDtls>"
            "<Refs><EndToEndId>E{}</EndToEndId></Refs><RmtInf><Ustrd>本金</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        )
        large = read_statement(CAMT.format("".join(entry.format(at, at) for at in range(2000))).encode()).entries
        small = read_statement(CAMT.format(entry.format(1999, 1999)).encode()).entries
        assert (len(large), large[-1:]) == (2000, small)
        assert (small[0].text, small[0].end_to_end_id, small[0].currency) == ("本金", "E1999", "CNY")

    def test_a_deep_document_is_refused(self) -> None:
        deep = CAMT.format("<a>" * 100_000 + "</a>" * 100_000)
        with pytest.raises(MessageMalformed):
            read_statement(deep.encode())

    def test_an_entry_that_is_not_booked_yet_is_passed_over(self) -> None:
        entry = "<Ntry><Sts><Cd>PDNG</Cd></Sts></Ntry>"
        found = read_statement(CAMT.format(entry).encode())
        assert (found.entries, found.pending) == ([], 1)
