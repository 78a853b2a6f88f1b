"""The order of offers: odds of approval, total annual cost, speed, by published weights. Nobody can pay for a place.

What the utility is made of is all that the rank knows: no lender's name, no commission, no earlier choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

_ODDS = Decimal("0.0001")
_UTILITY = Decimal("0.000001")
_ZERO, _ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class RankParameters:
    """The rulebook's values for a day; the three weights sum to 1."""

    odds_weight: Decimal
    cost_weight: Decimal
    speed_weight: Decimal
    cost_ceiling: Decimal
    """The annual cost that counts as 0."""
    slowest_days: int
    """The days to cash that count as 0."""
    odds_max: Decimal
    """The highest odds that are shown: nobody promises an approval."""
    doubt: Decimal
    """What each fact that the lender has to look up multiplies the odds by."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the rank sees of an offer."""

    key: int
    odds: Decimal
    effective_cost: Decimal
    days_to_cash: int
    coverage: Decimal
    """How much of what is wanted the amount covers: of the ask, or of the working capital to borrow; at most 1."""
    terms_digest: str
    """Breaks ties without favour."""


def approval_odds(
    *, score: int, approve_from: int, refer_from: int, referred: int, parameters: RankParameters
) -> Decimal:
    """The published estimate: even odds midway between the lender's two cut-offs, 88 % at the upper, 12 % at the lower.

    Each fact that the lender has to look up takes its share off; certainty is never shown.
    """
    with localcontext(prec=28):
        middle = Decimal(approve_from + refer_from) / 2
        width = max(Decimal(approve_from - refer_from) / 4, _ONE)
        odds = 1 / (1 + (-(Decimal(score) - middle) / width).exp())
        sure = min(odds, parameters.odds_max)
        return (sure * parameters.doubt**referred).quantize(_ODDS, rounding=ROUND_HALF_UP)


def utility(candidate: Candidate, parameters: RankParameters) -> Decimal:
    """0 to 1: the odds of getting what was asked for, cheapness and speed, weighted."""
    cheap = max(_ZERO, _ONE - candidate.effective_cost / parameters.cost_ceiling)
    quick = max(_ZERO, _ONE - Decimal(candidate.days_to_cash) / parameters.slowest_days)
    total = (
        parameters.odds_weight * candidate.odds * candidate.coverage
        + parameters.cost_weight * min(cheap, _ONE)
        + parameters.speed_weight * quick
    )
    return total.quantize(_UTILITY, rounding=ROUND_HALF_UP)


def rank(candidates: Iterable[Candidate], parameters: RankParameters) -> list[tuple[Candidate, Decimal]]:
    """Best first, each with its utility; ties by cost, then days, then the digest of the terms."""
    valued = [(candidate, utility(candidate, parameters)) for candidate in candidates]
    return sorted(
        valued,
        key=lambda pair: (-pair[1], pair[0].effective_cost, pair[0].days_to_cash, pair[0].terms_digest),
    )


def parameters_from(table: Mapping[str, str]) -> RankParameters:
    """The weights as the rulebook holds them."""
    return RankParameters(
        odds_weight=Decimal(table["odds"]),
        cost_weight=Decimal(table["cost"]),
        speed_weight=Decimal(table["speed"]),
        cost_ceiling=Decimal(table["cost_ceiling"]),
        slowest_days=int(table["slowest_days"]),
        odds_max=Decimal(table["odds_max"]),
        doubt=Decimal(table["doubt"]),
    )
