from __future__ import annotations

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import Error
from lxml import etree

from rongtong.attest import facade as attest
from rongtong.core.ids import encode_id
from rongtong.core.models import Event
from rongtong.core.tenancy import as_platform
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountKind
from rongtong.servicing import facade, models
from rongtong.servicing.adapters.orders import PAIN_008
from rongtong.servicing.contracts import (
    Component,
    ExceptionReason,
    InstructionKind,
    Loan,
)

from .conftest import ACTOR, AT, Market, asked, books, entry, fetch, make_market, statement

DUE = date(2026, 2, 24)


class TestSendCollections:
    def test_asks_for_what_is_due_on_the_day(self, market: Market) -> None:
        first, second = market.active(), market.active()
        facade.send_collections(business_date=DUE - timedelta(days=1), actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # the bank in process
        assert not models.Instruction.objects.filter(kind=InstructionKind.COLLECTION).exists()
        facade.send_collections(business_date=DUE, actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # as above
        message = models.Message.objects.get(kind=InstructionKind.COLLECTION)
        root, ns = etree.fromstring(message.xml.encode()), {"m": PAIN_008}
        assert {node.text for node in root.findall(".//m:InstdAmt", ns)} == {"25819.93"}
        assert root.findtext(".//m:GrpHdr/m:CtrlSum", namespaces=ns) == "51639.86"
        assert root.findtext(".//m:ReqdColltnDt", namespaces=ns) == "2026-02-24"
        assert root.findtext(".//m:Cdtr/m:Nm", namespaces=ns) == "清江银行股份有限公司"
        assert {node.text for node in root.findall(".//m:MndtId", ns)} == {
            first.number.removesuffix("-01"),
            second.number.removesuffix("-01"),
        }
        assert message.enterprise_id is None

    def test_asks_once_a_day_and_again_the_next_day_with_the_penalty(self, market: Market) -> None:
        loan = market.active()
        market.bank.pays[self.identifier(loan)] = 0
        for _ in range(2):
            facade.send_collections(business_date=DUE, actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # as above
        facade.send_collections(business_date=DUE + timedelta(days=10), actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # as above
        rows = models.Instruction.objects.filter(kind=InstructionKind.COLLECTION).order_by("id")
        principal, interest = 2_431_993, 150_000
        late = [round(Decimal(part) * Decimal("0.09") * 10 / 360) for part in (principal, interest)]
        assert [row.amount_minor for row in rows] == [principal + interest, principal + interest + sum(late)]

    def identifier(self, loan: Loan) -> str:
        from rongtong.parties.models import Identifier

        return Identifier.objects.get(organisation_id=loan.enterprise_id).value

    def test_no_more_queries_for_more_loans(self, market: Market, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's
        for _ in range(25):
            market.instructed()
        market.send()
        with django_assert_max_num_queries(40):
            facade.send_collections(business_date=DUE, actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # as above
        with django_assert_max_num_queries(60):
            assert market.statement(day=DUE).repayments == 25


class TestImportStatement:
    def test_books_a_repayment_on_what_is_due(self, market: Market) -> None:
        loan = market.active()
        found = market.collect(DUE)
        assert (found.entries, found.repayments, found.repaid_minor, found.exceptions) == (1, 1, 2_581_993, 0)
        now = fetch(loan)
        assert (now.outstanding_minor, now.interest_paid_minor) == (30_000_000 - 2_431_993, 150_000)
        assert now.next_due_date == date(2026, 3, 16)
        assert books(loan) == {
            AccountKind.PRINCIPAL_RECEIVABLE: 27_568_007,
            AccountKind.FUNDING: -30_000_000,
            AccountKind.COLLECTIONS: 2_581_993,
            AccountKind.INTEREST_RECEIVABLE: books(loan)[AccountKind.INTEREST_RECEIVABLE],
            AccountKind.INTEREST_INCOME: -150_000 - books(loan)[AccountKind.INTEREST_RECEIVABLE],
        }
        assert facade.repayments(loan_id=loan.id)[0].parts == {
            Component.INTEREST: 150_000,
            Component.PRINCIPAL: 2_431_993,
        }

    def test_the_same_statement_again_books_nothing(self, market: Market) -> None:
        loan = market.active()
        market.collect(DUE)
        for _ in range(3):
            found = market.statement(day=DUE)
            assert (found.entries, found.duplicates, found.repayments) == (1, 1, 0)
        assert len(facade.repayments(loan_id=loan.id)) == 1
        assert Event.objects.filter(name="repayment.booked").count() == 1

    def test_a_part_goes_by_the_order_of_the_law_and_the_rest_stays_due(self, market: Market) -> None:
        loan = market.active()
        order = self.order(loan, DUE)
        late = DUE + timedelta(days=20)
        market.statement(statement([entry("R1", "CRDT", 500_000, late, order.end_to_end_id)]))
        parts = facade.repayments(loan_id=loan.id)[0].parts
        assert list(parts) != []
        assert parts[Component.PENALTY] == round(Decimal(2_431_993) * Decimal("0.09") * 20 / 360)
        assert parts[Component.COMPOUND] == 750
        assert parts[Component.INTEREST] == 150_000
        assert sum(parts.values()) == 500_000
        now = fetch(loan)
        assert now.overdue_days == 20
        assert ledger.check_balanced()

    def order(self, loan: Loan, day: date) -> models.Instruction:
        facade.send_collections(business_date=day, actor=ACTOR, at=AT, bank=Market(loan.lender_id, market_bank()).bank)  # type: ignore[arg-type]  # a bank in process
        return asked(loan)

    def test_more_than_what_is_due_waits_for_a_decision(self, market: Market) -> None:
        loan = market.active()
        order = self.order(loan, DUE)
        found = market.statement(statement([entry("R1", "CRDT", 2_600_000, DUE, order.end_to_end_id)]))
        assert (found.repaid_minor, found.exceptions) == (2_581_993, 1)
        (left,) = facade.unbooked_page(lender_id=market.lender_id).items
        assert (left.reason, left.amount_minor) == (ExceptionReason.EXCESS, 18_007)
        facade.resolve_entry(unbooked_id=left.id, note="returned", actor=ACTOR, at=AT)
        assert facade.unbooked_page().items == ()
        with pytest.raises(facade.EntryNotBookable):
            facade.resolve_entry(unbooked_id=left.id, note="again", actor=ACTOR, at=AT)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (("X1", "CRDT", 100, DUE, "unknown"), ExceptionReason.UNMATCHED),
            (("X1", "DBIT", 100, DUE, "unknown"), ExceptionReason.UNMATCHED),
            (("X1", "CRDT", 100, DUE, "ours", "USD"), ExceptionReason.WRONG_CURRENCY),
            (("X1", "DBIT", 100, DUE, "ours"), ExceptionReason.RETURNED),
            (("X1", "DBIT", 100, DUE, "drawdown"), ExceptionReason.AMOUNT_DIFFERS),
        ],
    )
    def test_what_cannot_be_booked_is_kept(
        self, market: Market, text: tuple[str, str, int, date, str], reason: ExceptionReason
    ) -> None:
        loan = market.active()
        drawdown = asked(loan).end_to_end_id
        names = {"ours": self.order(loan, DUE).end_to_end_id, "drawdown": drawdown}
        parts = list(text)
        parts[4] = names.get(text[4], text[4])
        found = market.statement(statement([entry(*parts)]))  # type: ignore[arg-type]  # the tuple is the entry's
        assert (found.entries, found.repayments, found.exceptions) == (1, 0, 1)
        assert facade.unbooked_page(lender_id=market.lender_id).items[0].reason == reason
        assert fetch(loan).outstanding_minor == 30_000_000

    def test_an_unmatched_payment_can_be_booked_by_hand(self, market: Market) -> None:
        loan = market.active()
        market.statement(statement([entry("X1", "CRDT", 2_581_993, DUE, "paid at the counter")]))
        (left,) = facade.unbooked_page().items
        facade.resolve_entry(unbooked_id=left.id, loan_id=loan.id, note="counter", actor=ACTOR, at=AT)
        assert fetch(loan).outstanding_minor == 30_000_000 - 2_431_993

    def test_a_foreign_lenders_entry_finds_no_loan(self, market: Market) -> None:
        loan = market.active()
        order = self.order(loan, DUE)
        other = make_market()
        other.active()
        found = other.statement(statement([entry("R1", "CRDT", 2_581_993, DUE, order.end_to_end_id)]))
        assert (found.repayments, found.exceptions) == (0, 1)

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
    def test_reads_a_csv_file_with_chinese_headers(self, market: Market, encoding: str) -> None:
        loan = market.active()
        order = self.order(loan, DUE)
        text = (
            "交易流水号,借贷标志,交易金额,币种,记账日期,指令编号,摘要\r\n"
            f'S1,贷,"25,819.93",人民币,2026/02/24,{order.end_to_end_id},还款\r\n\r\n'
        )
        found = market.statement(text.encode(encoding))
        assert (found.repayments, found.repaid_minor) == (1, 2_581_993)
        assert fetch(loan).outstanding_minor == 27_568_007

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"   \n",
            b"\x00\x01\x02\xff\xfe",
            b"a,b,c\n1,2,3\n",
            b"entry_ref,direction,amount,booked_date,end_to_end_id\nR,CRDT,1e3,2026-02-24,x\n",
            b"entry_ref,direction,amount,booked_date,end_to_end_id\nR,CRDT,1.005,2026-02-24,x\n",
            b"entry_ref,direction,amount,booked_date,end_to_end_id\nR,CRDT,-1,2026-02-24,x\n",
            b"entry_ref,direction,amount,booked_date,end_to_end_id\nR,CRDT,0,2026-02-24,x\n",
            b"entry_ref,direction,amount,booked_date,end_to_end_id\nR,CRDT,1,2026-02-30,x\n",
            b"entry_ref,direction,amount,booked_date,end_to_end_id\n,CRDT,1,2026-02-24,x\n",
            b'entry_ref,direction,amount,booked_date,end_to_end_id\n"R,CRDT,1,2026-02-24,x\n',
            b"<Document/>",
            b"<html><body>",
            b'<!DOCTYPE a [<!ENTITY b "c">]><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><a>&b;</a></Document>',
            b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><a/></Document>',
            statement([entry("R", "CRDT", 100, date(2026, 2, 24), "x").replace("1.00", "99999999999999999999")]),
            statement([entry("R" * 65, "CRDT", 100, date(2026, 2, 24), "x")]),
            statement([entry("R", "SIDEWAYS", 100, date(2026, 2, 24), "x")]),
            statement([entry("R", "CRDT", 100, date(2026, 2, 24), "x").replace("2026-02-24", "soon")]),
        ],
    )
    def test_a_malformed_file_is_refused_whole(self, market: Market, content: bytes) -> None:
        market.active()
        with pytest.raises(facade.MessageMalformed):
            market.statement(content)
        assert not models.StatementEntry.objects.exists()

    def test_a_file_that_is_too_large_is_refused(self, market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
        from rongtong.servicing.adapters import statement_csv, xml

        monkeypatch.setattr(xml, "MAX_BYTES", 1000)
        monkeypatch.setattr(statement_csv, "MAX_BYTES", 1000)
        for content in (b"entry_ref," + b"x" * 1000, b"<" + b"x" * 1000):
            with pytest.raises(facade.MessageMalformed, match="MB"):
                market.statement(content)

    def test_nothing_is_asked_of_a_bank_without_loans(self, market: Market) -> None:
        market.bank.down = True
        assert market.statement(day=DUE).entries == 0

    def test_a_repayment_is_evidence_to_the_fen(self, market: Market) -> None:
        loan = market.active()
        market.collect(DUE)
        attest.sequence(at=AT)
        kinds = [leaf.step.kind for leaf in attest.steps_of_subject(encode_id("loan", loan.id))]
        assert kinds[-1] == "repayment.booked"
        assert attest.verify_log().ok


def market_bank():  # type: ignore[no-untyped-def]  # a bank whose statements nobody reads
    from .conftest import FakeBank

    return FakeBank()


@pytest.mark.django_db(transaction=True)
class TestRacesAndCrashes:
    def test_the_same_statement_from_many_threads_is_booked_once(self) -> None:
        market = make_market()
        with as_platform():
            loan = market.active()
            facade.send_collections(business_date=DUE, actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # in process
        errors: list[BaseException] = []

        def load() -> None:
            try:
                with as_platform():
                    market.statement(day=DUE)
            except BaseException as error:
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=load) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        with as_platform():
            assert len(facade.repayments(loan_id=loan.id)) == 1
            assert fetch(loan).outstanding_minor == 27_568_007
            assert ledger.check_balanced()

    def test_a_booking_that_fails_leaves_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from rongtong.servicing.actions import book_repayments

        market = make_market()
        with as_platform():
            loan = market.active()
            facade.send_collections(business_date=DUE, actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # in process
            with monkeypatch.context() as patch:
                patch.setattr(book_repayments, "save_loans", _fail)
                with pytest.raises(SystemExit):
                    market.statement(day=DUE)
            assert not models.StatementEntry.objects.exists()
            assert books(loan) == {AccountKind.PRINCIPAL_RECEIVABLE: 30_000_000, AccountKind.FUNDING: -30_000_000}
            assert market.statement(day=DUE).repayments == 1
            assert ledger.check_balanced()

    def test_what_was_booked_is_not_rewritten(self) -> None:
        market = make_market()
        with as_platform():
            market.active()
            market.collect(DUE)
            for sql in (
                "UPDATE servicing_repayment SET amount_minor = 1",
                "DELETE FROM servicing_allocation",
                "UPDATE servicing_statement_entry SET amount_minor = 1",
                "UPDATE servicing_loan SET principal_minor = principal_minor + 1",
                "UPDATE servicing_instalment SET due_date = due_date + 1",
                "UPDATE servicing_message SET xml = ''",
                "UPDATE servicing_facility SET limit_minor = limit_minor * 2",
                "DELETE FROM servicing_loan",
                "TRUNCATE servicing_payout",
            ):
                with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(sql)


def _fail(loans: object) -> None:
    raise SystemExit("cut off")
