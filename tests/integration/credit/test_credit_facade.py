from datetime import date
from decimal import Decimal

import pytest
import pyxirr

from rongtong.credit import facade as credit
from rongtong.credit.contracts import (
    AnnualCost,
    LimitBasis,
    LimitTerms,
    PriceTerms,
    RepaymentMethod,
)
from rongtong.rulebook import facade as rulebook

pytestmark = pytest.mark.django_db
WAN = 1_000_000
TODAY = date(2026, 6, 1)
GOOD = {"inv_sales_12m_fen": 2000.0 * WAN, "inv_sales_growth_12m": 0.1, "inv_months_observed": 40.0}


class TestProposeLimit:
    def test_follows_the_rulebook_of_the_day(self):
        terms = LimitTerms(basis=LimitBasis.SALES, min_minor=WAN, max_minor=500 * WAN)
        score = credit.score(values=GOOD, unknown=())
        result = credit.propose_limit(values=GOOD, score=score, terms=terms, on=TODAY)
        share = rulebook.value("credit.limit_sales_share", on=TODAY)
        assert result.lines[0].amount_minor == int(2000 * WAN * share)
        assert sum(line.amount_minor for line in result.lines) == result.amount_minor


class TestPrice:
    def test_reads_against_the_lpr_of_the_day(self):
        terms = PriceTerms(min_rate=Decimal("0.03"), max_rate=Decimal("0.15"))
        score = credit.score(values=GOOD, unknown=())
        now = credit.price(score=score, terms=terms, on=TODAY)
        then = credit.price(score=score, terms=terms, on=date(2020, 3, 1))
        assert (now.lpr, then.lpr) == (Decimal("0.0300"), Decimal("0.0405"))
        assert sum(line.rate for line in now.lines) == now.annual_rate
        assert then.spread_bp == now.spread_bp - 105

    def test_takes_the_five_year_lpr_for_long_terms(self):
        terms = PriceTerms(min_rate=Decimal("0.03"), max_rate=Decimal("0.15"))
        assert credit.price(
            score=credit.score(values=GOOD, unknown=()), terms=terms, on=TODAY, term_months=72
        ).lpr == Decimal("0.0350")


class TestRepaymentSchedule:
    def test_moves_due_dates_by_the_rule_of_the_day(self):
        rows = credit.repayment_schedule(
            method=RepaymentMethod.INTEREST_FIRST,
            principal_minor=100 * WAN,
            annual_rate=Decimal("0.05"),
            start_date=date(2026, 9, 1),
            term_months=1,
            on=TODAY,
        )
        assert rulebook.text("credit.due_date_roll", on=TODAY) == "following"
        assert rows[0].due_date == date(2026, 10, 8)


class TestAnnualCostOfSchedule:
    def test_counts_fees_paid_up_front(self):
        start = date(2026, 1, 15)
        rows = credit.repayment_schedule(
            method=RepaymentMethod.ANNUITY,
            principal_minor=30 * WAN,
            annual_rate=Decimal("0.06"),
            start_date=start,
            term_months=24,
            on=TODAY,
        )
        cost = credit.annual_cost_of_schedule(
            principal_minor=30 * WAN, instalments=rows, start_date=start, fees_minor=600_000
        )
        assert (round(cost.simple, 6), round(cost.effective, 6)) == (Decimal("0.079952"), Decimal("0.082948"))

    @pytest.mark.parametrize("method", [RepaymentMethod.BULLET, RepaymentMethod.REVOLVING])
    def test_counts_days_where_interest_does(self, method):
        start, fees = date(2026, 11, 25), 15_150 * 100
        rows = credit.repayment_schedule(
            method=method,
            principal_minor=303 * WAN,
            annual_rate=Decimal("0.0686"),
            start_date=start,
            term_months=6,
            on=TODAY,
        )
        cost = credit.annual_cost_of_schedule(
            principal_minor=303 * WAN, instalments=rows, start_date=start, fees_minor=fees, method=method
        )
        dates = [start, *(row.nominal_date for row in rows)]
        flows = [303 * WAN - fees, *(-row.total_minor for row in rows)]
        assert float(cost.effective) == pytest.approx(pyxirr.xirr(dates, flows), abs=1e-9)
        assert float(cost.simple) == pytest.approx(12 * ((1 + float(cost.effective)) ** (1 / 12) - 1), abs=1e-9)


class TestCheckCostCap:
    def test_holds_the_method_of_the_rule_and_cites_it(self):
        line = AnnualCost(simple=Decimal("0.240000"), effective=Decimal("0.268242"))
        check = credit.check_cost_cap(cost=line, lender_type="bank", on=TODAY)
        assert not check.within
        assert (check.method, check.cost, check.cap) == ("effective", Decimal("0.268242"), Decimal("0.24"))
        assert "金规〔2025〕9号" in check.source
        assert check.note == ""

    def test_cites_the_micro_lenders_own_rule(self):
        low = AnnualCost(simple=Decimal("0.20"), effective=Decimal("0.2194"))
        check = credit.check_cost_cap(cost=low, lender_type="micro_lender", on=TODAY)
        assert check.within
        assert "小额贷款公司" in check.source

    def test_notes_a_day_before_the_first_rule(self):
        low = AnnualCost(simple=Decimal("0.05"), effective=Decimal("0.0512"))
        assert credit.check_cost_cap(cost=low, lender_type="bank", on=date(2020, 3, 1)).note


class TestRulebookRows:
    def test_each_row_of_credit_and_matching_has_a_source(self):
        rows = [rule for rule in rulebook.rules(on=TODAY) if rule.id.startswith(("credit.", "matching."))]
        assert len(rows) >= 20
        assert all(rule.source and rule.title_zh and rule.title_en for rule in rows)

    def test_the_published_weights_sum_to_one(self):
        weights = rulebook.table("matching.rank_weights", on=TODAY)
        assert sum(Decimal(weights[name]) for name in ("coverage", "cost", "speed")) == 1
