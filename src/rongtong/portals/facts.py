"""The figures behind a warning, named and with their units."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.portals import wording

TITLES: dict[str, str | Promise] = {
    "listed": gettext_lazy("On the list"),
    "enforced_fen": gettext_lazy("Amount under enforcement"),
    "sales_12m_fen": gettext_lazy("Sales of 12 months"),
    "overdue_days": gettext_lazy("Days overdue"),
    "zero_days": gettext_lazy("Days without electricity use"),
    "drop": gettext_lazy("Fall over two months"),
    "last3_over_prior3": gettext_lazy("Last three months against the three before"),
    "last3_yoy": gettext_lazy("Last three months against the same a year before"),
    "days_since_last_sale": gettext_lazy("Days since the last sale"),
    "late_fee_rise_fen": gettext_lazy("Rise of late fees"),
    "arrears_months": gettext_lazy("Months in arrears"),
    "headcount_change_3m": gettext_lazy("Change of insured staff in three months"),
    "new_cases_90d": gettext_lazy("New cases in 90 days"),
    "grade_points": gettext_lazy("Tax credit grade"),
    "change": gettext_lazy("Change of grade"),
    "abnormal": gettext_lazy("On the abnormal list"),
    "changes_12m": gettext_lazy("Changes in 12 months"),
    "negative_90d": gettext_lazy("Negative reports in 90 days"),
    "signals": gettext_lazy("Signals that stand together"),
    "of_level": gettext_lazy("Level of each"),
}
_SHARES = {"drop", "last3_over_prior3", "last3_yoy", "headcount_change_3m"}
_FLAGS = {"listed", "abnormal"}
_GRADES = {4: "A", 3: "B", 2: "M", 1: "C", 0: "D"}


def signal_facts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The facts of a signal as (name, value) in the reader's language; unknown ones are left out."""
    return [(str(TITLES.get(name, name)), _written(name, value)) for name, value in facts.items() if value is not None]


def _written(name: str, value: Any) -> str:
    if name.endswith("_fen"):
        return wording.amount_words(round(value))
    if name in _SHARES:
        return wording.percent_words(value, 0)
    if name in _FLAGS:
        return _("yes") if value else _("no")
    if name == "grade_points":
        return _GRADES.get(round(value), str(value))
    return f"{Decimal(str(value)).normalize():f}" if isinstance(value, int | float) else str(value)
