"""Each row of a loan's life is behind a step of the log: a changed one is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection

from rongtong.attest import facade as attest
from rongtong.attest.models import Step
from rongtong.core.ids import encode_id
from rongtong.core.roles import as_owner
from rongtong.core.tenancy import as_tenant
from rongtong.ledger import facade as ledger
from rongtong.ledger.models import Transfer
from rongtong.servicing import facade
from rongtong.servicing.contracts import Loan, PrepaymentMode
from rongtong.servicing.queries.evidence import LOADERS
from rongtong.servicing.queries.evidence_columns import FREEZE
from tests.columns import a_later_version

from .conftest import ACTOR, AT, DAY, Market, entry, statement

DUE = date(2026, 2, 24)


@pytest.fixture
def lived(market: Market) -> Loan:
    """A loan that was paid, repaid early in part, fell late and was written off, and a line that was frozen."""
    loan = market.active()
    market.collect(DUE)
    market.close(DUE)
    early = date(2026, 3, 1)
    facade.request_prepayment(
        loan_id=loan.id,
        business_date=early,
        mode=PrepaymentMode.KEEP_TERM,
        principal_minor=1_000_000,
        actor=ACTOR,
        at=AT,
    )
    market.send()
    market.statement(day=early)
    market.statement(statement([entry("X", "CRDT", 7, early, "unknown")]))
    for days in (1, 91, 361):
        market.close(date(2026, 3, 16) + timedelta(days=days))
    facade.write_off_loan(loan_id=loan.id, reason="gone", business_date=date(2027, 3, 20), actor=ACTOR, at=AT)
    line = market.facility(repayment_method="revolving", enterprise_id=loan.enterprise_id)
    second = facade.request_drawdown(facility_id=line.id, amount_minor=5_000_000, business_date=DAY, actor=ACTOR, at=AT)
    facade.request_drawdown(
        facility_id=line.id, amount_minor=2_000_000, business_date=DAY, actor=ACTOR, at=AT, key="second"
    )
    market.send()
    facade.request_drawdown(
        facility_id=line.id, amount_minor=1_000_000, business_date=DAY, actor=ACTOR, at=AT, key="third"
    )
    facade.request_prepayment(
        loan_id=second.id,
        business_date=DAY + timedelta(days=5),
        mode=PrepaymentMode.KEEP_TERM,
        actor=ACTOR,
        at=AT,
    )
    market.send()
    market.statement(day=DAY + timedelta(days=5))
    facade.freeze_limits(enterprise_id=loan.enterprise_id, reason="red", actor=ACTOR, at=AT)
    attest.sequence(at=AT)
    return loan


class TestEvidence:
    def test_the_life_of_a_loan_is_in_the_log(self, lived: Loan) -> None:
        kinds = [leaf.step.kind for leaf in attest.steps_of_subject(encode_id("loan", lived.id))]
        assert kinds == [
            "drawdown.instructed",
            "drawdown.confirmed",
            "repayment.booked",
            "repayment.booked",
            "loan.classified",
            "loan.classified",
            "loan.classified",
            "loan.written_off",
        ]
        assert set(Step.objects.values_list("kind", flat=True)) - set(kinds) == {
            "facility.opened",
            "interest.accrued",
            "limit.frozen",
            "statement.imported",
        }
        assert attest.verify_log().ok

    @pytest.mark.parametrize(
        "change",
        [
            "servicing_facility SET limit_minor = limit_minor + 1",
            "servicing_loan SET annual_rate = annual_rate + 0.000001",
            "servicing_message SET xml = replace(xml, '300000.00', '300000.01')",
            "servicing_instruction SET amount_minor = amount_minor + 1",
            "servicing_payout SET business_date = business_date - 1",
            "servicing_instalment SET interest_minor = interest_minor - 1 WHERE version = 1",
            "servicing_instalment SET due_date = due_date + 1 WHERE version = 2",
            "servicing_statement SET digest = repeat('0', 64)",
            "servicing_statement_entry SET amount_minor = 8 WHERE entry_ref = 'X'",
            "servicing_repayment SET entry_ref = 'Y'",
            "servicing_allocation SET minor = minor + 1",
            "servicing_classification SET to_class = 'normal'",
            "servicing_freeze SET reason = 'green'",
            "ledger_posting SET actor = 'nobody'",
            "servicing_loan SET outstanding_minor = outstanding_minor - 1 WHERE state = 'active'",
            "servicing_loan SET interest_paid_minor = interest_paid_minor + 1",
            "servicing_loan SET loan_class = 'special_mention' WHERE loan_class = 'loss'",
            "servicing_facility SET used_minor = used_minor - 1 WHERE revolving",
            "servicing_facility SET frozen = false",
            "ledger_account SET balance = balance + 1 WHERE kind = 'commitment'",
            "ledger_account SET balance = balance + 1 WHERE kind = 'collections'",
        ],
    )
    def test_a_changed_row_is_named(self, lived: Loan, change: str) -> None:
        table = change.split(maxsplit=1)[0]
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {change}")
            assert cursor.rowcount
        found = attest.verify_log()
        assert not found.ok
        assert "the row differs from what was attested" in str(found.first_bad)

    @pytest.mark.parametrize(
        "column",
        [
            "minor = minor + 1",
            "code = 'x'",
            "business_date = business_date + 1",
            "occurred_at = occurred_at + interval '1 s'",
        ],
    )
    def test_no_transfer_of_the_ledger_is_outside_of_it(self, lived: Loan, column: str) -> None:
        steps = Step.objects.all()
        loaders = {**LOADERS, "ledger_posting": ledger.posting_evidence}
        content = b"".join(
            value for step in steps for value in loaders[step.evidence_kind]([step.evidence_id]).values()
        )
        transfers = list(Transfer.objects.values_list("id", flat=True))
        assert len(transfers) > 15
        assert [key for key in transfers if str(key).encode() not in content] == []
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE ledger_transfer DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE ledger_transfer SET {column} WHERE id = %s", [transfers[-1]])
        assert not attest.verify_log().ok

    @pytest.mark.parametrize("side", ["firm", "lender"])
    def test_each_side_gets_the_whole_bundle(self, lived: Loan, side: str) -> None:
        whole = attest.evidence_bundle(encode_id("loan", lived.id))
        with as_tenant(lived.enterprise_id if side == "firm" else lived.lender_id):
            assert attest.evidence_bundle(encode_id("loan", lived.id)) == whole
        assert all(step["evidence"] for step in whole["steps"])


class TestAColumnMore:
    def test_changes_nothing_of_what_was_attested_and_sealed_before(self, lived: Loan) -> None:
        attest.seal_rows(at=AT)
        attest.sequence(at=AT)
        before = attest.verify_log()
        assert before.ok
        with a_later_version():
            again = attest.verify_log()
            assert replace(again, state=before.state) == before  # what waits for its seal changes as time goes by
            facade.unfreeze_limits(enterprise_id=lived.enterprise_id, reason="green", actor=ACTOR, at=AT)
            attest.seal_rows(at=AT)
            attest.sequence(at=AT)
            after = attest.verify_log()
            assert after.ok, after
            assert after.leaves > before.leaves
            step = Step.objects.filter(evidence_kind="limit_freeze").latest("id")
            assert (step.leaf_version, step.evidence_versions["servicing_freeze"]) == (3, FREEZE.current)
            with as_owner(), connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE servicing_freeze DISABLE TRIGGER USER")
                cursor.execute("UPDATE servicing_freeze SET added_later = 'x' WHERE id = %s", [step.evidence_id])
            assert str(step.evidence_id) in str(attest.verify_log().first_bad)
