"""The lender banks: messages in and out, each instruction once, debtors that pay as their health allows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from rongtong.simulator.contracts import RegionSummary
from rongtong.simulator.facade import enterprise_drafts, truth
from rongtong.simulator.server.app import Answer, Application
from rongtong.simulator.server.books import Books
from rongtong.simulator.server.debtors import payable
from rongtong.simulator.server.messages import MalformedMessage, read_message
from rongtong.simulator.server.store import Region

TOKEN = "token-of-tests"
PAIN_001 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
PAIN_008 = "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"
P2 = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"}
C54 = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"}
UNKNOWN = "91330106MA2UNKNOWN"


@dataclass(frozen=True)
class Item:
    end_to_end: str
    amount: str
    party: str = UNKNOWN
    name: str = "杭州测试有限公司"
    currency: str = "CNY"


def pain_001(
    message: str, items: list[Item], *, day: str = "2026-07-01", count: int | None = None, total: str = ""
) -> bytes:
    transfers = "".join(
        f"<CdtTrfTxInf><PmtId><EndToEndId>{one.end_to_end}</EndToEndId></PmtId><Amt><InstdAmt Ccy='{one.currency}'>{one.amount}"
        f"</InstdAmt></Amt><Cdtr><Nm>{one.name}</Nm><Id><OrgId><Othr><Id>{one.party}</Id></Othr></OrgId></Id></Cdtr></CdtTrfTxInf>"
        for one in items
    )
    control = f"<CtrlSum>{total}</CtrlSum>" if total else ""
    return (
        f"<Document xmlns='{PAIN_001}'><CstmrCdtTrfInitn><GrpHdr><MsgId>{message}</MsgId><CreDtTm>2026-07-01T09:00:00</CreDtTm>"
        f"<NbOfTxs>{len(items) if count is None else count}</NbOfTxs>{control}</GrpHdr><PmtInf><PmtInfId>G-{message}</PmtInfId>"
        f"<ReqdExctnDt><Dt>{day}</Dt></ReqdExctnDt>{transfers}</PmtInf></CstmrCdtTrfInitn></Document>"
    ).encode()


def pain_008(message: str, items: list[Item], *, day: str = "2026-08-01") -> bytes:
    debits = "".join(
        f"<DrctDbtTxInf><PmtId><EndToEndId>{one.end_to_end}</EndToEndId></PmtId><InstdAmt Ccy='CNY'>{one.amount}</InstdAmt>"
        f"<Dbtr><Nm>{one.name}</Nm><Id><OrgId><Othr><Id>{one.party}</Id></Othr></OrgId></Id></Dbtr></DrctDbtTxInf>"
        for one in items
    )
    return (
        f"<Document xmlns='{PAIN_008}'><CstmrDrctDbtInitn><GrpHdr><MsgId>{message}</MsgId><CreDtTm>2026-08-01T09:00:00</CreDtTm>"
        f"<NbOfTxs>{len(items)}</NbOfTxs></GrpHdr><PmtInf><PmtInfId>G-{message}</PmtInfId><PmtMtd>DD</PmtMtd>"
        f"<ReqdColltnDt>{day}</ReqdColltnDt>{debits}</PmtInf></CstmrDrctDbtInitn></Document>"
    ).encode()


@pytest.fixture
def bank(region: RegionSummary, tmp_path: Path) -> Iterator[Application]:
    """A server's application over the common region, with books of its own."""
    opened = Region(region.folder)
    application = Application.__new__(Application)
    application._region, application._token = opened, TOKEN.encode()
    application.books = Books(
        tmp_path,
        payable=lambda debtor, day, fen: payable(opened, debtor=debtor, day=day, amount_fen=fen),
        closed=application._is_closed,
    )
    yield application
    application.books.close()


def post(bank: Application, path: str, body: bytes) -> etree._Element:
    answer: Answer = bank.answer("POST", f"/banks/{path}", f"Bearer {TOKEN}", lambda: body)
    raw = b"".join(answer.body)
    assert answer.status == 200, raw
    return etree.fromstring(raw)


