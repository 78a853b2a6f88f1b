"""The annual cost both ways, against the worked vectors (brentq, numpy-financial and pyxirr agree on them)."""

from datetime import date
from decimal import Decimal

import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from rongtong.credit.contracts import RepaymentMethod
from rongtong.credit.rules.rates import (
    AnnualCostUndefined,
    cost_of_dates,
    cost_of_months,
    monthly_flows,
    monthly_irr,
    xirr,
)
from rongtong.credit.rules.schedules import schedule


def percent(rate, places=4):
    return str(round(rate * 100, places))


def level(principal, payment, months, upfront=0):
    return [principal - upfront, *[-payment] * months]


INTEREST_MONTHLY = [-41_667] * 11 + [-10_041_667]
GUARANTEED = [
    -row.total_minor
    for row in schedule(
        method=RepaymentMethod.ANNUITY,
        principal_minor=30_000_000,
        annual_rate=Decimal("0.06"),
        start_date=date(2026, 1, 15),
        term_months=24,
    )
]
SECOND_FEE = [payment - 300_000 * (month == 12) for month, payment in enumerate(GUARANTEED, start=1)]

VECTORS = [
    ("0.5 % a month flat", level(12_000_000, 1_060_000, 12), "0.908032", "10.8964", "11.4574"),
    ("0.6 % a month flat", level(1_200_000, 107_200, 12), "1.086185", "13.0342", "13.8418"),
    ("interest monthly, bullet", [10_000_000, *INTEREST_MONTHLY], "0.416670", "5.0000", "5.1162"),
    ("the same with fees up front", [9_780_000, *INTEREST_MONTHLY], "0.607321", "7.2879", "7.5363"),
    ("annuity with a guarantee fee up front", [29_400_000, *GUARANTEED], "0.666269", "7.9952", "8.2948"),
    ("annuity with a guarantee fee a year", [29_700_000, *SECOND_FEE], "0.659873", "7.9185", "8.2123"),
    ("the 24 % line", level(10_000_000, 945_596, 12), "2.000001", "24.0000", "26.8242"),
]


class TestCostOfMonths:
    @pytest.mark.parametrize(
        ("flows", "monthly", "simple", "effective"), [row[1:] for row in VECTORS], ids=[row[0] for row in VECTORS]
    )
    def test_agrees_with_the_worked_vectors(self, flows, monthly, simple, effective):
        cost = cost_of_months(flows)
        assert percent(monthly_irr(flows), 6) == monthly
        assert percent(cost.simple) == simple
        assert percent(cost.effective) == effective

    def test_a_tenth_deducted_up_front_costs_a_ninth_a_year(self):
        assert percent(cost_of_months([9_000_000, *[0] * 11, -10_000_000]).effective) == "11.1111"

    @settings(max_examples=200, deadline=None)
    @given(
        principal=st.integers(10_000, 10**12),
        rate=st.decimals("0.0001", "0.36", places=4),
        months=st.integers(1, 120),
        fee=st.integers(0, 5),
        method=st.sampled_from(list(RepaymentMethod)),
    )
    def test_agrees_with_pyxirr(self, principal, rate, months, fee, method):
        start = date(2026, 1, 15)
        rows = schedule(
            method=method, principal_minor=principal, annual_rate=rate, start_date=start, term_months=months
        )
        flows = monthly_flows(
            principal_minor=principal, instalments=rows, start_date=start, fees_minor=principal * fee // 100
        )
        ours, amounts = float(monthly_irr(flows)), [float(flow) for flow in flows]
        theirs = pyxirr.irr(amounts)
        if theirs is None:  # it finds no root near zero; the present value at ours must then vanish
            assert pyxirr.npv(ours, amounts) == pytest.approx(0, abs=principal * 1e-9)
        else:
            assert ours == pytest.approx(theirs, abs=1e-9)

    @pytest.mark.parametrize("flows", [[], [100], [100, 100], [-100, -5], [0, 0]])
    def test_is_undefined_without_money_in_and_out(self, flows):
        with pytest.raises(AnnualCostUndefined):
            cost_of_months(flows)


class TestCostOfDates:
    def test_agrees_with_the_worked_quarterly_loan(self):
        flows = [
            (date(2025, 3, 10), 100_000_000),
            (date(2025, 6, 21), -1_287_500),
            (date(2025, 9, 21), -1_150_000),
            (date(2025, 12, 21), -1_137_500),
            (date(2026, 3, 10), -987_500 - 100_000_000),
        ]
        assert percent(cost_of_dates(flows).effective, 6) == "4.640895"
        assert cost_of_dates(list(reversed(flows))) == cost_of_dates(flows)

    @settings(max_examples=150, deadline=None)
    @given(
        payments=st.lists(st.tuples(st.integers(1, 2000), st.integers(1, 10**9)), min_size=1, max_size=24),
        share=st.integers(60, 120),
    )
    def test_agrees_with_pyxirr(self, payments, share):
        start = date(2024, 5, 6)
        received = max(1, sum(amount for _days, amount in payments) * share // 100)
        flows = [(start, received)]
        flows += [(date.fromordinal(start.toordinal() + days), -amount) for days, amount in payments]
        expected = pyxirr.xirr([day for day, _flow in flows], [float(flow) for _day, flow in flows])
        if expected is not None and -0.99 < expected < 100:
            assert float(xirr(flows)) == pytest.approx(expected, rel=1e-7, abs=1e-9)

    def test_is_undefined_without_money_in(self):
        with pytest.raises(AnnualCostUndefined):
            cost_of_dates([(date(2026, 1, 1), -100)])
