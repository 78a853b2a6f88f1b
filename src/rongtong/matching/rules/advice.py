"""What a firm nearly has, and the shortest way there, in English and Chinese."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from rongtong.matching.contracts import EligibilityRule, Operator
from rongtong.matching.rules.eligibility import Facts
from rongtong.matching.rules.facts import fact_of, item_of

Describe = Callable[[str, float], tuple[str, str]]
_SIZES = {
    "micro": ("micro", "微型"),
    "small": ("small", "小型"),
    "medium": ("medium", "中型"),
    "large": ("large", "大型"),
}


def attainable(rule: EligibilityRule, facts: Facts, distance_max: float) -> bool:
    """Whether a failed condition is within reach: data to authorise, or a known fact that is not too far and can be mended."""
    if not fact_of(rule.fact).attainable:
        return False
    unknown = facts.get(rule.fact) is None
    return unknown or fact_of(rule.fact).unit in {"flag", "code"} or distance(rule, facts) <= distance_max


def distance(rule: EligibilityRule, facts: Facts) -> float:
    """How far a failed condition is, relative to what it asks: 0 is there, 1 is all the way or not known."""
    value = facts.get(rule.fact)
    if not isinstance(value, float | int) or isinstance(rule.value, tuple):
        return 1.0
    whole = fact_of(rule.fact).far or max(abs(rule.value), abs(value), 1e-9)
    return min(1.0, abs(rule.value - value) / whole)


def gap(rule: EligibilityRule, facts: Facts) -> float | None:
    """What is missing, in the fact's unit; None where it is not known or no number."""
    value = facts.get(rule.fact)
    if not isinstance(value, float | int) or isinstance(rule.value, tuple):
        return None
    return float(abs(rule.value - value))


def advise(rule: EligibilityRule, facts: Facts, describe: Describe) -> tuple[str, str]:
    """The sentence for one failed condition."""
    fact = fact_of(rule.fact)
    value = facts.get(rule.fact)
    if value is None or value == "":
        item_en, item_zh = item_of(rule.fact)
        return (
            f"Authorise your {item_en} data, so that this can be checked: {fact.title_en}",
            f"授权{item_zh}数据后即可评估（{fact.title_zh}）",
        )
    if isinstance(rule.value, tuple) or isinstance(value, str):
        return _words(rule, fact.title_en, fact.title_zh)
    missing = abs(rule.value - value)
    if fact.waits is not None and rule.operator is Operator.AT_LEAST:
        number = str(ceil(missing))
        return fact.waits[0].format(gap=number), fact.waits[1].format(gap=number)
    if fact.unit == "flag":
        return f"{fact.title_en}: to be cleared first", f"移出{fact.title_zh}后即可申请"
    need_en, need_zh = describe(fact.unit, rule.value)
    have_en, have_zh = describe(fact.unit, value)
    if rule.operator is Operator.AT_LEAST:
        if fact.unit == "grade":
            return (
                f"{fact.title_en}: at least {need_en} is needed (now {have_en})",
                f"{fact.title_zh}须达到{need_zh}及以上（当前{have_zh}）",
            )
        gap_en, gap_zh = describe(fact.unit, missing)
        return (
            f"{fact.title_en}: at least {need_en} is needed (now {have_en}, {gap_en} short)",
            f"{fact.title_zh}须达到{need_zh}（当前{have_zh}，还差{gap_zh}）",
        )
    return (
        f"{fact.title_en}: at most {need_en} is allowed (now {have_en})",
        f"{fact.title_zh}须不超过{need_zh}（当前{have_zh}）",
    )


def _words(rule: EligibilityRule, title_en: str, title_zh: str) -> tuple[str, str]:
    words = rule.value if isinstance(rule.value, tuple) else (str(rule.value),)
    english = ", ".join(_SIZES.get(word, (word, word))[0] for word in words)
    chinese = "、".join(_SIZES.get(word, (word, word))[1] for word in words)
    if rule.operator is Operator.NONE_OF:
        return f"{title_en}: not for {english}", f"{title_zh}不适用：{chinese}"
    return f"{title_en}: only for {english}", f"{title_zh}仅限：{chinese}"
