"""What a bank's report says, read without guessing: what is not clear is not taken for the usual."""

from __future__ import annotations

from datetime import date

import pytest

from rongtong.servicing.adapters.entries import BankEntry
from rongtong.servicing.adapters.reports import read_statement, read_status
from rongtong.servicing.adapters.statement_csv import DigitsLost
from rongtong.servicing.adapters.xml import MessageMalformed

PAIN = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>{}</CstmrPmtStsRpt></Document>'
HEAD = "流水号,借贷标志,金额,记账日期,指令编号"


def camt(*entries: str, version: str = "08", account: str = "<Othr><Id>6222001</Id></Othr>") -> bytes:
    body = f"<B><Ntfctn><Acct><Id>{account}</Id></Acct>{''.join(entries)}</Ntfctn></B>"
    return f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}">{body}</Document>'.encode()


def ntry(
    *details: str,
    amount: str = "75.00",
    direction: str = "CRDT",
    status: str = "<Sts><Cd>BOOK</Cd></Sts>",
    day: str = "<Dt>2026-05-06</Dt>",
    reversal: str = "",
) -> str:
    undoes = f"<RvslInd>{reversal}</RvslInd>" if reversal else ""
    return (
        f'<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{undoes}{status}'
        f"<BookgDt>{day}</BookgDt><AcctSvcrRef>B7</AcctSvcrRef><NtryDtls>{''.join(details)}</NtryDtls></Ntry>"
    )


def tx(name: str = "ins_a", amount: str = "", direction: str = "", more: str = "") -> str:
    stated = f'<Amt Ccy="CNY">{amount}</Amt>' if amount else ""
    way = f"<CdtDbtInd>{direction}</CdtDbtInd>" if direction else ""
    return f"<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs>{stated}{way}{more}</TxDtls>"


def only(content: bytes) -> BankEntry:
    (found,) = read_statement(content).entries
    return found


class TestStatusOfAnEntry:
    @pytest.mark.parametrize("version", ["02", "03", "08"])
    @pytest.mark.parametrize("word", ["PDNG", "INFO", "FUTR"])
    def test_pending_and_informal_entries_are_left_out_in_each_version(self, version: str, word: str) -> None:
        said = f"<Sts>{word}</Sts>" if version < "04" else f"<Sts><Cd>{word}</Cd></Sts>"
        found = read_statement(camt(ntry(tx(), status=said), version=version))
        assert (found.entries, found.pending) == ([], 1)

    @pytest.mark.parametrize("said", ["<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>"])
    def test_booked_is_booked_in_either_form(self, said: str) -> None:
        assert only(camt(ntry(tx(), status=said))).status == "BOOK"

    @pytest.mark.parametrize(
        "said",
        [
            "<Sts><Prtry>PENDING</Prtry></Sts>",
            "<Sts><Prtry>BOOK</Prtry></Sts>",
            "<Sts><Cd>XBOK</Cd></Sts>",
            "<Sts>book</Sts>",
            "<Sts/>",
            "",
        ],
    )
    def test_any_other_word_or_none_is_not_known_to_be_booked(self, said: str) -> None:
        assert only(camt(ntry(tx(), status=said))).status not in {"BOOK", ""}

    @pytest.mark.parametrize(
        ("word", "entries", "pending"), [("成功", 1, 0), ("处理中", 0, 1), ("交易失败", 0, 1), ("待复核", 1, 0)]
    )
    def test_a_csv_file_with_a_status_is_held_to_it(self, word: str, entries: int, pending: int) -> None:
        found = read_statement(f"{HEAD},交易状态\nC1,贷,5.00,2026-05-06,ins_a,{word}\n".encode())
        assert (len(found.entries), found.pending) == (entries, pending)
        assert all((one.status == "BOOK") == (word == "成功") for one in found.entries)


class TestReversal:
    @pytest.mark.parametrize(("said", "undoes"), [("true", True), ("1", True), ("perhaps", True), ("false", False)])
    def test_is_read_and_in_doubt_taken_for_one(self, said: str, undoes: bool) -> None:
        assert only(camt(ntry(tx(), reversal=said))).reversal is undoes

    def test_a_return_is_one_too(self) -> None:
        returned = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
        assert only(camt(ntry(tx(more=returned)))).reversal

    @pytest.mark.parametrize(("word", "undoes"), [("是", True), ("冲正", True), ("否", False), ("", False)])
    def test_is_a_column_of_a_csv_file(self, word: str, undoes: bool) -> None:
        assert only(f"{HEAD},冲正标志\nC1,贷,5.00,2026-05-06,ins_a,{word}\n".encode()).reversal is undoes


