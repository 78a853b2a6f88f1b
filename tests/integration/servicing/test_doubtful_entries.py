"""Bank reports that do not fit what was ordered: booked never, lost never."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from rongtong.attest import facade as attest
from rongtong.ledger import facade as ledger
from rongtong.servicing import facade, models
from rongtong.servicing.actions.receive_status import receive_status
from rongtong.servicing.contracts import ExceptionReason, InstructionState, Loan, LoanState

from .conftest import ACTOR, AT, DAY, LATER, Market, asked, books, entry, fetch, report, statement

DUE = date(2026, 2, 24)


def reasons(market: Market) -> list[ExceptionReason]:
    return sorted(one.reason for one in facade.unbooked_page(lender_id=market.lender_id).items)


@pytest.fixture
def collection(market: Market) -> models.Instruction:
    """An order of 25,819.93 yuan that the bank has not answered."""
    market.active()
    market.bank.pays[firm_of(market)] = 0
    facade.send_collections(business_date=DUE, actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # in process
    return models.Instruction.objects.get(kind="collection")


def firm_of(market: Market) -> str:
    from rongtong.parties.models import Identifier

    loan = models.Loan.objects.get()
    return Identifier.objects.get(organisation_id=loan.enterprise_id).value


class TestStatuses:
    @pytest.mark.parametrize("said", ["<Sts>PDNG</Sts>", "<Sts>INFO</Sts>", "<Sts><Cd>PDNG</Cd></Sts>"])
    def test_a_pending_payment_pays_nothing_and_is_booked_when_it_is(
        self, market: Market, collection: models.Instruction, said: str
    ) -> None:
        line = entry("P1", "CRDT", 2_581_993, DUE, collection.end_to_end_id)
        found = market.statement(statement([line.replace("<Sts><Cd>BOOK</Cd></Sts>", said)]))
        assert (found.entries, found.pending, found.repayments, found.exceptions) == (0, 1, 0, 0)
        assert market.statement(statement([line])).repayments == 1

    def test_a_status_of_the_banks_own_waits_for_a_person_and_the_booked_entry_is_another(
        self, market: Market, collection: models.Instruction
    ) -> None:
        line = entry("P1", "CRDT", 2_581_993, DUE, collection.end_to_end_id)
        own = line.replace("<Cd>BOOK</Cd>", "<Prtry>VORGEMERKT</Prtry>")
        assert market.statement(statement([own])).exceptions == 1
        assert reasons(market) == [ExceptionReason.STATUS_UNKNOWN]
        assert market.statement(statement([own, line])).repayments == 1

    def test_a_pending_debit_pays_nothing_out(self, market: Market) -> None:
        loan = market.instructed()
        line = entry("P1", "DBIT", 30_000_000, DAY, asked(loan).end_to_end_id)
        market.statement(statement([line.replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>PDNG</Sts>")]))
        assert fetch(loan).state is LoanState.INSTRUCTED


class TestReversals:
    def test_a_reversal_pays_no_instalment(self, market: Market, collection: models.Instruction) -> None:
        line = entry("V1", "CRDT", 2_581_993, DUE, collection.end_to_end_id)
        market.statement(statement([line.replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")]))
        assert reasons(market) == [ExceptionReason.REVERSAL]
        assert models.Repayment.objects.count() == 0

    def test_nor_by_hand(self, market: Market) -> None:
        loan = market.active()
        line = entry("V1", "CRDT", 2_581_993, DUE, "NOTPROVIDED")
        market.statement(statement([line.replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")]))
        (left,) = facade.unbooked_page(lender_id=market.lender_id).items
        with pytest.raises(facade.EntryNotBookable):
            facade.resolve_entry(unbooked_id=left.id, loan_id=loan.id, note="counter", actor=ACTOR, at=AT)

    @pytest.mark.parametrize("undoes", ["", "<RvslInd>true</RvslInd>"])
    def test_a_payout_that_comes_back_is_no_repayment(self, market: Market, undoes: str) -> None:
        loan = market.active()
        line = entry("V1", "CRDT", 30_000_000, DUE, asked(loan).end_to_end_id)
        market.statement(statement([line.replace("<Sts>", f"{undoes}<Sts>")]))
        assert reasons(market) == [ExceptionReason.RETURNED]
        assert fetch(loan).outstanding_minor == 30_000_000

    def test_a_collection_that_is_given_back_waits_beside_its_repayment(
        self, market: Market, collection: models.Instruction
    ) -> None:
        name = collection.end_to_end_id
        back = entry("V2", "DBIT", 2_581_993, DUE + timedelta(days=2), name)
        market.statement(statement([entry("V1", "CRDT", 2_581_993, DUE, name)]))
        market.statement(statement([back.replace("<Sts>", "<RvslInd>1</RvslInd><Sts>")]))
        assert reasons(market) == [ExceptionReason.RETURNED]


class TestPayouts:
    def test_a_payout_of_a_refused_order_is_seen(self, market: Market) -> None:
        loan = market.instructed()
        order = asked(loan)
        receive_status(lender_id=market.lender_id, content=report([(order.end_to_end_id, "RJCT")]), actor=ACTOR, at=AT)
        found = market.statement(statement([entry("D1", "DBIT", 30_000_000, DAY, order.end_to_end_id)]))
        assert (found.payouts, found.exceptions) == (0, 1)
        assert reasons(market) == [ExceptionReason.ORDER_REJECTED]
        assert fetch(loan).state is LoanState.REJECTED

    @pytest.mark.parametrize("together", [True, False])
    def test_a_second_debit_of_one_order_is_seen(self, market: Market, together: bool) -> None:
        name = asked(market.active()).end_to_end_id
        lines = [entry(key, "DBIT", 30_000_000, DAY, name) for key in ("D1", "D2")]
        for lot in [lines] if together else [[one] for one in lines]:
            market.statement(statement(lot))
        assert reasons(market) == [ExceptionReason.ORDER_EXCEEDED]
        assert models.StatementEntry.objects.count() == 2


class TestReferences:
    def test_a_reference_used_again_is_another_entry(self, market: Market, collection: models.Instruction) -> None:
        name = collection.end_to_end_id
        market.statement(statement([entry("000042", "CRDT", 700_000, DUE, name)]))
        found = market.statement(statement([entry("000042", "CRDT", 900_000, DUE + timedelta(days=1), name)]))
        assert (found.repayments, found.duplicates) == (1, 0)
        assert sorted(models.Repayment.objects.values_list("amount_minor", flat=True)) == [700_000, 900_000]

    def test_a_fee_with_the_reference_of_its_payment_waits(
        self, market: Market, collection: models.Instruction
    ) -> None:
        lines = [
            entry("000042", "CRDT", 2_581_993, DUE, collection.end_to_end_id),
            entry("000042", "DBIT", 1_500, DUE, ""),
        ]
        found = market.statement(statement(lines))
        assert (found.repayments, found.exceptions, found.duplicates) == (1, 1, 0)

    def test_one_payment_under_two_references_pays_once(self, market: Market, collection: models.Instruction) -> None:
        name = collection.end_to_end_id
        by_file = f"流水号,借贷标志,金额,记账日期,指令编号\n88001,贷,25819.93,2026-02-24,{name}\n"
        market.statement(statement([entry("A-1", "CRDT", 2_581_993, DUE, name)]))
        market.statement(by_file.encode("gb18030"))
        assert reasons(market) == [ExceptionReason.ORDER_EXCEEDED]
        assert models.Repayment.objects.count() == 1

    def test_the_same_entry_without_its_account_is_the_same(
        self, market: Market, collection: models.Instruction
    ) -> None:
        line = entry("A-1", "CRDT", 2_581_993, DUE, collection.end_to_end_id)
        market.statement(statement([line]))
        named = statement([line]).replace(b"<Ntfctn>", b"<Ntfctn><Acct><Id><Othr><Id>955</Id></Othr></Id></Acct>")
        found = market.statement(named)
        assert (found.duplicates, found.exceptions) == (1, 0)

    def test_the_same_reference_on_another_account_is_another_entry(self, market: Market) -> None:
        market.active()
        line = entry("A-1", "CRDT", 100, DUE, "counter")
        for account in (b"955", b"956"):
            named = b"<Ntfctn><Acct><Id><Othr><Id>" + account + b"</Id></Othr></Id></Acct>"
            market.statement(statement([line]).replace(b"<Ntfctn>", named))
        assert len(facade.unbooked_page(lender_id=market.lender_id).items) == 2


class TestBundles:
    def test_do_not_stop_the_entries_beside_them(self, market: Market, collection: models.Instruction) -> None:
        name = collection.end_to_end_id
        bundle = entry("B1", "CRDT", 30_000, DUE, name).replace("</TxDtls>", "</TxDtls><TxDtls/>")
        found = market.statement(statement([bundle, entry("B2", "CRDT", 5_000, DUE, name)]))
        assert (found.repayments, found.exceptions) == (1, 1)
        assert reasons(market) == [ExceptionReason.BUNDLED]

    def test_that_come_apart_are_booked_on_each_order(self, market: Market) -> None:
        market.active()
        market.active()
        facade.send_collections(business_date=DUE, actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # in process
        names = models.Instruction.objects.filter(kind="collection").values_list("end_to_end_id", flat=True)
        parts = "".join(
            f"<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs><Amt Ccy='CNY'>25819.93</Amt></TxDtls>"
            for name in names
        )
        whole = entry("B1", "CRDT", 5_163_986, DUE, "x")
        content = statement([whole[: whole.index("<NtryDtls>")] + f"<NtryDtls>{parts}</NtryDtls></Ntry>"])
        assert market.statement(content).repayments == 2
        assert market.statement(content).duplicates == 2
        assert sorted(row.outstanding_minor for row in models.Loan.objects.all()) == [27_568_007, 27_568_007]


class TestWholeMessages:
    @pytest.mark.parametrize(
        "said",
        [
            "<OrgnlGrpInfAndSts><OrgnlMsgId>{}</OrgnlMsgId><GrpSts>RJCT</GrpSts>{}</OrgnlGrpInfAndSts>",
            "<OrgnlPmtInfAndSts><OrgnlPmtInfId>{}</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>{}</OrgnlPmtInfAndSts>",
        ],
    )
    def test_refused_give_the_limit_back_with_the_banks_reason(self, market: Market, said: str) -> None:
        loan = market.instructed()
        message = models.Message.objects.get()
        reason = "<StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>"
        market.bank.answers[message.message_id] = pain(said.format(message.message_id, reason))
        market.send()
        assert (fetch(loan).state, fetch(loan).rejection_reason) == (LoanState.REJECTED, "FF01")
        assert models.Facility.objects.get().used_minor == 0
        message.refresh_from_db()
        assert (message.state, message.answered_at) == (InstructionState.REJECTED, AT)
        assert ledger.check_balanced()
        assert books(loan) == {}

    def test_a_transactions_own_word_goes_first(self, market: Market) -> None:
        loan, order = market.instructed(), models.Instruction.objects.get()
        group = f"<OrgnlGrpInfAndSts><OrgnlMsgId>{order.message.message_id}</OrgnlMsgId><GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>"
        own = (
            f"<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>{order.end_to_end_id}</OrgnlEndToEndId>"
            "<TxSts>PDNG</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>"
        )
        receive_status(lender_id=market.lender_id, content=pain(group + own), actor=ACTOR, at=AT)
        assert fetch(loan).state is LoanState.INSTRUCTED

    def test_another_lenders_message_is_not_its_to_refuse(self, market: Market) -> None:
        from .conftest import make_market

        loan, other = market.instructed(), make_market()
        name = models.Message.objects.get().message_id
        group = f"<OrgnlGrpInfAndSts><OrgnlMsgId>{name}</OrgnlMsgId><GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>"
        receive_status(lender_id=other.lender_id, content=pain(group), actor=ACTOR, at=AT)
        assert fetch(loan).state is LoanState.INSTRUCTED


class TestBookByHand:
    def book(self, market: Market, loan: Loan, at: datetime = LATER) -> None:
        (left,) = facade.unbooked_page(lender_id=market.lender_id).items
        facade.resolve_entry(unbooked_id=left.id, loan_id=loan.id, note="asked the firm", actor=ACTOR, at=at)

    def test_the_rest_of_a_payment_pays_what_falls_due_later_on_its_day(
        self, market: Market, collection: models.Instruction
    ) -> None:
        loan = fetch_id(collection)
        market.statement(statement([entry("E1", "CRDT", 2_600_000, DUE, collection.end_to_end_id)]))
        with pytest.raises(facade.EntryNotBookable):
            self.book(market, loan, at=AT)  # nothing more is due yet
        due = fetch(loan).next_due_date
        self.book(market, loan)
        first, rest = models.Repayment.objects.order_by("business_date", "id")
        assert (first.amount_minor, first.rest, rest.amount_minor, rest.rest) == (2_581_993, False, 18_007, True)
        assert (rest.business_date, rest.entry_id) == (due, first.entry_id)
        assert reasons(market) == []
        assert ledger.check_balanced()
        attest.sequence(at=LATER)
        assert attest.verify_log().ok

    def test_a_second_payment_of_an_order_pays_the_next_instalment_where_a_person_says_so(
        self, market: Market, collection: models.Instruction
    ) -> None:
        name = collection.end_to_end_id
        market.statement(statement([entry(key, "CRDT", 2_581_993, DUE, name) for key in ("E1", "E2")]))
        self.book(market, fetch_id(collection))
        assert sorted(models.Repayment.objects.values_list("amount_minor", "rest")) == [(2_581_993, False)] * 2

    @pytest.mark.parametrize("days", [-60, 800])
    def test_not_on_a_day_before_the_loan_or_still_to_come(self, market: Market, days: int) -> None:
        loan = market.active()
        market.statement(statement([entry("E1", "CRDT", 10_000, DAY + timedelta(days=days), "counter")]))
        with pytest.raises(facade.EntryNotBookable):
            self.book(market, loan)

    def test_not_on_the_loan_of_another_firm(self, market: Market, collection: models.Instruction) -> None:
        other = market.active()
        early = DUE - timedelta(days=32)
        market.statement(statement([entry("E1", "CRDT", 2_581_993, early, collection.end_to_end_id)]))
        with pytest.raises(facade.EntryNotBookable):
            self.book(market, other)

    @pytest.mark.parametrize("reason", list(ExceptionReason))
    def test_any_reason_can_be_settled_by_a_note_but_not_without(self, market: Market, reason: ExceptionReason) -> None:
        market.active()
        market.statement(statement([entry("E1", "CRDT", 10_000, DUE, "counter")]))
        row = models.UnbookedEntry.objects.get()
        copy = models.StatementEntry.objects.create(
            statement=row.entry.statement, lender_id=row.lender_id, entry_ref="E2", credit=True, amount_minor=1,
            currency="CNY", booked_date=DUE, end_to_end_id="", text="", recorded_at=AT,
        )  # fmt: skip
        made = models.UnbookedEntry.objects.create(
            entry=copy, lender_id=row.lender_id, reason=reason.value, amount_minor=1
        )
        with pytest.raises(facade.EntryMalformed):
            facade.resolve_entry(unbooked_id=made.id, note=" ", actor=ACTOR, at=AT)
        done = facade.resolve_entry(unbooked_id=made.id, note="returned", actor=ACTOR, at=AT)
        assert (done.resolved_at, done.resolution) == (AT, "returned")


def fetch_id(order: models.Instruction) -> Loan:
    return facade.loan(loan_id=order.loan_id)


def pain(body: str) -> bytes:
    space = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
    return f'<Document xmlns="{space}"><CstmrPmtStsRpt>{body}</CstmrPmtStsRpt></Document>'.encode()
