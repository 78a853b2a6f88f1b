"""The signals as pure rules over features, each with its level; the order of levels is that of lenders' own lists.

A feature that is None says nothing: no data is no signal. Thresholds come from the rulebook as a mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from rongtong.monitoring.contracts import Detected, Level

Values = Mapping[str, float | None]
Thresholds = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class View:
    """What the rules see of one enterprise: features now, features some 90 days before, days overdue here."""

    now: Values
    before: Values
    overdue_days: int = 0

    def get(self, name: str) -> float | None:
        return self.now.get(name)

    def change(self, name: str) -> float | None:
        """The difference to 90 days before; None where either is not known."""
        now, before = self.now.get(name), self.before.get(name)
        return None if now is None or before is None else now - before


Rule = Callable[[View, Thresholds], Detected | None]


NEWS = {
    "enforced_debtor": "enforced_fen",
    "tax_arrears": "late_fee_rise_fen",
    "lawsuit_cluster": "new_cases_90d",
    "registration_change": "changes_12m",
    "negative_news": "negative_90d",
    "several_signals": "signals",
}
"""Code -> the figure of it that grows by something new: another case, another article. Days only grow older: of a stop, or of arrears."""


READS = {
    "dishonest_debtor": ("crt_dishonest",),
    "enforced_debtor": ("crt_enforced_amount_fen",),
    "power_stopped": ("pow_zero_run_days",),
    "power_drop": ("pow_drop_2m",),
    "sales_drop": ("inv_last3_over_prior3", "inv_days_since_last_sale"),
    "tax_arrears": ("tax_late_fee_12m_fen",),
    "social_insurance": ("soc_arrears_months_12m",),
    "lawsuit_cluster": ("crt_defendant_count_24m",),
    "tax_grade_down": ("tax_grade_points",),
    "registration_change": ("reg_abnormal", "reg_changes_12m"),
    "negative_news": ("nws_negative_90d",),
}
"""Code -> the features without which nobody can say that its signal has passed."""


def can_pass(code: str, view: View) -> bool:
    """Whether the records are there by which a signal that is not found any more has passed: no data clears nothing."""
    return all(view.get(name) is not None for name in READS.get(code, ()))


def detect(view: View, thresholds: Thresholds) -> list[Detected]:
    """All that speaks for trouble in one enterprise, gravest first; several of one level together are a signal of their own."""
    found = [one for one in (rule(view, thresholds) for rule in RULES) if one is not None]
    together = combined_level([one.level for one in found], thresholds)
    gravest = max((one.level for one in found), key=lambda level: level.rank, default=None)
    if together is not None and gravest is not None and together.rank > gravest.rank:
        count = sum(1 for one in found if one.level == gravest)
        found.append(Detected("several_signals", together, {"signals": count, "of_level": str(gravest)}))
    return sorted(found, key=lambda one: (-one.level.rank, one.code))


def is_news(found: Detected, level: str, facts: Mapping[str, object]) -> bool:
    """Whether what is found says more than a signal of its code did that a person dismissed: it is graver, or has grown."""
    if found.level.rank > Level(level).rank:
        return True
    name = NEWS.get(found.code)
    now, then = (found.facts.get(name), facts.get(name)) if name else (None, None)
    return isinstance(now, int | float) and now > (then if isinstance(then, int | float) else 0)


def combined_level(levels: Iterator[Level] | list[Level], thresholds: Thresholds) -> Level | None:
    """The level of an enterprise: the gravest signal, one higher where several of a level stand together."""
    given = list(levels)
    if not given:
        return None
    gravest = max(given, key=lambda level: level.rank)
    together = sum(1 for level in given if level == gravest)
    if gravest in {Level.YELLOW, Level.ORANGE} and together >= thresholds["monitoring.combine_count"]:
        return list(Level)[gravest.rank + 1]
    return gravest


def _dishonest(view: View, limit: Thresholds) -> Detected | None:
    listed = view.get("crt_dishonest")
    return Detected("dishonest_debtor", Level.RED, {"listed": listed}) if listed else None


def _enforced(view: View, limit: Thresholds) -> Detected | None:
    amount, sales = view.get("crt_enforced_amount_fen"), view.get("inv_sales_12m_fen")
    if not amount:
        return None
    grave = not sales or amount > limit["monitoring.enforced_share"] * sales
    level = Level.RED if grave else Level.ORANGE
    return Detected("enforced_debtor", level, {"enforced_fen": amount, "sales_12m_fen": sales})


def _overdue(view: View, limit: Thresholds) -> Detected | None:
    if view.overdue_days < 1:
        return None
    level = Level.RED if view.overdue_days >= limit["monitoring.overdue_red_days"] else Level.ORANGE
    return Detected("overdue_here", level, {"overdue_days": view.overdue_days})


def _power_stopped(view: View, limit: Thresholds) -> Detected | None:
    days = view.get("pow_zero_run_days")
    if days is None or days < limit["monitoring.power_zero_days"]:
        return None
    return Detected("power_stopped", Level.RED, {"zero_days": days})


def _power_drop(view: View, limit: Thresholds) -> Detected | None:
    drop = view.get("pow_drop_2m")
    if drop is None or drop < limit["monitoring.power_drop"]:
        return None
    return Detected("power_drop", Level.ORANGE, {"drop": drop})


def _sales_drop(view: View, limit: Thresholds) -> Detected | None:
    """Year on year, so that the Spring Festival is no alarm; of a firm too young for that, against the quarter before."""
    yearly, since = view.get("inv_last3_yoy"), view.get("inv_days_since_last_sale")
    trend = view.get("inv_last3_over_prior3") if yearly is None else yearly
    fell = trend is not None and trend <= -limit["monitoring.sales_drop"]
    silent = since is not None and since >= limit["monitoring.sales_silent_days"]
    if not fell and not silent:
        return None
    against = "last3_over_prior3" if yearly is None else "last3_yoy"
    return Detected("sales_drop", Level.ORANGE, {against: trend, "days_since_last_sale": since})


def _tax_arrears(view: View, limit: Thresholds) -> Detected | None:
    rise = view.change("tax_late_fee_12m_fen")
    if rise is None or rise <= 0:
        return None
    return Detected("tax_arrears", Level.ORANGE, {"late_fee_rise_fen": rise})


def _social(view: View, limit: Thresholds) -> Detected | None:
    arrears, change = view.get("soc_arrears_months_12m"), view.get("soc_headcount_change_3m")
    behind = arrears is not None and arrears >= limit["monitoring.social_arrears_months"]
    shrank = change is not None and change <= -limit["monitoring.headcount_drop"]
    if not behind and not shrank:
        return None
    return Detected("social_insurance", Level.ORANGE, {"arrears_months": arrears, "headcount_change_3m": change})


def _lawsuits(view: View, limit: Thresholds) -> Detected | None:
    more = view.change("crt_defendant_count_24m")
    if more is None or more < limit["monitoring.lawsuits_90d"]:
        return None
    return Detected("lawsuit_cluster", Level.ORANGE, {"new_cases_90d": more})


def _tax_grade(view: View, limit: Thresholds) -> Detected | None:
    change, grade = view.change("tax_grade_points"), view.get("tax_grade_points")
    if change is None or change >= 0 or grade is None:
        return None
    level = Level.ORANGE if grade <= 1 else Level.YELLOW
    return Detected("tax_grade_down", level, {"grade_points": grade, "change": change})


def _registration(view: View, limit: Thresholds) -> Detected | None:
    listed, changes = view.get("reg_abnormal"), view.get("reg_changes_12m")
    busy = changes is not None and changes >= limit["monitoring.registration_changes"]
    if not listed and not busy:
        return None
    return Detected("registration_change", Level.YELLOW, {"abnormal": listed, "changes_12m": changes})


def _news(view: View, limit: Thresholds) -> Detected | None:
    count = view.get("nws_negative_90d")
    if count is None or count < limit["monitoring.negative_news"]:
        return None
    return Detected("negative_news", Level.YELLOW, {"negative_90d": count})


RULES: tuple[Rule, ...] = (
    _dishonest,
    _enforced,
    _overdue,
    _power_stopped,
    _power_drop,
    _sales_drop,
    _tax_arrears,
    _social,
    _lawsuits,
    _tax_grade,
    _registration,
    _news,
)
