"""The door of credit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from rongtong.credit.contracts import (
    AnnualCost,
    CapCheck,
    DayCount,
    Instalment,
    LimitResult,
    LimitTerms,
    PriceResult,
    PriceTerms,
    RepaymentMethod,
    ScorecardSheet,
    ScoreResult,
    Validation,
)
from rongtong.credit.queries import cost_cap, deadline_after, limit_parameters, price_parameters
from rongtong.credit.rules import limits, prices, rates, schedules
from rongtong.credit.rules.calendar import add_months, next_workday
from rongtong.credit.rules.limits import limit_line
from rongtong.credit.rules.prices import rate_line
from rongtong.credit.scorecards import validation
from rongtong.credit.scorecards.card import SCORECARD_VERSION, load_scorecard, sheet_of
from rongtong.credit.scorecards.validation import brier, stability_index, weight_of_evidence
from rongtong.credit.scorecards.wording import describe_value
from rongtong.rulebook import facade as rulebook

__all__ = [
    "add_months",
    "annual_cost",
    "annual_cost_of_schedule",
    "brier",
    "check_cost_cap",
    "deadline_after",
    "describe_value",
    "firm_limit_max",
    "left_of_limit",
    "limit_line",
    "measured_limit",
    "next_workday",
    "price",
    "propose_limit",
    "rate_line",
    "repayment_schedule",
    "score",
    "scorecard_sheet",
    "stability_index",
    "validate",
    "weight_of_evidence",
    "working_capital_need",
]

_BY_DAYS = frozenset({RepaymentMethod.BULLET, RepaymentMethod.REVOLVING})
"""Methods whose interest is counted by actual days."""


def score(
    *,
    values: Mapping[str, float | None],
    unknown: Collection[str],
    assumed: Collection[str] = (),
    version: str = SCORECARD_VERSION,
) -> ScoreResult:
    """Score one firm on the published expert scorecard by its feature values; absent, None and NaN are no value.

    `unknown` names the features whose sources are not known (`Portrait.unknown`): they take the points of their worst bin.
    `assumed` names those that an evaluation takes for unremarkable; any other without a value does not apply. Earlier
    versions of the card stay, to score again what was scored with them.
    """
    return load_scorecard(version).score(values, unknown=frozenset(unknown), assumed=frozenset(assumed))


def scorecard_sheet() -> ScorecardSheet:
    """The published scorecard: every feature, bin and point, the scale and the grades."""
    return sheet_of(load_scorecard(SCORECARD_VERSION))


def propose_limit(
    *, values: Mapping[str, float | None], score: ScoreResult, terms: LimitTerms, on: date
) -> LimitResult:
    """What the firm may owe under a product's terms by the rules of a day; the lines sum to the amount."""
    return limits.limit(values=values, grade=score.grade, terms=terms, parameters=limit_parameters(on=on))


def left_of_limit(*, lines: Iterable[tuple[str, int]], terms: LimitTerms) -> int:
    """What a limit made up of lines (code, amount) would still hold with `open_minor` and `room_minor` as in these terms, in fen."""
    return limits.left_beside(
        lines, open_minor=terms.open_minor, room_minor=terms.room_minor or 0, step_minor=terms.step_minor
    )


def measured_limit(*, values: Mapping[str, float | None], score: ScoreResult, on: date) -> int | None:
    """What a firm may owe at all lenders together by its records and the rules of a day, in fen; None where nothing is known."""
    return limits.measured_limit(values=values, grade=score.grade, parameters=limit_parameters(on=on))


def firm_limit_max(*, on: date) -> int:
    """The highest sum of credit of one firm by the rules of a day, in fen."""
    return limit_parameters(on=on).firm_max_minor


def working_capital_need(*, values: Mapping[str, float | None], on: date) -> int | None:
    """The working capital that the firm has to borrow, in fen, by the annex of 流动资金贷款管理办法 and the rules of a day.

    None where its sales are not known.
    """
    return limits.working_capital_need(values, limit_parameters(on=on))


def price(*, score: ScoreResult, terms: PriceTerms, on: date, term_months: int = 12) -> PriceResult:
    """The annual rate of a firm under a lender's terms by the rules of a day; the lines sum to the rate."""
    return prices.price(pd=score.pd, terms=terms, parameters=price_parameters(on=on, term_months=term_months))


def repayment_schedule(
    *,
    method: RepaymentMethod,
    principal_minor: int,
    annual_rate: Decimal,
    start_date: date,
    term_months: int,
    on: date,
    day_count: DayCount | None = None,
    periodic_fee_minor: int = 0,
) -> tuple[Instalment, ...]:
    """The instalments of a loan drawn on `start_date`, exact to the fen, by the due-date rule in force `on` a day.

    Raises ScheduleInvalid.
    """
    return schedules.schedule(
        method=method,
        principal_minor=principal_minor,
        annual_rate=annual_rate,
        start_date=start_date,
        term_months=term_months,
        day_count=day_count or _day_count(method, on),
        roll_holidays=rulebook.text("credit.due_date_roll", on=on) == "following",
        periodic_fee_minor=periodic_fee_minor,
    )


def _day_count(method: RepaymentMethod, on: date) -> DayCount:
    """The rulebook's convention where interest is not by the month."""
    return DayCount(rulebook.text("loan.day_count", on=on).lower()) if method in _BY_DAYS else DayCount.MONTHLY


def annual_cost(*, flows: Sequence[tuple[date, int]]) -> AnnualCost:
    """The total annual cost of dated flows in fen as the firm sees them, received positive: XIRR on ACT/365.

    Raises AnnualCostUndefined.
    """
    return rates.cost_of_dates(flows)


def annual_cost_of_schedule(
    *,
    principal_minor: int,
    instalments: Sequence[Instalment],
    start_date: date,
    fees_minor: int = 0,
    method: RepaymentMethod = RepaymentMethod.ANNUITY,
) -> AnnualCost:
    """The total annual cost of a schedule with fees paid up front: of whole months, IRR times 12, and compounded.

    Where interest is by actual days (bullet, revolving) so is the cost: XIRR of the dates before holidays move them, since
    half a year of 181 days is no six twelfths. Raises AnnualCostUndefined.
    """
    if method in _BY_DAYS:
        flows = [(one.nominal_date or one.due_date, -one.total_minor) for one in instalments]
        return rates.cost_of_dates([(start_date, principal_minor - fees_minor), *flows])
    return rates.cost_of_months(
        rates.monthly_flows(
            principal_minor=principal_minor, instalments=instalments, start_date=start_date, fees_minor=fees_minor
        )
    )


def check_cost_cap(*, cost: AnnualCost, lender_type: str, on: date) -> CapCheck:
    """Hold a total annual cost against the cap for a kind of lender (`parties.LicenceType`), with the rule that says so."""
    return cost_cap(cost=cost, lender_type=lender_type, on=on)


def validate(
    *,
    scores: Sequence[float],
    labels: Sequence[int],
    features: Mapping[str, Sequence[float | None]] | None = None,
    bootstrap: int = 2000,
    seed: int = 20260101,
) -> Validation:
    """How well scores (higher is safer) separate bad (1) from good (0), with intervals and the dumb baselines."""
    return validation.validate(scores=scores, labels=labels, features=features, rounds=bootstrap, seed=seed)


PLANNED = {
    "brier": "credit",
    "stability_index": "credit",
    "weight_of_evidence": "credit",
}
"""What nothing outside of the tests calls yet, each with the capability that will."""
