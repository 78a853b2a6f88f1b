"""The order of offers: how much of the need they cover, total annual cost, speed, by published weights. Nobody can pay for a place.

What the utility is made of is all that the rank knows: no lender's name, no commission, no earlier choice, and no odds of
approval, as long as none are estimated from outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_UTILITY = Decimal("0.000001")
_ZERO, _ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class RankParameters:
    """The rulebook's values for a day; the three weights sum to 1."""

    coverage_weight: Decimal
    cost_weight: Decimal
    speed_weight: Decimal
    cost_ceiling: Decimal
    """The annual cost that counts as 0."""
    slowest_days: int
    """The days to cash that count as 0."""
    person_days: int
    """The working days that a person's decision takes longer."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the rank sees of an offer."""

    key: int
    automatic: bool
    """Whether the lender's rules alone decide on it; a person takes longer."""
    effective_cost: Decimal
    days_to_cash: int
    coverage: Decimal
    """How much of what is wanted the amount covers: of the ask, or of the working capital to borrow; at most 1."""
    terms_digest: str
    """Breaks ties without favour."""


def utility(candidate: Candidate, parameters: RankParameters) -> Decimal:
    """0 to 1: coverage of what was asked for, cheapness and speed, weighted."""
    days = candidate.days_to_cash + (0 if candidate.automatic else parameters.person_days)
    cheap = max(_ZERO, _ONE - candidate.effective_cost / parameters.cost_ceiling)
    quick = max(_ZERO, _ONE - Decimal(days) / parameters.slowest_days)
    total = (
        parameters.coverage_weight * candidate.coverage
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
        coverage_weight=Decimal(table["coverage"]),
        cost_weight=Decimal(table["cost"]),
        speed_weight=Decimal(table["speed"]),
        cost_ceiling=Decimal(table["cost_ceiling"]),
        slowest_days=int(table["slowest_days"]),
        person_days=int(table["person_days"]),
    )
