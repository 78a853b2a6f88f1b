"""Eligibility of firms for 10,000 products by bitmask, beside a plain Python loop over the same rules in the same run."""

from __future__ import annotations

import random
import sys
import time

import numpy as np
import pytest

from rongtong.matching.contracts import EligibilityRule, Operator, Unknown
from rongtong.matching.rules.eligibility import Facts, RuleBook, check_rule

PRODUCTS, FIRMS, PLAIN_FIRMS, SEED = 10_000, 300, 3, 20260101
NUMBERS = {
    "inv_sales_12m_fen": [wan * 1_000_000.0 for wan in (10, 20, 50, 100, 200, 300, 500, 1000, 2000, 5000)],
    "inv_months_observed": [3.0, 6.0, 12.0, 18.0, 24.0, 36.0],
    "inv_buyers_12m": [1.0, 3.0, 5.0, 10.0, 20.0],
    "tax_grade_points": [1.0, 2.0, 3.0, 4.0],
    "soc_headcount": [2.0, 5.0, 10.0, 30.0],
    "reg_age_months": [6.0, 12.0, 24.0, 36.0, 60.0],
    "bnk_inflow_12m_fen": [wan * 1_000_000.0 for wan in (50, 100, 200, 500, 1000)],
    "score": [float(score) for score in range(500, 680, 5)],
}
REGIONS = [f"33{city:02d}" for city in range(1, 12)]
INDUSTRIES = [f"C{division}" for division in range(13, 44)] + ["F51", "F52", "I65"]


def made_up_products(source: random.Random) -> list[tuple[EligibilityRule, ...]]:
    products = []
    for _product in range(PRODUCTS):
        rules = [
            EligibilityRule(fact, Operator.AT_LEAST, source.choice(NUMBERS[fact]), source.choice(list(Unknown)))
            for fact in source.sample(list(NUMBERS), 5)
        ]
        rules.append(EligibilityRule("org_region", Operator.ONE_OF, tuple(sorted(source.sample(REGIONS, 3)))))
        rules.append(EligibilityRule("org_industry", Operator.ONE_OF, (source.choice(INDUSTRIES), "C")))
        products.append(tuple(rules))
    return products


def made_up_firm(source: random.Random) -> Facts:
    facts: dict[str, float | str | None] = {fact: source.choice([None, *values]) for fact, values in NUMBERS.items()}
    return {**facts, "org_region": source.choice(REGIONS) + "06", "org_industry": source.choice(INDUSTRIES)}


def plain_loop(products: list[tuple[EligibilityRule, ...]], firms: list[Facts]) -> list[list[int]]:
    eligible = []
    for facts in firms:
        fitting = []
        for index, rules in enumerate(products):
            for rule in rules:
                holds = check_rule(rule, facts)
                if holds is False or (holds is None and rule.unknown is Unknown.FAIL):
                    break
            else:
                fitting.append(index)
        eligible.append(fitting)
    return eligible


def test_firms_against_ten_thousand_products(capsys: pytest.CaptureFixture[str]) -> None:
    source = random.Random(SEED)
    products, firms = made_up_products(source), [made_up_firm(source) for _firm in range(FIRMS)]
    started = time.perf_counter()
    book = RuleBook(products)
    compiled = time.perf_counter() - started
    book.judge(firms[:1])
    started = time.perf_counter()
    verdict = book.judge(firms)
    ours = (time.perf_counter() - started) / FIRMS
    started = time.perf_counter()
    expected = plain_loop(products, firms[:PLAIN_FIRMS])
    plain = (time.perf_counter() - started) / PLAIN_FIRMS
    assert [verdict.eligible(row) for row in range(PLAIN_FIRMS)] == expected
    assert np.count_nonzero(verdict.failing == 0)
    with capsys.disabled():
        sys.stdout.write(
            f"\neligibility: {ours * 1000:.3f} ms a firm against {PRODUCTS:,} products ({len(book.conditions)} conditions, "
            f"{FIRMS} firms at once, near misses counted), compiled once in {compiled * 1000:.0f} ms; "
            f"plain loop {plain * 1000:.1f} ms; {plain / ours:.0f} times faster; seed {SEED}\n"
        )
    assert plain / ours > 10
