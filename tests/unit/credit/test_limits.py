from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.credit.contracts import LimitBasis, LimitTerms
from rongtong.credit.rules.limits import LimitParameters, limit, working_capital

WAN = 1_000_000
PARAMETERS = LimitParameters(
    sales_share=Decimal("0.15"),
    flows_share=Decimal("0.12"),
    receivables_share=Decimal("0.70"),
    receivable_days=60,
    tax_multiples={"A": Decimal(9), "B": Decimal(7), "M": Decimal(5), "C": Decimal(3), "D": Decimal(0)},
    grade_multipliers={"A": Decimal("1.2"), "B": Decimal(1), "C": Decimal("0.8"), "D": Decimal("0.5"), "E": Decimal(0)},
    firm_max_minor=1000 * WAN,
    turnover_days=100,
    margin=Decimal("0.1"),
    growth_max=Decimal("0.3"),
    own_share=Decimal("0.3"),
)


def terms(basis=LimitBasis.SALES, low=1, high=1000, **more):
    return LimitTerms(basis=basis, min_minor=low * WAN, max_minor=high * WAN, **more)


def lines(result):
    return {line.code: line.amount_minor for line in result.lines}


class TestWorkingCapital:
    def test_agrees_with_the_worked_case_of_the_annex(self):
        bound = working_capital(
            sales_minor=5_000_000_000,
            margin=Decimal("0.1"),
            growth=Decimal("0.1"),
            turnover_days=60 + 90 - 45 + 10 - 15,
        )
        assert bound == 1_375_000_000
        assert bound - 500_000_000 - 300_000_000 == 575_000_000


