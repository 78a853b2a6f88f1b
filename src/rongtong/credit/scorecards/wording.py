"""How values and bins of a scorecard read, in English and in Chinese."""

from __future__ import annotations

from rongtong.core.money import format_wan, format_yuan

_GRADES = {4: "A", 3: "B", 2: "M", 1: "C", 0: "D"}
_COUNTED = {
    "months": ("months", "个月"),
    "days": ("days", "天"),
    "firms": ("firms", "家"),
    "times": ("times", "次"),
    "people": ("people", "人"),
    "cases": ("cases", "件"),
    "items": ("items", "条"),
    "points": ("points", "分"),
    "count": ("", ""),
}


def describe_value(unit: str, value: float) -> tuple[str, str]:
    """A value with its unit: `("CNY 1,200,000", "120万元")`."""
    if unit == "fen":
        return f"CNY {format_yuan(round(value)).removesuffix('.00')}", format_wan(round(value))
    if unit == "percent":
        text = f"{value:.1%}".replace(".0%", "%")
        return text, text
    if unit == "grade":
        grade = _GRADES.get(round(value), str(value))
        return grade, f"{grade}级"
    if unit == "flag":
        return ("yes", "是") if value >= 0.5 else ("no", "否")
    if unit == "ratio":
        return f"{value:.2f}", f"{value:.2f}"
    number = f"{value:g}" if value == int(value) else f"{value:.1f}"
    english, chinese = _COUNTED[unit]
    return f"{number} {english}".strip(), f"{number}{chinese}"


def describe_bin(unit: str, lower: float | None, upper: float | None) -> tuple[str, str]:
    """A bin that holds its lower cut and not its upper one; whole numbers read as `3 to 5`, flags and grades by name."""
    if unit == "flag":
        return ("no", "否") if lower is None else ("yes", "是")
    if unit == "grade":
        names = [name for points, name in sorted(_GRADES.items()) if (lower or 0) <= points < (upper or 5)]
        return " or ".join(names), "、".join(f"{name}级" for name in names)
    if unit in _COUNTED:
        return _whole_numbers(unit, lower, upper)
    if lower is None:
        assert upper is not None, "a bin has at least one cut"
        english, chinese = describe_value(unit, upper)
        return f"below {english}", f"低于{chinese}"
    english, chinese = describe_value(unit, lower)
    if upper is None:
        return f"{english} or more", f"{chinese}及以上"
    english_to, chinese_to = describe_value(unit, upper)
    return f"{english} to below {english_to}", f"{chinese}至{chinese_to}（不含）"


def _whole_numbers(unit: str, lower: float | None, upper: float | None) -> tuple[str, str]:
    words_en, words_zh = _COUNTED[unit]
    if upper is None:
        assert lower is not None, "a bin has at least one cut"
        return f"{lower:g} {words_en}".strip() + " or more", f"{lower:g}{words_zh}及以上"
    first, last = lower or 0, upper - 1
    span = f"{first:g}" if first == last else f"{first:g} to {last:g}"
    return f"{span} {words_en}".strip(), f"{span.replace(' to ', '至')}{words_zh}"
