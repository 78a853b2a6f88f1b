"""Schedules, against the worked vectors (closed form and numpy-financial agree on them) and against chance."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongtong.credit.contracts import DayCount, RepaymentMethod, ScheduleInvalid
from rongtong.credit.rules.schedules import annuity_payment, schedule

START = date(2026, 1, 15)


def draw(method, yuan, rate, months, start=START, **more):
    return schedule(
        method=method,
        principal_minor=round(yuan * 100),
        annual_rate=Decimal(rate),
        start_date=start,
        term_months=months,
        **more,
    )


def interest(rows):
    return sum(row.interest_minor for row in rows)


class TestAnnuity:
    def test_one_million_at_3_85_over_12_months(self):
        rows = draw(RepaymentMethod.ANNUITY, 1_000_000, "0.0385", 12)
        assert annuity_payment(100_000_000, Decimal("0.0385"), 12) == 8_508_139
        assert (rows[0].interest_minor, rows[0].principal_minor, rows[0].balance_minor) == (
            320_833,
            8_187_306,
            91_812_694,
        )
        assert (rows[-1].total_minor, rows[-1].interest_minor, rows[-1].principal_minor) == (
            8_508_134,
            27_210,
            8_480_924,
        )
        assert interest(rows) == 2_097_663

    def test_three_hundred_thousand_at_6_over_24_months(self):
        rows = draw(RepaymentMethod.ANNUITY, 300_000, "0.06", 24)
        assert rows[0].total_minor == 1_329_618
        assert rows[0].interest_minor == 150_000
        assert rows[5].balance_minor == 22_833_228
        assert rows[-1].total_minor == 1_329_626
        assert interest(rows) == 1_910_840

    def test_one_hundred_thousand_at_12_over_12_months(self):
        rows = draw(RepaymentMethod.ANNUITY, 100_000, "0.12", 12)
        assert rows[0].total_minor == 888_488
        assert rows[-1].total_minor == 888_485
        assert interest(rows) == 661_853

    def test_all_instalments_but_the_last_are_equal(self):
        rows = draw(RepaymentMethod.ANNUITY, 123_456.78, "0.0729", 36)
        assert len({row.total_minor for row in rows[:-1]}) == 1

    def test_without_interest_the_principal_is_split(self):
        rows = draw(RepaymentMethod.ANNUITY, 100, "0", 3)
        assert [row.total_minor for row in rows] == [3_333, 3_333, 3_334]


class TestEqualPrincipal:
    def test_one_hundred_twenty_thousand_at_6_over_12_months(self):
        rows = draw(RepaymentMethod.EQUAL_PRINCIPAL, 120_000, "0.06", 12)
        assert [rows[0].total_minor, rows[1].total_minor, rows[-1].total_minor] == [1_060_000, 1_055_000, 1_005_000]
        assert interest(rows) == 390_000

    def test_costs_less_interest_than_the_annuity(self):
        rows = draw(RepaymentMethod.ANNUITY, 120_000, "0.06", 12)
        assert rows[0].total_minor == 1_032_797
        assert interest(rows) == 393_566


class TestInterestFirst:
    def test_pays_a_twelfth_each_month_and_the_principal_at_the_end(self):
        rows = draw(RepaymentMethod.INTEREST_FIRST, 100_000, "0.05", 12)
        assert {row.interest_minor for row in rows} == {41_667}
        assert [row.principal_minor for row in rows] == [0] * 11 + [10_000_000]

    def test_counts_actual_days_where_asked(self):
        rows = draw(RepaymentMethod.INTEREST_FIRST, 100_000, "0.036", 2, day_count=DayCount.ACT_360)
        assert [row.interest_minor for row in rows] == [31_000, 28_000]


class TestBullet:
    def test_pays_once_by_actual_days_over_360(self):
        (row,) = draw(RepaymentMethod.BULLET, 1_000_000, "0.0435", 12, date(2025, 1, 15))
        assert row.interest_minor == 4_410_417
        assert row.principal_minor == 100_000_000
        assert row.nominal_date == date(2026, 1, 15)

    def test_counts_whole_months_where_asked(self):
        (row,) = draw(RepaymentMethod.BULLET, 1_000_000, "0.06", 6, day_count=DayCount.MONTHLY)
        assert row.interest_minor == 3_000_000


class TestRevolving:
    def test_is_shown_as_drawn_in_full_with_interest_by_the_day(self):
        rows = draw(RepaymentMethod.REVOLVING, 10_000, "0.072", 3, date(2026, 1, 31))
        assert [row.interest_minor for row in rows] == [5_600, 6_200, 6_000]
        assert rows[-1].principal_minor == 1_000_000


class TestDueDates:
    def test_fall_on_the_last_day_of_shorter_months_and_come_back(self):
        rows = draw(RepaymentMethod.ANNUITY, 1_000, "0.06", 3, date(2025, 1, 31))
        assert [row.nominal_date for row in rows] == [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]

    def test_move_over_the_national_day_holiday_without_more_interest(self):
        rows = draw(RepaymentMethod.INTEREST_FIRST, 100_000, "0.05", 1, date(2026, 9, 1))
        assert rows[0].nominal_date == date(2026, 10, 1)
        assert rows[0].due_date == date(2026, 10, 8)
        assert rows[0].interest_minor == 41_667

    def test_stay_on_a_saturday_that_is_worked(self):
        rows = draw(RepaymentMethod.INTEREST_FIRST, 100_000, "0.05", 1, date(2026, 1, 14))
        assert rows[0].due_date == date(2026, 2, 14)

    def test_say_when_the_calendar_is_not_published(self):
        rows = draw(RepaymentMethod.ANNUITY, 1_000, "0.06", 12, date(2089, 6, 15))
        assert not any(row.calendar_published for row in rows)
        assert all(row.due_date.weekday() < 5 for row in rows)

    def test_stay_where_the_rule_says_none(self):
        rows = draw(RepaymentMethod.INTEREST_FIRST, 100_000, "0.05", 1, date(2026, 9, 1), roll_holidays=False)
        assert rows[0].due_date == date(2026, 10, 1)


class TestAnySchedule:
    @settings(max_examples=300, deadline=None)
    @given(
        method=st.sampled_from(list(RepaymentMethod)),
        principal=st.integers(1, 10**12),
        rate=st.decimals("0", "0.36", places=6),
        months=st.integers(1, 360),
        start=st.dates(date(2004, 1, 1), date(2060, 12, 31)),
        day_count=st.sampled_from([None, *DayCount]),
    )
    def test_repays_the_amount_to_the_fen(self, method, principal, rate, months, start, day_count):
        rows = schedule(
            method=method,
            principal_minor=principal,
            annual_rate=rate,
            start_date=start,
            term_months=months,
            day_count=day_count,
        )
        assert sum(row.principal_minor for row in rows) == principal
        assert rows[-1].balance_minor == 0
        balance = principal
        for number, row in enumerate(rows, start=1):
            assert row.number == number
            assert row.principal_minor >= 0
            assert row.interest_minor >= 0
            balance -= row.principal_minor
            assert row.balance_minor == balance >= 0
            assert row.due_date >= row.nominal_date
        assert all(earlier.nominal_date < later.nominal_date for earlier, later in pairwise(rows))
        assert len(rows) == (1 if method is RepaymentMethod.BULLET else months)

    @pytest.mark.parametrize(
        ("principal", "rate", "months"),
        [(0, "0.05", 12), (100, "-0.01", 12), (100, "1.5", 12), (100, "0.05", 0), (100, "0.05", 361)],
    )
    def test_is_refused_outside_of_what_can_be_lent(self, principal, rate, months):
        with pytest.raises(ScheduleInvalid):
            schedule(
                method=RepaymentMethod.ANNUITY,
                principal_minor=principal,
                annual_rate=Decimal(rate),
                start_date=START,
                term_months=months,
            )
