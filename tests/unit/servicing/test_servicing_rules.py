"""The worked cases of the field, and properties over random loans, all exact to the fen."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rongtong.credit.contracts import RepaymentMethod
from rongtong.credit.rules.schedules import schedule
from rongtong.servicing.contracts import Component, LoanClass, PrepaymentMode
from rongtong.servicing.rules.accrual import half_up, interest_to, penalty_to, row_interest, row_penalty
from rongtong.servicing.rules.allocation import Due, allocate, arrears, clean_since, days_past_due, dues
from rongtong.servicing.rules.classification import Thresholds, class_floor, classify, months_between, stage
from rongtong.servicing.rules.history import History, Part, Row, Terms
from rongtong.servicing.rules.prepayment import annuity, prepayment_interest, reschedule

ORDER = (Component.COSTS, Component.PENALTY, Component.COMPOUND, Component.INTEREST, Component.PRINCIPAL)
LIMITS = Thresholds(1, 91, 271, 361, 6, 30, 90)
START = date(2026, 1, 15)


def rows_of(
    principal: int, rate: str, months: int, method: RepaymentMethod = RepaymentMethod.ANNUITY, start: date = START
) -> list[Row]:
    rows, begin = [], start
    for one in schedule(
        method=method, principal_minor=principal, annual_rate=Decimal(rate), start_date=start, term_months=months
    ):
        end = one.nominal_date or one.due_date
        rows.append(Row(one.number, one.due_date, begin, end, one.principal_minor, one.interest_minor))
        begin = end
    return rows


def history(rows: list[Row], parts: list[Part] | None = None, penalty: str = "0.09", grace: int = 0) -> History:
    return History(rows, parts or [], Terms(Decimal(penalty), 360, grace))


def one_row(principal: int, interest: int = 0, due: date = START) -> Row:
    return Row(1, due, due - timedelta(days=30), due, principal, interest)


class TestPenalty:
    @pytest.mark.parametrize(
        ("principal", "rate", "days", "expected"),
        [(20_000_000, "0.09", 45, 225_000), (20_000_000, "0.05775", 30, 96_250)],
    )
    def test_runs_on_overdue_principal_by_days(self, principal: int, rate: str, days: int, expected: int) -> None:
        found = history([one_row(principal)], penalty=rate)
        assert penalty_to(found, START + timedelta(days=days)) == expected

    def test_compound_interest_runs_on_overdue_interest(self) -> None:
        found = history([one_row(0, 100_000)])
        assert row_penalty(found, found.rows[0], Component.COMPOUND, START + timedelta(days=45)) == 1125

    def test_each_portion_counts_until_it_is_paid(self) -> None:
        paid = [Part(1, Component.PRINCIPAL, 5_000_000, START + timedelta(days=10))]
        found = history([one_row(20_000_000)], paid)
        exact = Decimal(5_000_000 * 10 + 15_000_000 * 45) * Decimal("0.09") / 360
        assert penalty_to(found, START + timedelta(days=45)) == int(exact.quantize(Decimal(1)))

    def test_does_not_run_within_the_grace_and_then_from_the_due_date(self) -> None:
        found = history([one_row(20_000_000)], grace=3)
        assert penalty_to(found, START + timedelta(days=3)) == 0
        assert penalty_to(found, START + timedelta(days=4)) == 20_000

    def test_does_not_run_on_itself(self) -> None:
        found = history([one_row(20_000_000)])
        assert penalty_to(found, START + timedelta(days=90)) == 2 * penalty_to(found, START + timedelta(days=45))

    @given(st.integers(1, 10**12), st.integers(0, 800), st.integers(0, 800))
    def test_never_falls_with_time(self, principal: int, first: int, more: int) -> None:
        found = history([one_row(principal)])
        assert penalty_to(found, START + timedelta(days=first)) <= penalty_to(
            found, START + timedelta(days=first + more)
        )


class TestInterest:
    def test_the_day_of_drawing_counts_and_the_day_of_payment_does_not(self) -> None:
        row = Row(1, date(2026, 4, 15), date(2026, 1, 15), date(2026, 4, 15), 0, 9000)
        assert row_interest(row, date(2026, 1, 15)) == 0
        assert row_interest(row, date(2026, 1, 16)) == 100
        assert row_interest(row, date(2026, 4, 14)) == 8900
        assert row_interest(row, date(2026, 4, 15)) == 9000

    @given(st.integers(1, 10**11), st.integers(1, 60), st.sampled_from(["0.0385", "0.06", "0.12", "0"]), st.data())
    def test_days_add_up_to_the_schedule(self, principal: int, months: int, rate: str, data: st.DataObject) -> None:
        method = data.draw(st.sampled_from(list(RepaymentMethod)))
        rows = rows_of(principal, rate, months, method)
        assert interest_to(rows, rows[0].period_start) == 0
        assert interest_to(rows, rows[-1].period_end) == sum(row.interest for row in rows)
        day = START + timedelta(days=data.draw(st.integers(0, 31 * months)))
        assert interest_to(rows, day) <= interest_to(rows, day + timedelta(days=1))


class TestAllocate:
    OWED = (
        Due(1, Component.PRINCIPAL, 884_965),
        Due(1, Component.INTEREST, 98_000),
        Due(1, Component.PENALTY, 12_035),
        Due(1, Component.COSTS, 5_000),
    )

    def test_puts_a_payment_in_the_order_of_the_law(self) -> None:
        parts, left = allocate(self.OWED, 500_000, ORDER)
        assert [(part.component, part.minor) for part in parts] == [
            (Component.COSTS, 5_000),
            (Component.PENALTY, 12_035),
            (Component.INTEREST, 98_000),
            (Component.PRINCIPAL, 384_965),
        ]
        assert left == 0

    def test_gives_back_what_is_more_than_owed(self) -> None:
        parts, left = allocate(self.OWED, 1_000_001, ORDER)
        assert sum(part.minor for part in parts) == 1_000_000
        assert left == 1

    def test_takes_the_oldest_row_first(self) -> None:
        owed = [Due(2, Component.PENALTY, 10), Due(1, Component.PRINCIPAL, 50), Due(1, Component.INTEREST, 5)]
        parts, _ = allocate(owed, 40, ORDER)
        assert [(part.number, part.component, part.minor) for part in parts] == [
            (1, Component.INTEREST, 5),
            (1, Component.PRINCIPAL, 35),
        ]

    def test_takes_principal_first_from_a_non_accrual_loan(self) -> None:
        owed = [Due(1, Component.INTEREST, 5), Due(1, Component.PRINCIPAL, 50), Due(2, Component.PRINCIPAL, 50)]
        parts, _ = allocate(owed, 102, ORDER, principal_first=True)
        assert [(part.number, part.component, part.minor) for part in parts] == [
            (1, Component.PRINCIPAL, 50),
            (2, Component.PRINCIPAL, 50),
            (1, Component.INTEREST, 2),
        ]

    @given(
        st.lists(st.tuples(st.integers(1, 5), st.sampled_from(ORDER), st.integers(1, 10**9))), st.integers(1, 10**10)
    )
    def test_loses_no_fen(self, owed: list[tuple[int, Component, int]], minor: int) -> None:
        parts, left = allocate([Due(*one) for one in owed], minor, ORDER)
        assert sum(part.minor for part in parts) + left == minor
        assert left == 0 or sum(part.minor for part in parts) == sum(one[2] for one in owed)


class TestDaysPastDue:
    ROW = one_row(100_00, 1_00)

    @pytest.mark.parametrize(("after", "expected"), [(-1, 0), (0, 0), (1, 1), (90, 90), (361, 361)])
    def test_counts_from_the_day_after_the_due_date(self, after: int, expected: int) -> None:
        assert days_past_due(history([self.ROW]), START + timedelta(days=after)) == expected

    def test_counts_from_the_oldest_row_that_is_not_settled(self) -> None:
        rows = [self.ROW, Row(2, START + timedelta(days=30), START, START + timedelta(days=30), 100_00, 0)]
        paid = [Part(1, Component.PRINCIPAL, 100_00, START + timedelta(days=40))]
        day = START + timedelta(days=45)
        assert days_past_due(history(rows, paid), day) == 45
        paid.append(Part(1, Component.INTEREST, 1_00, START + timedelta(days=40)))
        assert days_past_due(history(rows, paid), day) == 15
        assert arrears(history(rows, paid), day) == 100_00

    def test_is_nothing_within_the_grace_and_then_counts_from_the_due_date(self) -> None:
        found = history([self.ROW], grace=3)
        assert days_past_due(found, START + timedelta(days=3)) == 0
        assert days_past_due(found, START + timedelta(days=4)) == 4

    def test_clean_since_the_last_late_settlement(self) -> None:
        rows = [self.ROW, Row(2, START + timedelta(days=30), START, START + timedelta(days=30), 100_00, 0)]
        late = START + timedelta(days=7)
        paid = [Part(1, Component.PRINCIPAL, 100_00, late), Part(1, Component.INTEREST, 1_00, START)]
        assert clean_since(history(rows, paid), START + timedelta(days=20)) == late
        assert clean_since(history(rows, paid), START + timedelta(days=31)) is None
        assert clean_since(history(rows), START) == rows[0].period_start


class TestClassify:
    @pytest.mark.parametrize(
        ("days", "expected"),
        [
            (0, LoanClass.NORMAL),
            (1, LoanClass.SPECIAL_MENTION),
            (90, LoanClass.SPECIAL_MENTION),
            (91, LoanClass.SUBSTANDARD),
            (270, LoanClass.SUBSTANDARD),
            (271, LoanClass.DOUBTFUL),
            (360, LoanClass.DOUBTFUL),
            (361, LoanClass.LOSS),
        ],
    )
    def test_the_boundaries_of_days_past_due(self, days: int, expected: LoanClass) -> None:
        assert class_floor(days, LIMITS) is expected

    def test_days_are_a_floor_that_comes_down_at_once(self) -> None:
        found = classify(previous=LoanClass.NORMAL, days=120, clean_since=None, day=START, limits=LIMITS)
        assert found is LoanClass.SUBSTANDARD

    def test_special_mention_comes_up_as_soon_as_nothing_is_overdue(self) -> None:
        found = classify(previous=LoanClass.SPECIAL_MENTION, days=0, clean_since=START, day=START, limits=LIMITS)
        assert found is LoanClass.NORMAL

    @pytest.mark.parametrize(
        ("day", "expected"),
        [(date(2026, 7, 14), LoanClass.SUBSTANDARD), (date(2026, 7, 15), LoanClass.NORMAL)],
    )
    def test_a_non_performing_loan_comes_up_after_six_good_months(self, day: date, expected: LoanClass) -> None:
        found = classify(previous=LoanClass.SUBSTANDARD, days=0, clean_since=START, day=day, limits=LIMITS)
        assert found is expected

    def test_a_part_payment_lifts_no_non_performing_loan(self) -> None:
        found = classify(previous=LoanClass.DOUBTFUL, days=40, clean_since=None, day=START, limits=LIMITS)
        assert found is LoanClass.DOUBTFUL

    @pytest.mark.parametrize(("days", "expected"), [(0, 1), (30, 1), (31, 2), (90, 2), (91, 3)])
    def test_the_stages_of_expected_credit_loss(self, days: int, expected: int) -> None:
        assert stage(grade=class_floor(days, LIMITS), days=days, limits=LIMITS) == expected

    @given(st.lists(st.integers(0, 400), max_size=30))
    def test_no_class_is_better_than_its_days_allow(self, days: list[int]) -> None:
        grade = LoanClass.NORMAL
        for number, one in enumerate(days):
            grade = classify(
                previous=grade, days=one, clean_since=None, day=START + timedelta(days=number), limits=LIMITS
            )
            assert grade.rank >= class_floor(one, LIMITS).rank

    def test_months_are_whole(self) -> None:
        assert months_between(date(2026, 1, 31), date(2026, 7, 30)) == 5
        assert months_between(date(2026, 1, 31), date(2026, 7, 31)) == 6


class TestReschedule:
    def after_six(self, mode: PrepaymentMode) -> list[Row]:
        rows = rows_of(30_000_000, "0.06", 24)
        return reschedule(
            rows=rows,
            day=rows[5].period_end,
            principal_minor=10_000_000,
            method="annuity",
            annual_rate=Decimal("0.06"),
            mode=mode,
            day_count_base=360,
        )

    def test_keeping_the_instalment_shortens_the_loan(self) -> None:
        early, *rest = self.after_six(PrepaymentMode.KEEP_INSTALMENT)
        assert (early.principal, early.interest, early.prepayment, early.number) == (10_000_000, 0, True, 7)
        assert len(rest) == 10
        assert [row.principal + row.interest for row in rest[:9]] == [1_329_618] * 9
        assert rest[-1].principal + rest[-1].interest == 1_219_771
        assert sum(row.interest for row in rest) == 353_105

    def test_keeping_the_term_lowers_the_instalment(self) -> None:
        _early, *rest = self.after_six(PrepaymentMode.KEEP_TERM)
        assert len(rest) == 18
        assert [row.principal + row.interest for row in rest[:17]] == [747_301] * 17
        assert rest[-1].principal + rest[-1].interest == 747_303
        assert sum(row.interest for row in rest) == 618_192

    def test_the_instalment_is_that_of_the_schedule(self) -> None:
        assert annuity(100_000_000, Decimal("0.0385"), 12) == 8_508_139
        assert annuity(12_000, Decimal(0), 12) == 1000

    @settings(max_examples=300, deadline=None)
    @given(st.data())
    def test_principal_is_conserved_and_the_last_balance_is_nothing(self, data: st.DataObject) -> None:
        principal = data.draw(st.integers(100, 10**11))
        method = data.draw(st.sampled_from(list(RepaymentMethod)))
        rate = data.draw(st.sampled_from(["0", "0.0385", "0.06", "0.24"]))
        rows = rows_of(principal, rate, data.draw(st.integers(1, 36)), method)
        day = START + timedelta(days=data.draw(st.integers(0, (rows[-1].period_end - START).days - 1)))
        coming = [row for row in rows if row.period_end > day]
        owed = sum(row.principal for row in coming)
        assume(owed)  # of a loan of a few fen the last instalments may hold none
        early = data.draw(st.integers(1, owed))
        made = reschedule(
            rows=rows,
            day=day,
            principal_minor=early,
            method=method.value,
            annual_rate=Decimal(rate),
            mode=data.draw(st.sampled_from(list(PrepaymentMode))),
            day_count_base=360,
        )
        assert made[0].interest == prepayment_interest(rows, day)
        assert sum(row.principal for row in made) == sum(row.principal for row in coming)
        assert all(row.principal >= 0 and row.interest >= 0 for row in made)
        assert sum(row.interest for row in made) <= sum(row.interest for row in coming) + len(made)
        assert [row.number for row in made] == list(range(made[0].number, made[0].number + len(made)))


class TestAnyLoan:
    @settings(max_examples=400, deadline=None)
    @given(st.data())
    def test_what_is_lent_comes_back_to_the_fen(self, data: st.DataObject) -> None:
        """Whatever is paid whenever: what is owed and what was repaid is what was drawn, and in the end nothing is owed."""
        principal = data.draw(st.integers(1, 10**11))
        months = data.draw(st.integers(1, 24))
        rate = data.draw(st.sampled_from(["0", "0.0385", "0.06", "0.1199", "0.24"]))
        rows = rows_of(principal, rate, months, data.draw(st.sampled_from(list(RepaymentMethod))))
        loan, day = history(rows), START
        for _ in range(data.draw(st.integers(0, 12))):
            day += timedelta(days=data.draw(st.integers(0, 120)))
            owed = dues(loan, day)
            parts, _left = allocate(owed, data.draw(st.integers(1, 2 * principal)), ORDER)
            loan = loan.with_parts([Part(part.number, part.component, part.minor, day) for part in parts])
            assert loan.outstanding() + loan.total_paid(Component.PRINCIPAL) == principal
            assert loan.total_paid(Component.INTEREST) <= interest_to(loan.rows, day)
            assert loan.total_paid(Component.PENALTY, Component.COMPOUND) <= penalty_to(loan, day)
        day = max(day, rows[-1].due_date)
        final, left = allocate(dues(loan, day), 10**15, ORDER)
        loan = loan.with_parts([Part(part.number, part.component, part.minor, day) for part in final])
        assert loan.outstanding() == 0
        assert dues(loan, day) == []
        assert left == 10**15 - sum(part.minor for part in final)
        assert loan.total_paid(Component.INTEREST) == sum(row.interest for row in rows)
        assert days_past_due(loan, day + timedelta(days=400)) == 0

    def test_ten_thousand_random_loans_paid_as_scheduled(self) -> None:
        import random

        draw = random.Random(20260101)
        for _ in range(10_000):
            principal = draw.randint(1, 5 * 10**9)
            method = draw.choice(list(RepaymentMethod))
            rows = rows_of(principal, f"0.{draw.randint(0, 2400):04d}", draw.randint(1, 36), method)
            assert sum(row.principal for row in rows) == principal
            assert all(row.principal >= 0 and row.interest >= 0 for row in rows)
            assert rows[-1].period_start < rows[-1].period_end


class TestHalfUp:
    @pytest.mark.parametrize(("top", "bottom", "expected"), [(1, 2, 1), (3, 2, 2), (5, 10, 1), (4, 10, 0), (0, 7, 0)])
    def test_rounds_halves_up(self, top: int, bottom: int, expected: int) -> None:
        assert half_up(top, bottom) == expected
