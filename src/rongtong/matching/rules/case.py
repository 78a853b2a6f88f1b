"""One case in front of one product: all checks, the same at the offer and at the decision."""

from __future__ import annotations

from rongtong.matching.rules.checks import Check, Inputs, automatic_checks, statutory_checks
from rongtong.matching.rules.product_checks import product_checks


def judge_case(inputs: Inputs) -> list[Check]:
    """Every check on a case: of law, of the platform's practice on the automatic path, of the product's conditions."""
    return [*statutory_checks(inputs), *automatic_checks(inputs), *product_checks(inputs)]
