"""What credit reads of the rulebook; kept per day and version of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from rongtong.core.clock import china_date, end_of_day
from rongtong.credit.contracts import AnnualCost, CapCheck
from rongtong.credit.rules.calendar import next_workday
from rongtong.credit.rules.limits import LimitParameters
from rongtong.credit.rules.prices import PriceParameters
from rongtong.rulebook import facade as rulebook

_MINOR = 100


def limit_parameters(*, on: date) -> LimitParameters:
    """The shares, multiples and caps of limits in force on a day."""
    return _limit_parameters(on, rulebook.version(on=on))


def price_parameters(*, on: date, term_months: int = 12) -> PriceParameters:
    """The parts of a price in force on a day; the LPR is the five-year one beyond the tenor that the one-year prices."""
    return _price_parameters(on, term_months, rulebook.version(on=on))


@lru_cache(maxsize=64)
def _limit_parameters(on: date, _version: str) -> LimitParameters:
    def decimals(rule_id: str) -> dict[str, Decimal]:
        return {key: Decimal(value) for key, value in rulebook.table(rule_id, on=on).items()}

    return LimitParameters(
        sales_share=rulebook.value("credit.limit_sales_share", on=on),
        flows_share=rulebook.value("credit.limit_flows_share", on=on),
        receivables_share=rulebook.value("credit.limit_receivables_share", on=on),
        receivable_days=int(rulebook.value("credit.receivable_days", on=on)),
        tax_multiples=decimals("credit.limit_tax_multiples"),
        grade_multipliers=decimals("credit.limit_grade_multipliers"),
        firm_max_minor=int(rulebook.value("credit.limit_single_firm_max", on=on)) * _MINOR,
        turnover_days=int(rulebook.value("credit.working_capital_turnover_days", on=on)),
        margin=rulebook.value("credit.working_capital_margin", on=on),
        growth_max=rulebook.value("credit.working_capital_growth_max", on=on),
        own_share=rulebook.value("credit.working_capital_own_share", on=on),
    )


@lru_cache(maxsize=256)
def _price_parameters(on: date, term_months: int, _version: str) -> PriceParameters:
    longest = int(rulebook.value("rate.lpr_1y_tenor_years_max", on=on)) * 12
    return PriceParameters(
        funding=rulebook.value("credit.price_funding", on=on),
        operating=rulebook.value("credit.price_operating", on=on),
        loss_given_default=rulebook.value("credit.price_loss_given_default", on=on),
        capital=rulebook.value("credit.price_capital", on=on),
        capital_return=rulebook.value("credit.price_capital_return", on=on),
        tax_rate=rulebook.value("credit.price_tax_rate", on=on),
        lpr=rulebook.value("rate.lpr_1y" if term_months <= longest else "rate.lpr_5y", on=on),
        step=rulebook.value("credit.price_step", on=on),
    )


def cost_cap(*, cost: AnnualCost, lender_type: str, on: date) -> CapCheck:
    """Hold a total annual cost against the cap that binds this kind of lender on a day, by the method of the rulebook."""
    rule_id = "rate.micro_lender_cost_cap" if lender_type == "micro_lender" else "rate.helped_loan_cost_cap"
    rule = rulebook.rule(rule_id, on=on)
    simple = rulebook.text("rate.cap_method", on=on) == "simple"
    figure = cost.simple if simple else cost.effective
    return CapCheck(
        within=figure <= Decimal(rule.value),
        method="simple" if simple else "effective",
        cost=figure,
        cap=Decimal(rule.value),
        rule_id=rule_id,
        source=rule.source,
        note=rule.note,
    )


def deadline_after(rule_id: str, *, since: datetime) -> datetime:
    """The moment by which something that began at `since` has to be done, by a rule in minutes, hours, days or working days.

    Days and working days end with their day in China. Raises as the rulebook's `rule` does.
    """
    day = china_date(since)
    rule = rulebook.rule(rule_id, on=day)
    count = int(rule.value)
    if rule.unit == "minutes":
        return since + timedelta(minutes=count)
    if rule.unit == "hours":
        return since + timedelta(hours=count)
    if rule.unit == "working days":
        for _ in range(count):
            day, _published = next_workday(day + timedelta(days=1))
    else:
        day += timedelta(days=count)
    return end_of_day(day)