class TestBundledEntries:
    def test_come_apart_where_they_add_up(self) -> None:
        found = read_statement(camt(ntry(tx("ins_a", "25.00"), tx("ins_b", "50.00")))).entries
        assert [(one.part, one.end_to_end_id, one.amount_minor) for one in found] == [
            (1, "ins_a", 2_500),
            (2, "ins_b", 5_000),
        ]

    @pytest.mark.parametrize(
        "details",
        [
            [tx("ins_a", "25.00"), tx("ins_b", "49.99")],
            [tx("ins_a", "25.00"), tx("ins_b")],
            [tx("ins_a"), tx("ins_b")],
            [tx("ins_a", "25.00"), tx("ins_b", "50.00", "DBIT")],
            [tx("ins_a", "74.00")],
            [tx("ins_a", "75.00", "DBIT")],
        ],
    )
    def test_stay_whole_and_are_marked_where_they_do_not(self, details: list[str]) -> None:
        found = only(camt(ntry(*details)))
        assert (found.part, found.amount_minor, found.bundled) == (0, 7_500, True)

    @pytest.mark.parametrize("details", [[], [tx()], [tx("ins_a", "75.00")], [tx("ins_a", "75.00", "CRDT")]])
    def test_one_transaction_is_the_entry(self, details: list[str]) -> None:
        assert not only(camt(ntry(*details))).bundled


class TestDaysAndAmounts:
    def test_an_evening_in_greenwich_is_the_next_day_in_china(self) -> None:
        assert only(camt(ntry(tx(), day="<DtTm>2026-05-06T16:30:00Z</DtTm>"))).booked_date == date(2026, 5, 7)
        assert only(camt(ntry(tx(), day="<DtTm>2026-05-06T23:30:00</DtTm>"))).booked_date == date(2026, 5, 6)

    @pytest.mark.parametrize(("text", "minor"), [("1,234.50", 123_450), ("12,345,678", 1_234_567_800), ("9.5", 950)])
    def test_commas_between_thousands_are_read(self, text: str, minor: int) -> None:
        assert only(f'{HEAD}\nC1,贷,"{text}",2026-05-06,ins_a\n'.encode()).amount_minor == minor

    @pytest.mark.parametrize("text", ["7,5", "75,00", "1,23", "1.234,50", "1,2345", ",500"])
    def test_a_comma_that_may_be_decimal_is_refused(self, text: str) -> None:
        with pytest.raises(MessageMalformed):
            read_statement(f'{HEAD}\nC1,贷,"{text}",2026-05-06,ins_a\n'.encode())

    @pytest.mark.parametrize("text", ["3.14159E+14", "7e18", "1.5E20"])
    def test_a_reference_that_a_spreadsheet_rounded_is_refused(self, text: str) -> None:
        with pytest.raises(DigitsLost) as caught:
            read_statement(f"{HEAD}\n{text},贷,1.00,2026-05-06,ins_a\n".encode())
        assert caught.value.code == "digits_lost"

    @pytest.mark.parametrize(("word", "code"), [("RMB", "CNY"), ("156", "CNY"), ("人民币", "CNY"), ("usd", "USD")])
    def test_the_names_of_the_yuan_are_one_currency(self, word: str, code: str) -> None:
        assert only(f"{HEAD},币种\nC1,贷,5.00,2026-05-06,ins_a,{word}\n".encode()).currency == code

    @pytest.mark.parametrize("account", ["<IBAN>6222001</IBAN>", "<Othr><Id>6222001</Id></Othr>"])
    def test_the_account_is_read(self, account: str) -> None:
        assert only(camt(ntry(tx()), account=account)).account == "6222001"


class TestStatusReport:
    def test_a_refusal_of_the_whole_message_is_read(self) -> None:
        group = (
            "<OrgnlGrpInfAndSts><OrgnlMsgId>msg_7</OrgnlMsgId><GrpSts>RJCT</GrpSts>"
            "<StsRsnInf><Rsn><Cd>FF01</Cd></Rsn><AddtlInf>bad file</AddtlInf></StsRsnInf></OrgnlGrpInfAndSts>"
        )
        (found,) = read_status(PAIN.format(group).encode())
        assert (found.message_id, found.end_to_end_id, found.accepted, found.reason) == (
            "msg_7",
            "",
            False,
            "FF01 bad file",
        )

    def test_a_refusal_of_a_block_is_read(self) -> None:
        block = "<OrgnlPmtInfAndSts><OrgnlPmtInfId>msg_7</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts></OrgnlPmtInfAndSts>"
        (found,) = read_status(PAIN.format(block).encode())
        assert (found.message_id, found.accepted) == ("msg_7", False)

    @pytest.mark.parametrize("status", ["RCVD", "ACTC", "PDNG", "PART", "WHAT"])
    def test_what_is_no_answer_yet_says_nothing(self, status: str) -> None:
        group = f"<OrgnlGrpInfAndSts><OrgnlMsgId>msg_7</OrgnlMsgId><GrpSts>{status}</GrpSts></OrgnlGrpInfAndSts>"
        assert [one.accepted for one in read_status(PAIN.format(group).encode())] == [None]
