"""The product's own conditions, one check each, at the offer and at the decision; what a condition means is `check_rule`'s alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rongtong.credit.facade import describe_value
from rongtong.matching.contracts import CheckState, EligibilityRule, Operator, Unknown
from rongtong.matching.rules.checks import Check
from rongtong.matching.rules.eligibility import check_rule

Inputs = Mapping[str, Any]


def product_checks(inputs: Inputs) -> list[Check]:
    """One check per condition of the product; the score's line is checked on its own."""
    return [_check(rule, inputs["facts"].get(rule["fact"])) for rule in inputs["product"]["rules"]]


def _check(rule: Mapping[str, Any], value: Any) -> Check:
    code = f"product.{rule['fact']}"
    zh, en = rule["title_zh"], rule["title_en"]
    wanted_zh, wanted_en = _describe_wanted(rule)
    met = check_rule(_rule(rule), {rule["fact"]: value})
    if met is None:
        state = {"fail": CheckState.FAILED, "refer": CheckState.REFERS}.get(rule["unknown"], CheckState.PASSED)
        if state is CheckState.PASSED:
            return Check(code, state, f"{zh}：不适用", f"{en}: does not apply", required=wanted_zh)
        return Check(
            code,
            state,
            f"{zh}未知，产品要求{wanted_zh}",
            f"{en} is not known; the product asks for {wanted_en}",
            required=wanted_zh,
            fix_zh=f"授权相应数据，使“{zh}”可以核实",
            fix_en=f"Authorise the data by which this can be checked: {en}",
            gap=0.5,
        )
    found_zh, found_en = _describe_found(rule, value)
    if met:
        return Check(code, CheckState.PASSED, f"{zh}：{found_zh}", f"{en}: {found_en}", "", wanted_zh, found_zh)
    fixable = not isinstance(rule["value"], list | tuple)
    return Check(
        code,
        CheckState.FAILED,
        f"{zh}为{found_zh}，产品要求{wanted_zh}",
        f"{en} is {found_en}; the product asks for {wanted_en}",
        "",
        wanted_zh,
        found_zh,
        f"{zh}达到{wanted_zh}（当前{found_zh}）" if fixable else "",
        f"{en}: {wanted_en} (now {found_en})" if fixable else "",
        _gap(rule["value"], value) if fixable else 1.0,
    )


def _rule(rule: Mapping[str, Any]) -> EligibilityRule:
    value = tuple(rule["value"]) if isinstance(rule["value"], list | tuple) else float(rule["value"])
    return EligibilityRule(rule["fact"], Operator(rule["operator"]), value, Unknown(rule["unknown"]))


def _describe_wanted(rule: Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(rule["value"], list | tuple):
        words = "、".join(rule["value"])
        return (
            (f"属于{words}", f"one of {words}") if rule["operator"] == "in" else (f"不属于{words}", f"none of {words}")
        )
    english, chinese = describe_value(rule["unit"], float(rule["value"]))
    zh, en = {">=": ("不低于", "at least "), "<=": ("不高于", "at most "), "==": ("等于", "exactly ")}[rule["operator"]]
    return f"{zh}{chinese}", f"{en}{english}"


def _describe_found(rule: Mapping[str, Any], value: Any) -> tuple[str, str]:
    if isinstance(rule["value"], list | tuple):
        return str(value), str(value)
    english, chinese = describe_value(rule["unit"], float(value))
    return chinese, english


def _gap(wanted: float, value: float) -> float:
    return min(1.0, abs(wanted - value) / max(abs(wanted), abs(value), 1e-9))
