"""One case in front of one product: all checks, the same at the offer and at the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rongtong.matching.contracts import CheckState
from rongtong.matching.rules.checks import Check, Inputs, automatic_checks, statutory_checks
from rongtong.matching.rules.product_checks import product_checks

_RESTS_ON = {"circular_trade": "inv_circular_share", "records_age": "inv_sales_12m_fen"}
"""Check that lets the unknown pass with a note -> the feature that tells whether it is unknown or does not apply."""


def judge_case(inputs: Inputs) -> list[Check]:
    """Every check on a case: of law, of the platform's practice on the automatic path, of the product's conditions."""
    return _heed_unknowns(inputs, [*statutory_checks(inputs), *automatic_checks(inputs), *product_checks(inputs)])


def _heed_unknowns(inputs: Inputs, checks: Sequence[Check]) -> list[Check]:
    """The checks with what is unknown referred to a person; cases of before did not tell it from what does not apply."""
    unknown = set(inputs["portrait"].get("unknown", ()))
    if not unknown:
        return list(checks)
    ignored = {f"product.{one['fact']}": one for one in inputs["product"]["rules"] if one["unknown"] == "ignore"}
    heeded = []
    for one in checks:
        rule = ignored.get(one.code)
        if one.state is CheckState.UNKNOWN and _RESTS_ON.get(one.code) in unknown:
            heeded.append(replace(one, state=CheckState.REFERS))
        elif one.state is CheckState.PASSED and rule is not None and rule["fact"] in unknown:
            zh, en = f"{rule['title_zh']}未知，由人工核实", f"{rule['title_en']} is not known; a person looks into it"
            heeded.append(replace(one, state=CheckState.REFERS, text_zh=zh, text_en=en))
        else:
            heeded.append(one)
    return heeded