class TestLimit:
    def test_is_a_share_of_sales_in_whole_wan(self):
        result = limit(values={"inv_sales_12m_fen": 1234.5 * WAN}, grade="B", terms=terms(), parameters=PARAMETERS)
        assert result.amount_minor == 185 * WAN
        assert lines(result) == {"sales": 185_175_000, "rounding": -175_000}

    def test_multiplies_by_the_grade(self):
        result = limit(values={"inv_sales_12m_fen": 1000.0 * WAN}, grade="C", terms=terms(), parameters=PARAMETERS)
        assert result.amount_minor == 120 * WAN
        assert lines(result)["score"] == -30 * WAN

    def test_a_grade_of_e_gets_nothing(self):
        result = limit(values={"inv_sales_12m_fen": 1000.0 * WAN}, grade="E", terms=terms(), parameters=PARAMETERS)
        assert result.amount_minor == 0

    def test_follows_tax_by_its_credit_grade(self):
        values = {"inv_sales_12m_fen": 5000.0 * WAN, "tax_grade_points": 4.0, "tax_paid_12m_fen": 10.0 * WAN}
        result = limit(values=values, grade="B", terms=terms(LimitBasis.TAX), parameters=PARAMETERS)
        assert result.amount_minor == 90 * WAN
        values["tax_grade_points"] = 2.0
        assert (
            limit(values=values, grade="B", terms=terms(LimitBasis.TAX), parameters=PARAMETERS).amount_minor == 50 * WAN
        )

    def test_keeps_the_grades_ratio_for_a_products_own_multiple(self):
        values = {"inv_sales_12m_fen": 5000.0 * WAN, "tax_grade_points": 3.0, "tax_paid_12m_fen": 9.0 * WAN}
        own = terms(LimitBasis.TAX, share=Decimal("4.5"))
        assert limit(values=values, grade="B", terms=own, parameters=PARAMETERS).amount_minor == 31 * WAN

    def test_is_nothing_where_nobody_knows_what_the_business_carries(self):
        values = {"tax_grade_points": 4.0, "tax_paid_12m_fen": 10.0 * WAN, "bnk_inflow_12m_fen": 5000.0 * WAN}
        for basis in (LimitBasis.TAX, LimitBasis.FLOWS, LimitBasis.BEST):
            result = limit(values=values, grade="A", terms=terms(basis), parameters=PARAMETERS)
            assert result.amount_minor == 0
            assert sum(line.amount_minor for line in result.lines) == 0

    def test_takes_the_best_of_what_is_known_and_says_how_much_more_it_is(self):
        values = {"inv_sales_12m_fen": 400.0 * WAN, "tax_grade_points": 4.0, "tax_paid_12m_fen": 7.0 * WAN}
        result = limit(values=values, grade="B", terms=terms(LimitBasis.BEST), parameters=PARAMETERS)
        assert lines(result) == {"sales": 60 * WAN, "over_sales": 3 * WAN}

    def test_is_held_by_the_working_capital_need(self):
        values = {"inv_sales_12m_fen": 1000.0 * WAN, "inv_sales_growth_12m": -0.4, "bnk_inflow_12m_fen": 5000.0 * WAN}
        result = limit(values=values, grade="B", terms=terms(LimitBasis.FLOWS), parameters=PARAMETERS)
        assert result.amount_minor == 105 * WAN
        assert lines(result)["working_capital"] < 0

    def test_is_held_by_the_products_and_the_firms_caps(self):
        values = {"inv_sales_12m_fen": 100_000.0 * WAN}
        result = limit(values=values, grade="B", terms=terms(high=3000), parameters=PARAMETERS)
        assert result.amount_minor == 1000 * WAN
        assert {"product_cap", "firm_cap"} <= lines(result).keys()

    def test_deducts_what_is_in_use(self):
        result = limit(
            values={"inv_sales_12m_fen": 1000.0 * WAN},
            grade="B",
            terms=terms(open_minor=60 * WAN),
            parameters=PARAMETERS,
        )
        assert result.amount_minor == 90 * WAN

    def test_what_is_in_use_lowers_what_the_business_carries_and_not_the_product(self):
        values = {"inv_sales_12m_fen": 100_000.0 * WAN}
        own = terms(high=300, open_minor=100 * WAN)
        assert limit(values=values, grade="B", terms=own, parameters=PARAMETERS).amount_minor == 300 * WAN
        own = terms(high=3000, open_minor=400 * WAN)
        assert limit(values=values, grade="B", terms=own, parameters=PARAMETERS).amount_minor == 600 * WAN
        own = terms(high=3000, open_minor=1200 * WAN)
        assert limit(values=values, grade="B", terms=own, parameters=PARAMETERS).amount_minor == 0

    def test_is_nothing_below_the_products_smallest_amount(self):
        result = limit(values={"inv_sales_12m_fen": 100.0 * WAN}, grade="B", terms=terms(low=20), parameters=PARAMETERS)
        assert result.amount_minor == 0
        assert lines(result)["below_minimum"] == -15 * WAN

    @pytest.mark.parametrize("basis", list(LimitBasis))
    def test_is_nothing_without_data_and_says_so(self, basis):
        result = limit(values={}, grade="A", terms=terms(basis), parameters=PARAMETERS)
        assert result.amount_minor == 0
        assert [line.code for line in result.lines] == ["unknown"]

    @given(
        sales=st.none() | st.floats(-1e12, 1e14),
        growth=st.none() | st.floats(-1, 50),
        inflow=st.none() | st.floats(0, 1e14),
        tax=st.none() | st.floats(-1e9, 1e12),
        tax_grade=st.none() | st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0]),
        grade=st.sampled_from("ABCDE"),
        basis=st.sampled_from(list(LimitBasis)),
        low=st.integers(0, 50),
        high=st.integers(50, 2000),
        open_minor=st.integers(0, 10**9),
    )
    def test_lines_always_sum_to_an_amount_inside_the_terms(
        self, sales, growth, inflow, tax, tax_grade, grade, basis, low, high, open_minor
    ):
        values = {
            "inv_sales_12m_fen": sales,
            "inv_sales_growth_12m": growth,
            "bnk_inflow_12m_fen": inflow,
            "tax_paid_12m_fen": tax,
            "tax_grade_points": tax_grade,
        }
        result = limit(
            values=values, grade=grade, terms=terms(basis, low, high, open_minor=open_minor), parameters=PARAMETERS
        )
        assert sum(line.amount_minor for line in result.lines) == result.amount_minor
        assert result.amount_minor == 0 or low * WAN <= result.amount_minor <= min(high, 1000) * WAN
        assert result.amount_minor % WAN == 0
