"""One loan whose rows contradict each other stops no other: not the close, not a statement, not an answer."""

from __future__ import annotations

from datetime import timedelta

from rongtong.core.ids import encode_id
from rongtong.ledger.contracts import AccountKind
from rongtong.servicing import facade, models
from rongtong.servicing.contracts import ExceptionReason, Loan, LoanState

from .conftest import ACTOR, AT, DAY, LATER, Market, asked, books, entry, fetch, statement
from .test_statements import DUE


def spoil(loan: Loan, column: str, value: int) -> None:
    """A value that the column bears and the arithmetic does not."""
    models.Loan.objects.filter(id=loan.id).update(**{column: value})


FULL = ("accruals", 2_147_483_647)
"""The next posting of interest has no number left."""


class TestOneBadLoan:
    def test_does_not_stop_the_close(self, market: Market) -> None:
        loans = [market.active() for _ in range(5)]
        spoil(loans[2], *FULL)
        day = DAY + timedelta(days=31)
        report = market.close(day)
        assert [one[0] for one in report.set_aside] == [encode_id("loan", loans[2].id)]
        assert [books(one).get(AccountKind.INTEREST_RECEIVABLE, 0) for one in loans] == [150_000] * 2 + [0] + [
            150_000
        ] * 2
        assert report.ledger_balanced
        assert market.close(day) == report, "closed once, with what was left"
        spoil(loans[2], "accruals", 0)
        facade.close_loan(loan_id=loans[2].id, business_date=day, actor=ACTOR, at=AT)
        assert books(loans[2])[AccountKind.INTEREST_RECEIVABLE] == 150_000

    def test_does_not_stop_the_statement(self, market: Market) -> None:
        loans = [market.active() for _ in range(3)]
        facade.send_collections(business_date=DUE, actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # as above
        spoil(loans[1], *FULL)
        report = market.statement(day=DUE)
        assert (report.repayments, report.exceptions) == (2, 1)
        (waiting,) = facade.unbooked_page(lender_id=market.lender_id).items
        assert waiting.reason is ExceptionReason.FAULT
        spoil(loans[1], "accruals", 0)
        facade.resolve_entry(unbooked_id=waiting.id, loan_id=loans[1].id, note="已更正", actor=ACTOR, at=LATER)
        assert len(facade.repayments(loan_id=loans[1].id)) == 1

    def test_does_not_stop_the_answers_of_its_bank(self, market: Market) -> None:
        loans = [market.instructed() for _ in range(3)]
        order = asked(loans[1])
        models.Payout.objects.create(
            loan_id=loans[1].id, instruction=order, enterprise_id=loans[1].enterprise_id, lender_id=market.lender_id,
            amount_minor=1, business_date=DAY, occurred_at=AT,
        )  # fmt: skip
        sent = facade.send_instructions(actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # as above
        assert [one[0] for one in sent.set_aside] == [encode_id("loan", loans[1].id)]
        assert [fetch(one).state for one in loans] == [LoanState.ACTIVE, LoanState.INSTRUCTED, LoanState.ACTIVE]
        message = models.Message.objects.get(id=order.message_id)
        assert (message.state, message.answered_at) == ("sent", None), "it is sent again, as the same message"
        assert message.error


def test_a_statement_books_what_it_can_whoever_brings_it(market: Market) -> None:
    loans = [market.active() for _ in range(2)]
    facade.send_collections(business_date=DUE, actor=ACTOR, at=AT, bank=market.bank)  # type: ignore[arg-type]  # as above
    spoil(loans[0], *FULL)
    content = statement(
        [entry(f"S{n}", "CRDT", 2_581_993, DUE, asked(one).end_to_end_id) for n, one in enumerate(loans)]
    )
    assert market.statement(content).repayments == 1
