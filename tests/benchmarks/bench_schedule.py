"""Repayment schedules and annual costs a second, beside the textbook loop in Decimals, over the same random loans."""

from __future__ import annotations

import random
import sys
import time
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from rongtong.credit.contracts import RepaymentMethod
from rongtong.credit.rules.rates import cost_of_months, monthly_flows
from rongtong.credit.rules.schedules import schedule

LOANS, TEXTBOOK, SEED = 10_000, 2_000, 20260101
FEN = Decimal("0.01")


def made_up_loans(source: random.Random) -> list[tuple[RepaymentMethod, int, Decimal, date, int]]:
    return [
        (
            source.choice(list(RepaymentMethod)),
            source.randint(100, 10**11),
            Decimal(source.randint(300, 2400)) / 10_000,
            date(2026, 1, 1 + source.randrange(28)),
            source.choice([3, 6, 12, 24, 36, 60]),
        )
        for _loan in range(LOANS)
    ]


def textbook_annuity(principal: Decimal, annual_rate: Decimal, months: int) -> list[tuple[Decimal, Decimal]]:
    monthly = annual_rate / 12
    growth = (1 + monthly) ** months
    payment = (principal * monthly * growth / (growth - 1)).quantize(FEN, ROUND_HALF_UP)
    rows, balance = [], principal
    for month in range(1, months + 1):
        interest = (balance * monthly).quantize(FEN, ROUND_HALF_UP)
        part = balance if month == months else payment - interest
        balance -= part
        rows.append((part, interest))
    return rows


def test_ten_thousand_random_loans(capsys: pytest.CaptureFixture[str]) -> None:
    source = random.Random(SEED)
    loans = made_up_loans(source)
    started = time.perf_counter()
    drawn = [
        schedule(method=method, principal_minor=principal, annual_rate=rate, start_date=start, term_months=months)
        for method, principal, rate, start, months in loans
    ]
    ours = time.perf_counter() - started
    exact = sum(
        sum(row.principal_minor for row in rows) == loan[1] and rows[-1].balance_minor == 0
        for rows, loan in zip(drawn, loans, strict=True)
    )
    assert exact == LOANS
    instalments = sum(map(len, drawn))

    started = time.perf_counter()
    for rows, loan in zip(drawn[:TEXTBOOK], loans[:TEXTBOOK], strict=True):
        cost_of_months(monthly_flows(principal_minor=loan[1], instalments=rows, start_date=loan[3], fees_minor=0))
    costs = TEXTBOOK / (time.perf_counter() - started)

    annuities = [loan for loan in loans if loan[0] is RepaymentMethod.ANNUITY][:TEXTBOOK]
    started = time.perf_counter()
    for method, principal, rate, start, months in annuities:
        schedule(
            method=method,
            principal_minor=principal,
            annual_rate=rate,
            start_date=start,
            term_months=months,
            roll_holidays=False,
        )
    ours_annuity = len(annuities) / (time.perf_counter() - started)
    started = time.perf_counter()
    expected = [textbook_annuity(Decimal(loan[1]) / 100, loan[2], loan[4]) for loan in annuities]
    textbook = len(annuities) / (time.perf_counter() - started)
    for loan, rows in zip(annuities, expected, strict=True):
        same = schedule(
            method=loan[0], principal_minor=loan[1], annual_rate=loan[2], start_date=loan[3], term_months=loan[4]
        )
        assert [(row.principal_minor, row.interest_minor) for row in same] == [
            (int(part * 100), int(interest * 100)) for part, interest in rows
        ]
    with capsys.disabled():
        sys.stdout.write(
            f"\nschedules: {exact:,} of {LOANS:,} random loans exact to the fen, {LOANS / ours:,.0f} schedules/s "
            f"({instalments / ours:,.0f} instalments/s), {costs:,.0f} annual costs/s; annuities with dates "
            f"{ours_annuity:,.0f}/s, the textbook loop without dates {textbook:,.0f}/s; seed {SEED}\n"
        )
