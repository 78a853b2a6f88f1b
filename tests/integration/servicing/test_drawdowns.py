from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from lxml import etree

from rongtong.core.models import Event
from rongtong.core.tenancy import as_platform
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountKind
from rongtong.origination.contracts import AgreementState
from rongtong.parties.models import Identifier, Organisation
from rongtong.servicing import facade, models
from rongtong.servicing.adapters.orders import PAIN_001
from rongtong.servicing.contracts import InstructionState, Loan, LoanState, SendReport
from rongtong.servicing.queries.parties import made_up_member

from .conftest import ACTOR, AT, DAY, Market, make_market, member_of, report

NS = {"m": PAIN_001}


def owed(loan: Loan, kind: AccountKind = AccountKind.PRINCIPAL_RECEIVABLE) -> int:
    return ledger.balances_of(references=[loan.id])[kind, loan.id]


def unused(facility_id: object) -> int:
    return ledger.balances_of(references=[facility_id])[AccountKind.COMMITMENT, facility_id]  # type: ignore[list-item,index]  # an id


class TestOpenFacility:
    def test_is_opened_once_for_an_agreement(self, market: Market) -> None:
        agreement = market.agreement()
        first = facade.open_facility(agreement=agreement, actor=ACTOR, at=AT)
        assert facade.open_facility(agreement=agreement, actor=ACTOR, at=AT) == first
        assert unused(first.id) == first.limit_minor == first.available_minor == 30_000_000
        assert Event.objects.filter(name="facility.opened").count() == 1

    def test_needs_both_signatures(self, market: Market) -> None:
        unsigned = replace(market.agreement(), state=AgreementState.SIGNED_BY_FIRM)
        with pytest.raises(facade.AgreementUnsigned):
            facade.open_facility(agreement=unsigned, actor=ACTOR, at=AT)

    def test_a_revolving_line_is_drawn_in_part_at_first(self, market: Market) -> None:
        line = market.facility(repayment_method="revolving", amount_minor=55_550_000)
        assert (line.revolving, line.first_drawdown_minor) == (True, 33_000_000)
        assert market.facility().first_drawdown_minor == 30_000_000


