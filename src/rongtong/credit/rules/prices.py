"""The price by rule: funds, operations, expected loss, capital, less policy discounts. Rates are Decimal fractions a year."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from rongtong.credit.contracts import PriceResult, PriceTerms, RateLine

_PLACES = Decimal("1e-6")
_TITLES = {
    "funding": ("Funds", "资金成本（FTP）"),
    "operating": ("Operations", "运营成本"),
    "expected_loss": ("Expected loss", "预期损失"),
    "capital": ("Return on capital", "资本成本"),
    "floor": ("Lender's lowest rate", "机构最低利率调整"),
    "ceiling": ("Lender's highest rate", "机构最高利率调整"),
    "rounding": ("Rounded to the quoted step", "按报价单位取整"),
    "discount_inclusive": ("Inclusive-finance relief", "普惠小微让利"),
    "discount_green": ("Green-finance relief", "绿色金融优惠"),
    "discount_first_loan": ("First-loan relief", "首贷优惠"),
    "discount_technology": ("Technology-firm relief", "科技企业优惠"),
    "discount_tax_a": ("Relief for tax grade A", "纳税信用A级优惠"),
}


@dataclass(frozen=True, slots=True)
class PriceParameters:
    """The rulebook's values for a day."""

    funding: Decimal
    operating: Decimal
    loss_given_default: Decimal
    capital: Decimal
    capital_return: Decimal
    tax_rate: Decimal
    lpr: Decimal
    step: Decimal


def price(*, pd: Decimal, terms: PriceTerms, parameters: PriceParameters) -> PriceResult:
    """r = FTP + opex + PD·LGD + h·EC/(1 - tax) - discounts, held between the lender's lowest and highest rate.

    The lines sum to the rate exactly.
    """
    funding = parameters.funding if terms.funding is None else terms.funding
    operating = parameters.operating if terms.operating is None else terms.operating
    loss = parameters.loss_given_default if terms.loss_given_default is None else terms.loss_given_default
    capital = parameters.capital if terms.capital is None else terms.capital
    parts = [
        ("funding", _round(funding)),
        ("operating", _round(operating)),
        ("expected_loss", _round(pd * loss)),
        ("capital", _round(parameters.capital_return * capital / (1 - parameters.tax_rate))),
    ]
    parts += [(f"discount_{code}", -_round(rate)) for code, rate in sorted(terms.discounts.items())]
    lines = [rate_line(code, rate) for code, rate in parts]
    total = sum((line.rate for line in lines), Decimal(0))
    stepped = (total / parameters.step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * parameters.step
    held = min(max(stepped, terms.min_rate), terms.max_rate)
    for code, rate in (("rounding", stepped - total), ("floor" if held > stepped else "ceiling", held - stepped)):
        if rate:
            lines.append(rate_line(code, rate))
    return PriceResult(
        annual_rate=held,
        lines=tuple(lines),
        lpr=parameters.lpr,
        spread_bp=(held - parameters.lpr) * 10000,
        raroc=return_on_capital(
            rate=held,
            cost=funding + operating + pd * loss,
            capital=capital,
            tax_rate=parameters.tax_rate,
        ),
    )


def rate_line(code: str, rate: Decimal) -> RateLine:
    """A line with its titles; a discount of a name of the lender's own reads by that name."""
    own = code.removeprefix("discount_")
    return RateLine(code, *_TITLES.get(code, (own, own)), rate)


def return_on_capital(*, rate: Decimal, cost: Decimal, capital: Decimal, tax_rate: Decimal) -> Decimal:
    """RAROC: what is left of the rate after funds, operations and expected loss, after tax, on the capital held."""
    return ((rate - cost) * (1 - tax_rate) / capital).quantize(_PLACES, rounding=ROUND_HALF_UP)


def _round(rate: Decimal) -> Decimal:
    return rate.quantize(_PLACES, rounding=ROUND_HALF_UP)
