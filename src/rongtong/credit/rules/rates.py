"""The total annual cost of money: internal rates of return in Decimals.

人民银行公告〔2021〕第3号: the annualised rate is all that is charged over the principal actually owed; it is shown compounded
(IRR) or simple, and simple must be labelled as simple.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, localcontext

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Invalid
from rongtong.credit.contracts import AnnualCost, Instalment

_PLACES = Decimal("1e-10")
_NEAR = Decimal("1e-18")
_LOW, _HIGH = Decimal("-0.999999"), Decimal(1000)


class AnnualCostUndefined(Invalid):
    """The payments have no single internal rate: nothing was received, or nothing is paid back."""

    code = "annual_cost_undefined"
    message = _("These payments have no annual cost: money must come in first and be paid back later.")


def monthly_irr(flows: Sequence[int]) -> Decimal:
    """The rate i for which Σ flow_k / (1+i)^k = 0, flows one month apart, what the firm receives first and positive."""
    dense = [Decimal(flow) for flow in flows]

    def value(rate: Decimal) -> tuple[Decimal, Decimal]:
        discount = 1 / (1 + rate)
        total = slope = Decimal(0)
        for flow in reversed(dense):  # Horner, with the derivative by the discount factor beside it
            slope = slope * discount + total
            total = total * discount + flow
        return total, -slope * discount * discount

    return _solve(flows, value, Decimal("0.005"))


def xirr(flows: Sequence[tuple[date, int]]) -> Decimal:
    """The annual effective rate of dated flows, ACT/365: Σ flow / (1+r)^(days/365) = 0."""
    ordered = sorted(flows)
    years = [Decimal((day - ordered[0][0]).days) / 365 for day, _flow in ordered]
    amounts = [Decimal(flow) for _day, flow in ordered]

    def value(rate: Decimal) -> tuple[Decimal, Decimal]:
        log = (1 + rate).ln()
        total = slope = Decimal(0)
        for year, amount in zip(years, amounts, strict=True):
            present = amount * (-year * log).exp()
            total += present
            slope -= year * present
        return total, slope / (1 + rate)

    return _solve([flow for _day, flow in ordered], value, Decimal("0.06"))


def monthly_flows(
    *, principal_minor: int, instalments: Sequence[Instalment], start_date: date, fees_minor: int
) -> list[int]:
    """A schedule as flows one month apart, by its nominal dates: what holidays move costs nothing."""
    flows = [principal_minor - fees_minor]
    for one in instalments:
        day = one.nominal_date or one.due_date
        month = (day.year - start_date.year) * 12 + day.month - start_date.month
        flows += [0] * (month + 1 - len(flows))
        flows[month] -= one.total_minor
    return flows


def cost_of_months(flows: Sequence[int]) -> AnnualCost:
    """The annual cost of flows one month apart, both ways."""
    with localcontext(prec=34):
        monthly = monthly_irr(flows)
        return AnnualCost(
            simple=(12 * monthly).quantize(_PLACES), effective=((1 + monthly) ** 12 - 1).quantize(_PLACES)
        )


def cost_of_dates(flows: Sequence[tuple[date, int]]) -> AnnualCost:
    """The annual cost of dated flows: effective by XIRR, simple as twelve times the month's rate that compounds to it."""
    with localcontext(prec=34):
        effective = xirr(flows)
        monthly = ((1 + effective).ln() / 12).exp() - 1
        return AnnualCost(simple=(12 * monthly).quantize(_PLACES), effective=effective.quantize(_PLACES))


def _solve(flows: Sequence[int], value: Callable[[Decimal], tuple[Decimal, Decimal]], guess: Decimal) -> Decimal:
    """Newton's steps inside a bracket that shrinks, so that it always ends. Raises AnnualCostUndefined."""
    if not any(flow > 0 for flow in flows) or not any(flow < 0 for flow in flows):
        raise AnnualCostUndefined()
    low, high = _LOW, _HIGH
    rate = guess
    # received first, paid later: the present value of all flows rises with the rate
    for _step in range(300):
        total, slope = value(rate)
        if total > 0:
            high = rate
        else:
            low = rate
        following = rate - total / slope if slope else (low + high) / 2
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - rate) < _NEAR:
            return following
        rate = following
    raise AnnualCostUndefined()