def statuses(report: etree._Element) -> dict[str, tuple[str, str | None]]:
    found = {}
    for one in report.iterfind(".//p:TxInfAndSts", P2):
        reason = one.findtext("p:StsRsnInf/p:Rsn/p:Cd", namespaces=P2)
        status = one.findtext("p:TxSts", namespaces=P2)
        found[one.findtext("p:OrgnlEndToEndId", namespaces=P2)] = (status, reason)
    return found


def statement(bank: Application, lender: str, day: str) -> list[tuple[str, str, str, str]]:
    """(EndToEndId, direction, amount, reference) of each entry."""
    answer = bank.answer("GET", f"/banks/{lender}/statements?date={day}", f"Bearer {TOKEN}", lambda: b"")
    assert answer.status == 200
    root = etree.fromstring(b"".join(answer.body))
    return [
        (
            one.findtext("c:NtryDtls/c:TxDtls/c:Refs/c:EndToEndId", namespaces=C54),
            one.findtext("c:CdtDbtInd", namespaces=C54),
            one.findtext("c:Amt", namespaces=C54),
            one.findtext("c:AcctSvcrRef", namespaces=C54),
        )
        for one in root.iterfind(".//c:Ntry", C54)
    ]


class TestPayments:
    def test_an_accepted_payment_stands_in_the_statement_of_its_day(self, bank: Application) -> None:
        report = post(
            bank, "city/payments", pain_001("M1", [Item("E1", "200000.00"), Item("E2", "0.01")], total="200000.01")
        )
        assert statuses(report) == {"E1": ("ACSC", None), "E2": ("ACSC", None)}
        assert report.findtext(".//p:GrpSts", namespaces=P2) == "ACSC"
        assert report.findtext(".//p:OrgnlMsgId", namespaces=P2) == "M1"
        found = statement(bank, "city", "2026-07-01")
        assert sorted(entry[:3] for entry in found) == [("E1", "DBIT", "200000.00"), ("E2", "DBIT", "0.01")]
        assert statement(bank, "city", "2026-07-02") == []
        assert statement(bank, "rural", "2026-07-01") == []

    def test_a_repeated_message_is_answered_alike_and_done_once(self, bank: Application) -> None:
        body = pain_001("M1", [Item("E1", "200000.00")])
        first, again = (etree.tostring(post(bank, "city/payments", body)) for _ in range(2))
        assert first == again
        assert len(statement(bank, "city", "2026-07-01")) == 1

    def test_the_same_payment_in_another_message_is_done_once(self, bank: Application) -> None:
        first = post(bank, "city/payments", pain_001("M1", [Item("E1", "200000.00")]))
        again = post(bank, "city/payments", pain_001("M2", [Item("E1", "200000.00")]))
        assert statuses(first) == statuses(again)
        assert [one.text for one in first.iterfind(".//p:StsId", P2)] == [
            one.text for one in again.iterfind(".//p:StsId", P2)
        ]
        assert len(statement(bank, "city", "2026-07-01")) == 1

    @pytest.mark.parametrize("message", ["M1", "M2"])
    def test_another_content_under_a_known_reference_is_refused(self, bank: Application, message: str) -> None:
        post(bank, "city/payments", pain_001("M1", [Item("E1", "200000.00")]))
        report = post(bank, "city/payments", pain_001(message, [Item("E1", "300000.00")]))
        assert statuses(report) == {"E1": ("RJCT", "AM05")}
        assert [entry[2] for entry in statement(bank, "city", "2026-07-01")] == ["200000.00"]

    @pytest.mark.parametrize(
        ("item", "reason"),
        [
            (Item("E1", "0.00"), "AM12"), (Item("E1", "1.001"), "AM12"), (Item("E1", "99999999999999.00"), "AM12"),
            (Item("E1", "-5.00"), "AM12"), (Item("E1", "1e3"), "AM12"), (Item("E1", "5.00", currency="USD"), "AM03"),
            (Item("E1", "5.00", party=""), "BE01"),
        ],
    )  # fmt: skip
    def test_a_faulty_transfer_is_refused_and_the_others_are_done(
        self, bank: Application, item: Item, reason: str
    ) -> None:
        report = post(bank, "city/payments", pain_001("M1", [item, Item("E2", "8.00")]))
        assert statuses(report) == {"E1": ("RJCT", reason), "E2": ("ACSC", None)}
        assert report.findtext(".//p:GrpSts", namespaces=P2) == "PART"
        assert [entry[0] for entry in statement(bank, "city", "2026-07-01")] == ["E2"]

    def test_a_closed_firm_is_not_paid(self, bank: Application, region: RegionSummary) -> None:
        closed = [one for one in truth(region.folder) if one.closed_month]
        assert closed, "the region of the tests has a firm that closes"
        report = post(
            bank, "city/payments", pain_001("M1", [Item("E1", "5.00", party=closed[0].uscc)], day="2026-12-31")
        )
        assert statuses(report) == {"E1": ("RJCT", "AC04")}

    def test_names_are_text_and_stay_text(self, bank: Application) -> None:
        name = "&lt;script&gt;'; DROP TABLE instruction; --"
        post(bank, "city/payments", pain_001("M1", [Item("E1", "5.00", name=name)]))
        answer = bank.answer("GET", "/banks/city/statements?date=2026-07-01", f"Bearer {TOKEN}", lambda: b"")
        root = etree.fromstring(b"".join(answer.body))
        assert root.findtext(".//c:Cdtr/c:Pty/c:Nm", namespaces=C54) == "<script>'; DROP TABLE instruction; --"

    def test_races_pay_once(self, bank: Application) -> None:
        body = pain_001("M1", [Item(f"E{number}", "100.00") for number in range(20)])
        answers: list[bytes] = []

        def send() -> None:
            answers.append(etree.tostring(post(bank, "city/payments", body)))
            bank.books.close()

        threads = [threading.Thread(target=send) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len(answers) == 8
        assert len(set(answers)) == 1
        assert len(statement(bank, "city", "2026-07-01")) == 20


class TestCollections:
    def test_an_unknown_debtor_pays_in_full_on_time(self, bank: Application) -> None:
        post(bank, "city/collections", pain_008("C1", [Item("L1-1", "17345.67")]))
        assert [entry[:3] for entry in statement(bank, "city", "2026-08-01")] == [("L1-1", "CRDT", "17345.67")]

    def test_what_is_settled_is_not_collected_again(self, bank: Application) -> None:
        post(bank, "city/collections", pain_008("C1", [Item("L1-1", "100.00")]))
        report = post(bank, "city/collections", pain_008("C2", [Item("L1-1", "100.00")], day="2026-08-02"))
        assert statuses(report) == {"L1-1": ("RJCT", "AM05")}
        same_day = post(bank, "city/collections", pain_008("C3", [Item("L1-1", "100.00")]))
        assert statuses(same_day) == {"L1-1": ("ACCP", None)}
        assert len(statement(bank, "city", "2026-08-01")) == 1

    def test_a_firm_in_default_hardly_pays_and_may_be_asked_again(
        self, bank: Application, region: RegionSummary
    ) -> None:
        ill = [one for one in truth(region.folder) if one.default_month and one.default_month <= date(2026, 9, 1)]
        assert ill
        collected = Decimal(0)
        for number, one in enumerate(ill):
            for day in range(1, 21):
                day_text = (
                    f"2026-{one.default_month.month:02d}-{day:02d}"
                    if one.default_month.year == 2026
                    else f"{one.default_month.year}-{one.default_month.month:02d}-{day:02d}"
                )
                item = Item(f"L{number}", "1000.00", party=one.uscc)
                report = post(bank, "city/collections", pain_008(f"C{number}-{day}", [item], day=day_text))
                assert statuses(report)[f"L{number}"][0] == "ACCP"
                collected += sum(
                    (Decimal(entry[2]) for entry in statement(bank, "city", day_text) if entry[0] == f"L{number}"),
                    Decimal(0),
                )
        assert collected < Decimal("400.00") * 20 * len(ill)

    def test_asking_twice_on_a_day_does_not_squeeze_out_more(self, region: RegionSummary, tmp_path: Path) -> None:
        half: Callable[[str, date, int], int] = lambda _debtor, _day, fen: fen // 2  # noqa: E731
        books = Books(tmp_path, payable=half, closed=lambda _party, _day: False)
        first, _ = books.take_in("city", read_message(pain_008("C1", [Item("L1", "100.00")]), "collection"), "now")
        second, _ = books.take_in("city", read_message(pain_008("C2", [Item("L2", "50.00")]), "collection"), "later")
        assert [one.status for one in first + second] == ["ACCP", "ACCP"]
        assert [one.amount_fen for one in books.bookings("city", date(2026, 8, 1))] == [5_000]
        books.close()


class TestPayable:
    def test_sound_firms_pay_nearly_always_and_firms_in_default_nearly_never(self, region: RegionSummary) -> None:
        opened = Region(region.folder)
        by_code = {one.uscc: one for one in truth(region.folder)}
        sound, broken = [], []
        for firm in enterprise_drafts(region.folder):
            course = by_code[firm.uscc]
            for month in range(7, 13):
                paid = payable(opened, debtor=firm.uscc, day=date(2026, month, 15), amount_fen=100_000)
                assert 0 <= paid <= 100_000
                if course.distress_month is None:
                    sound.append(paid == 100_000)
                elif course.default_month and course.default_month <= date(2026, month, 1) and not course.recovered:
                    broken.append(paid == 100_000)
        assert sum(sound) / len(sound) > 0.98
        assert sum(broken) / len(broken) < 0.5

    def test_a_firm_in_trouble_may_pay_later_in_the_month(self, region: RegionSummary) -> None:
        opened = Region(region.folder)
        late = 0
        for one in truth(region.folder):
            if one.distress_month and one.distress_month.year == 2026:
                paid = [
                    payable(opened, debtor=one.uscc, day=one.distress_month.replace(day=day), amount_fen=1_000)
                    for day in range(1, 29)
                ]
                late += paid[0] < 1_000 and paid[-1] == 1_000
                full = [amount == 1_000 for amount in paid]
                assert full == sorted(full)
        assert late

    def test_is_the_same_whenever_it_is_asked(self, region: RegionSummary) -> None:
        firm = enterprise_drafts(region.folder)[0].uscc
        days = [date(2026, 7, day) for day in range(1, 31)]
        first, second = (
            [payable(Region(region.folder), debtor=firm, day=day, amount_fen=99) for day in days] for _ in range(2)
        )
        assert first == second


class TestReadMessage:
    good = pain_001("M1", [Item("E1", "5.00")])

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"<", b"plain text", b"\x00\x01", b"<a/>", good[:-20], good.replace(b"pain.001.001.09", b"pain.001.001.03"),
            good.replace(b"<MsgId>M1</MsgId>", b""), good.replace(b"M1</MsgId>", b"M" * 36 + b"</MsgId>"),
            good.replace(b"<NbOfTxs>1<", b"<NbOfTxs>2<"), good.replace(b"2026-07-01</Dt>", b"tomorrow</Dt>"),
            good.replace(b"<EndToEndId>E1</EndToEndId>", b""), pain_001("M1", []),
            pain_001("M1", [Item("E1", "5.00"), Item("E1", "6.00")]), pain_001("M1", [Item("E1", "5.00")], total="6.00"),
            pain_001("M1", [Item("E1", "5.00")], total="NaN?"), pain_001("M1", [Item("E1", "x")], total="5.00"),
            "<?xml version='1.0' encoding='UTF-16'?><a/>".encode("utf-16"),
            b"<a>" * 5_000,
        ],
    )  # fmt: skip
    def test_says_why_a_message_cannot_be_read(self, body: bytes) -> None:
        with pytest.raises(MalformedMessage):
            read_message(body, "payment")

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_refuses_entities_and_document_types(self, encoding: str, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("secret")
        doctype = f'<!DOCTYPE Document [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
        text = f"<?xml version='1.0' encoding='{encoding}'?>" + doctype + self.good.decode().replace(">M1<", ">&e;<")
        with pytest.raises(MalformedMessage) as caught:
            read_message(text.encode(encoding), "payment")
        assert "secret" not in str(caught.value).replace("/secret", "")

    def test_refuses_a_bomb_of_entities_quickly(self) -> None:
        levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
        bomb = f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY l0 "lol">{levels}]><x>&l11;</x>'
        with pytest.raises(MalformedMessage):
            read_message(bomb.encode("utf-16"), "payment")