class TestRequestDrawdown:
    def test_writes_a_pain_001_from_the_lender_to_the_firm(self, market: Market) -> None:
        agreement = market.agreement()
        line = facade.open_facility(
            agreement=agreement, actor=ACTOR, at=AT, account_bank="江左农商银行", account_number="6222000011112222"
        )
        loan = facade.request_drawdown(
            facility_id=line.id, amount_minor=30_000_000, business_date=DAY, actor=ACTOR, at=AT
        )
        assert (loan.state, loan.number) == (LoanState.INSTRUCTED, f"{agreement.number}-01")
        root = etree.fromstring(facade.drawdown_message(loan_id=loan.id).encode())

        def text(path: str) -> str:
            found = root.find(path, NS)
            assert found is not None
            return found.text or ""

        end_to_end = text(".//m:CdtTrfTxInf/m:PmtId/m:EndToEndId")
        assert len(end_to_end) <= 35
        assert len(text(".//m:GrpHdr/m:MsgId")) <= 35
        assert text(".//m:GrpHdr/m:NbOfTxs") == "1"
        assert text(".//m:GrpHdr/m:CtrlSum") == text(".//m:InstdAmt") == "300000.00"
        assert root.find(".//m:InstdAmt", NS).get("Ccy") == "CNY"  # type: ignore[union-attr]  # found above
        assert text(".//m:ReqdExctnDt/m:Dt") == "2026-01-15"
        assert text(".//m:Dbtr/m:Nm") == "清江银行股份有限公司"
        assert text(".//m:DbtrAgt/m:FinInstnId/m:ClrSysMmbId/m:ClrSysId/m:Cd") == "CNAPS"
        assert text(".//m:DbtrAgt/m:FinInstnId/m:ClrSysMmbId/m:MmbId") == member_of(market.lender_id)
        assert text(".//m:Cdtr/m:Nm") == "清江精密机械有限公司"
        assert text(".//m:CdtrAcct/m:Id/m:Othr/m:Id") == "6222000011112222"
        assert text(".//m:CtgyPurp/m:Cd") == "LOAN"

    def test_claims_no_clearing_number_that_is_none(self, market: Market) -> None:
        Identifier.objects.filter(scheme="cnaps").update(value="qingjiang_bank")
        root = etree.fromstring(facade.drawdown_message(loan_id=market.instructed().id).encode())
        agent = root.find(".//m:DbtrAgt/m:FinInstnId", NS)
        assert agent is not None
        assert [etree.QName(one).localname for one in agent] == ["Nm"]

    def test_a_demonstrations_clearing_number_has_the_form_and_says_that_it_is_made_up(self, market: Market) -> None:
        Identifier.objects.filter(scheme="cnaps").delete()
        Organisation.objects.filter(pk=market.lender_id).update(generated=True)
        root = etree.fromstring(facade.drawdown_message(loan_id=market.instructed().id).encode())
        agent = root.find(".//m:DbtrAgt/m:FinInstnId", NS)
        assert agent is not None
        assert [etree.QName(one).localname for one in agent] == ["ClrSysMmbId", "Nm"]
        assert re.fullmatch(r"999[0-9]{9}", agent.findtext("m:ClrSysMmbId/m:MmbId", namespaces=NS) or "")
        assert "虚构" in (agent.findtext("m:Nm", namespaces=NS) or "")
        codes = ["qingjiang_bank", "jiangzuo_rcb", "huayu_bank", "yunfan_bank", "qiming_factoring", "huimin_microloan"]
        assert len({made_up_member(code) for code in codes}) == len(codes)

    def test_an_account_that_is_not_known_is_not_claimed_to_be_one(self, market: Market) -> None:
        root = etree.fromstring(facade.drawdown_message(loan_id=market.instructed().id).encode())
        other = root.find(".//m:DbtrAcct/m:Id/m:Othr", NS)
        assert other is not None
        assert other.findtext("m:SchmeNm/m:Prtry", namespaces=NS) == "ORGANISATION-IDENTIFIER"

    def test_names_the_platform_nowhere_in_the_money(self, market: Market) -> None:
        from rongtong.parties import facade as parties

        platform = parties.platform()
        xml = facade.drawdown_message(loan_id=market.instructed().id)
        assert platform.name not in xml
        assert all(one.value not in xml for one in platform.identifiers)

    def test_the_blocks_of_the_message_stand_in_the_order_of_the_standard(self, market: Market) -> None:
        root = etree.fromstring(facade.drawdown_message(loan_id=market.instructed().id).encode())
        block = root.find(".//m:PmtInf", NS)
        assert block is not None
        assert [etree.QName(one).localname for one in block] == [
            "PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "PmtTpInf", "ReqdExctnDt", "Dbtr", "DbtrAcct",
            "DbtrAgt", "CdtTrfTxInf",
        ]  # fmt: skip

    def test_names_with_markup_and_control_characters_stay_text(self, market: Market) -> None:
        from rongtong.parties.models import Organisation

        firm = Organisation.objects.create(kind="enterprise", name="<b>'; DROP TABLE x;--\x01\x0b&公司")
        loan = market.instructed(enterprise_id=firm.id)
        root = etree.fromstring(facade.drawdown_message(loan_id=loan.id).encode())
        assert root.findtext(".//m:Cdtr/m:Nm", namespaces=NS) == "<b>'; DROP TABLE x;--&公司"

    def test_the_same_key_is_the_same_drawdown(self, market: Market) -> None:
        loan = market.instructed()
        again = facade.request_drawdown(
            facility_id=loan.facility_id, amount_minor=loan.principal_minor, business_date=DAY, actor=ACTOR, at=AT
        )
        assert again.id == loan.id
        assert models.Message.objects.count() == 1
        with pytest.raises(facade.DrawdownDiffers):
            facade.request_drawdown(facility_id=loan.facility_id, amount_minor=5, business_date=DAY, actor=ACTOR, at=AT)

    @pytest.mark.parametrize("amount", [0, -1, True, 1.5])
    def test_refuses_what_is_no_amount(self, market: Market, amount: int) -> None:
        with pytest.raises(facade.AmountInvalid):
            facade.request_drawdown(
                facility_id=market.facility().id, amount_minor=amount, business_date=DAY, actor=ACTOR, at=AT
            )

    def test_refuses_more_than_the_limit_holds(self, market: Market) -> None:
        line = market.facility(repayment_method="revolving")
        for key, amount in (("a", 20_000_000), ("b", 10_000_000)):
            facade.request_drawdown(
                facility_id=line.id, amount_minor=amount, business_date=DAY, actor=ACTOR, at=AT, key=key
            )
        with pytest.raises(facade.LimitExceeded):
            facade.request_drawdown(facility_id=line.id, amount_minor=1, business_date=DAY, actor=ACTOR, at=AT, key="c")

    def test_refuses_while_the_limit_is_frozen(self, market: Market) -> None:
        line = market.facility(repayment_method="revolving")
        assert facade.freeze_limits(facility_id=line.id, reason="court", actor=ACTOR, at=AT) == 1
        assert facade.freeze_limits(enterprise_id=line.enterprise_id, reason="again", actor=ACTOR, at=AT) == 0
        assert facade.facility(facility_id=line.id).available_minor == 0
        with pytest.raises(facade.LimitFrozen):
            facade.request_drawdown(facility_id=line.id, amount_minor=1, business_date=DAY, actor=ACTOR, at=AT)
        assert facade.unfreeze_limits(facility_id=line.id, reason="settled", actor=ACTOR, at=AT) == 1
        assert facade.facility(facility_id=line.id).available_minor == 30_000_000

    def test_a_fully_drawn_term_loan_has_no_unused_limit_to_freeze(self, market: Market) -> None:
        loan = market.instructed()
        assert facade.freeze_limits(enterprise_id=loan.enterprise_id, reason="red", actor=ACTOR, at=AT) == 0


