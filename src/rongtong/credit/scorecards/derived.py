"""What a scorecard measures that is no feature by itself, but follows from features; each formula is published with the card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isnan

Values = Mapping[str, float | None]

_ALL_GONE = -0.99
"""Growth from which the year before can no longer be told from this one."""


def two_year_sales(values: Values) -> float | None:
    """The yearly mean of net invoiced sales over two years; one year's where the year before is not known.

    Two years even out a season or an epidemic: sales · (1 + 1 / (1 + growth)) / 2.
    """
    sales, growth = _known(values, "inv_sales_12m_fen"), _known(values, "inv_sales_growth_12m")
    if sales is None or growth is None or growth <= _ALL_GONE:
        return sales
    return sales * (1 + 1 / (1 + growth)) / 2


DERIVED: Mapping[str, Callable[[Values], float | None]] = {"inv_sales_2y_mean_fen": two_year_sales}

SOURCE_OF: Mapping[str, str] = {"inv_sales_2y_mean_fen": "inv_sales_12m_fen"}
"""Derived value -> the feature without whose source it is not known."""


def measure(name: str, values: Values) -> float | None:
    """A feature's value, or a derived one; None where it is missing."""
    return DERIVED[name](values) if name in DERIVED else _known(values, name)


def _known(values: Values, name: str) -> float | None:
    value = values.get(name)
    return None if value is None or isnan(value) else value
