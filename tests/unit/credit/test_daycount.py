"""Day counts against the worked table (1,000,000 at 4.35 %) and against pyxirr."""

from datetime import date
from decimal import Decimal

import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st

from rongtong.credit.contracts import DayCount
from rongtong.credit.rules.calendar import add_months, next_workday, workday
from rongtong.credit.rules.daycount import accrue, count_days

TABLE = [
    (date(2025, 1, 31), date(2025, 2, 28), 28, "3383.33", "3336.99", "3383.33"),
    (date(2025, 2, 28), date(2025, 3, 31), 31, "3745.83", "3694.52", "3866.67"),
    (date(2025, 3, 21), date(2025, 6, 21), 92, "11116.67", "10964.38", "10875.00"),
    (date(2025, 1, 15), date(2026, 1, 15), 365, "44104.17", "43500.00", "43500.00"),
    (date(2024, 2, 28), date(2024, 3, 1), 2, "241.67", "238.36", "362.50"),
]


class TestAccrue:
    @pytest.mark.parametrize(("start", "end", "days", "act_360", "act_365", "thirty"), TABLE)
    def test_agrees_with_the_worked_table(self, start, end, days, act_360, act_365, thirty):
        def yuan(convention):
            return Decimal(accrue(100_000_000, Decimal("0.0435"), start, end, convention)) / 100

        assert count_days(start, end, DayCount.ACT_360) == days
        assert yuan(DayCount.ACT_360) == Decimal(act_360)
        assert yuan(DayCount.ACT_365F) == Decimal(act_365)
        assert yuan(DayCount.THIRTY_E_360) == Decimal(thirty)

    def test_a_quarter_at_lpr_plus_85_points(self):
        assert accrue(100_000_000, Decimal("0.0385"), date(2026, 3, 21), date(2026, 6, 21), DayCount.ACT_360) == 983_889

    @given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 4000))
    def test_agrees_with_pyxirr_on_any_period(self, start, days):
        end = date.fromordinal(start.toordinal() + days)
        for ours, theirs, base in (
            (DayCount.ACT_360, pyxirr.DayCount.ACT_360, 360),
            (DayCount.ACT_365F, pyxirr.DayCount.ACT_365F, 365),
            (DayCount.THIRTY_E_360, pyxirr.DayCount.THIRTY_E_360, 360),
        ):
            assert count_days(start, end, ours) / base == pytest.approx(
                pyxirr.year_fraction(start, end, theirs), abs=1e-12
            )


class TestWorkday:
    def test_knows_the_weekends_worked_instead(self):
        assert workday(date(2026, 2, 14)) == (True, True)

    def test_knows_the_holidays(self):
        assert workday(date(2026, 10, 1)) == (False, True)

    def test_falls_back_to_weekends_in_a_year_not_published(self):
        assert workday(date(2090, 10, 2)) == (True, False)
        assert workday(date(2090, 10, 1)) == (False, False)

    def test_next_one_crosses_into_a_year_not_published(self):
        day, published = next_workday(date(2089, 12, 31))
        assert (day, published) == (date(2090, 1, 2), False)


class TestAddMonths:
    @given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 400))
    def test_keeps_the_day_or_takes_the_months_last(self, start, months):
        day = add_months(start, months)
        assert (day.year * 12 + day.month) - (start.year * 12 + start.month) == months
        assert day.day == start.day or (day.day < start.day and date.fromordinal(day.toordinal() + 1).day == 1)
