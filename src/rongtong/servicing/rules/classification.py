"""Five-grade class and stage of expected credit loss from days past due (令〔2023〕1号; 企业会计准则第22号).

Days set a floor; judgement may go lower. A non-performing loan comes up again only once all arrears are cleared and
payments have been good for the months that the rulebook names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongtong.servicing.contracts import LoanClass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many days past due each class begins, and the backstops of expected credit loss (more than so many days)."""

    special_mention: int
    substandard: int
    doubtful: int
    loss: int
    upgrade_months: int
    significant_increase: int
    default: int


def class_floor(days: int, limits: Thresholds) -> LoanClass:
    """The best class that days past due allow: 0 normal, 1 special mention, 91 substandard, 271 doubtful, 361 loss."""
    for begin, grade in (
        (limits.loss, LoanClass.LOSS),
        (limits.doubtful, LoanClass.DOUBTFUL),
        (limits.substandard, LoanClass.SUBSTANDARD),
        (limits.special_mention, LoanClass.SPECIAL_MENTION),
    ):
        if days >= begin:
            return grade
    return LoanClass.NORMAL


def classify(*, previous: LoanClass, days: int, clean_since: date | None, day: date, limits: Thresholds) -> LoanClass:
    """The class on a day, given the one before it and since when nothing has been overdue."""
    floor = class_floor(days, limits)
    if floor.rank >= previous.rank or not previous.non_performing:
        return floor
    good = clean_since is not None and months_between(clean_since, day) >= limits.upgrade_months
    return floor if good else previous


def stage(*, grade: LoanClass, days: int, limits: Thresholds) -> int:
    """1 as at the beginning, 2 with a significant increase in risk, 3 credit-impaired."""
    if grade.non_performing or days > limits.default:
        return 3
    return 2 if days > limits.significant_increase else 1


def months_between(start: date, end: date) -> int:
    """Whole months from one day to another."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