class TestSendInstructions:
    def test_a_taken_instruction_makes_the_loan_active(self, market: Market) -> None:
        loan = market.active()
        assert (loan.state, loan.outstanding_minor, loan.next_due_date) == (
            LoanState.ACTIVE,
            30_000_000,
            date(2026, 2, 24),  # the 15th is in the Spring Festival holidays
        )
        assert owed(loan) == 30_000_000
        assert owed(loan, AccountKind.FUNDING) == -30_000_000
        assert unused(loan.facility_id) == 0
        rows = facade.schedule(loan_id=loan.id)
        assert len(rows) == 12
        assert sum(row.principal_minor for row in rows) == 30_000_000
        assert rows[-1].balance_minor == 0
        assert ledger.check_balanced()

    def test_a_refused_instruction_closes_the_loan_and_gives_the_limit_back(self, market: Market) -> None:
        market.bank.refuses.add("F-closed")
        loan = market.active(enterprise_id=market.firm("F-closed"))
        assert (loan.state, loan.rejection_reason) == (LoanState.REJECTED, "AC04 closed")
        line = facade.facility(facility_id=loan.facility_id)
        assert (line.used_minor, line.available_minor) == (0, 30_000_000)
        assert unused(line.id) == 30_000_000
        again = facade.request_drawdown(
            facility_id=line.id, amount_minor=30_000_000, business_date=DAY, actor=ACTOR, at=AT
        )
        assert again.id != loan.id

    def test_what_gets_no_answer_waits_and_is_sent_again_as_the_same_message(self, market: Market) -> None:
        loan = market.instructed()
        market.bank.down = True
        first = market.send()
        assert isinstance(first, SendReport)
        assert (first.sent, first.failed) == (0, 1)
        assert facade.loan(loan_id=loan.id).state == LoanState.INSTRUCTED
        assert facade.instructions(loan_id=loan.id)[0].state == InstructionState.SENT
        market.bank.down = False
        market.send()
        market.send()
        assert len(market.bank.messages) == 1
        assert facade.loan(loan_id=loan.id).state == LoanState.ACTIVE

    def test_an_answer_that_is_lost_is_found_by_sending_again(self, market: Market) -> None:
        loan = market.instructed()
        market.bank.pay("x", facade.drawdown_message(loan_id=loan.id))  # the bank took it, we died
        market.send()
        assert len(set(market.bank.messages)) == 1
        assert facade.loan(loan_id=loan.id).state == LoanState.ACTIVE
        assert len(market.bank.entries[DAY]) == 1

    def test_an_answer_that_is_no_message_is_an_error_and_nothing_more(self, market: Market) -> None:
        loan = market.instructed()
        market.bank.answers[facade.instructions(loan_id=loan.id)[0].message_id] = b"<html>"
        found = market.send()
        assert isinstance(found, SendReport)
        assert found.failed == 1
        assert "message_malformed" in found.errors[0]
        assert facade.loan(loan_id=loan.id).state == LoanState.INSTRUCTED

    def test_a_bank_that_is_down_is_left_alone_after_some_failures(self, market: Market) -> None:
        for _ in range(5):
            market.instructed()
        market.bank.down = True
        found = market.send()
        assert isinstance(found, SendReport)
        assert found.failed == 5
        assert "not sent: the bank did not answer before" in found.errors

    def test_no_bank_answers_at_all(self, market: Market, settings) -> None:  # type: ignore[no-untyped-def]  # pytest-django's
        settings.SOURCES_URL = ""
        market.instructed()
        found = facade.send_instructions(actor=ACTOR, at=AT)
        assert (found.sent, found.failed) == (0, 1)

    def test_no_more_queries_for_more_loans(self, market: Market, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's
        for _ in range(30):
            market.instructed()
        with django_assert_max_num_queries(40):
            market.send()
        assert models.Payout.objects.count() == 30


class TestReceiveStatus:
    def test_a_hundred_callbacks_are_one_payout(self, market: Market) -> None:
        loan = market.instructed()
        name = facade.instructions(loan_id=loan.id)[0].end_to_end_id
        for _ in range(100):
            facade.receive_status(lender_id=market.lender_id, content=report([(name, "ACSC")]), actor=ACTOR, at=AT)
        assert owed(loan) == 30_000_000
        assert models.Payout.objects.count() == 1
        assert Event.objects.filter(name="drawdown.confirmed").count() == 1
        facade.receive_status(lender_id=market.lender_id, content=report([(name, "RJCT")]), actor=ACTOR, at=AT)
        assert facade.loan(loan_id=loan.id).state == LoanState.ACTIVE

    def test_another_lenders_bank_confirms_nothing(self, market: Market) -> None:
        loan = market.instructed()
        name = facade.instructions(loan_id=loan.id)[0].end_to_end_id
        other = make_market()
        facade.receive_status(lender_id=other.lender_id, content=report([(name, "ACSC")]), actor=ACTOR, at=AT)
        assert facade.loan(loan_id=loan.id).state == LoanState.INSTRUCTED

    def test_a_pending_status_changes_nothing(self, market: Market) -> None:
        loan = market.instructed()
        name = facade.instructions(loan_id=loan.id)[0].end_to_end_id
        facade.receive_status(lender_id=market.lender_id, content=report([(name, "PDNG")]), actor=ACTOR, at=AT)
        assert facade.loan(loan_id=loan.id).state == LoanState.INSTRUCTED

    def test_the_money_on_the_statement_confirms_before_the_answer(self, market: Market) -> None:
        loan = market.instructed()
        market.bank.pay("x", facade.drawdown_message(loan_id=loan.id))
        found = market.statement(day=DAY)
        assert (found.entries, found.payouts, found.exceptions) == (1, 1, 0)
        assert facade.loan(loan_id=loan.id).state == LoanState.ACTIVE
        market.send()
        assert market.statement(day=DAY).duplicates == 1
        assert owed(loan) == 30_000_000


class TestStatuses:
    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("ACTC", "instructed"),
            ("PDNG", "instructed"),
            ("ACCP", "instructed"),
            ("ACSP", "instructed"),
            ("ACSC", "active"),
        ],
    )
    def test_only_settlement_is_money_paid(self, market: Market, status: str, state: str) -> None:
        loan = market.instructed()
        name = facade.instructions(loan_id=loan.id)[0].end_to_end_id
        facade.receive_status(lender_id=market.lender_id, content=report([(name, status)]), actor=ACTOR, at=AT)
        assert facade.loan(loan_id=loan.id).state == state

    def test_a_payout_taken_on_and_refused_later_is_refused(self, market: Market) -> None:
        loan = market.instructed()
        name = facade.instructions(loan_id=loan.id)[0].end_to_end_id
        for status in ("ACCP", "RJCT"):
            facade.receive_status(lender_id=market.lender_id, content=report([(name, status)]), actor=ACTOR, at=AT)
        assert facade.loan(loan_id=loan.id).state == LoanState.REJECTED


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_many_callbacks_at_once_are_one_payout(self) -> None:
        market = make_market()
        with as_platform():
            loan = market.instructed()
            name = facade.instructions(loan_id=loan.id)[0].end_to_end_id
        errors: list[BaseException] = []

        def call() -> None:
            try:
                with as_platform():
                    facade.receive_status(
                        lender_id=market.lender_id, content=report([(name, "ACSC")]), actor=ACTOR, at=AT
                    )
            except BaseException as error:
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        with as_platform():
            assert owed(loan) == 30_000_000
            assert models.Payout.objects.count() == 1

    def test_drawdowns_at_once_never_exceed_the_limit(self) -> None:
        market = make_market()
        with as_platform():
            line = market.facility(repayment_method="revolving")
        outcomes: list[str] = []

        def draw(number: int) -> None:
            try:
                with as_platform():
                    facade.request_drawdown(
                        facility_id=line.id,
                        amount_minor=10_000_000,
                        business_date=DAY,
                        actor=ACTOR,
                        at=AT,
                        key=f"{number}",
                    )
                outcomes.append("drawn")
            except facade.LimitExceeded:
                outcomes.append("refused")
            finally:
                connection.close()

        threads = [threading.Thread(target=draw, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["drawn"] * 3 + ["refused"] * 3
        with as_platform():
            assert facade.facility(facility_id=line.id).available_minor == 0
