"""What crosses the simulator's door: the summary of a region, its firms, and the truth kept from the sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RegionSummary:
    """What was generated, and from which arguments: equal arguments give equal bytes."""

    folder: Path
    enterprises: int
    counterparties: int
    """Firms outside the region that its firms trade with."""
    months: int
    horizon: int
    seed: int
    start_date: date
    end_date: date
    """The day the region is seen from; data goes on to `last_date`, so that days can be rolled forward."""
    last_date: date
    rows: dict[str, int]
    """Rows per table."""
    troubled: int
    """Firms still open at `end_date` that are in clear distress at some moment from then to `last_date`."""
    defaulted: int
    """Firms that default between the first and the last day."""
    version: str
    generated: bool = True


@dataclass(frozen=True, slots=True)
class GeneratedFirm:
    """A firm of the region, as its registration would introduce it."""

    name: str
    uscc: str
    region_code: str
    industry_code: str
    established_date: date
    staff: int
    revenue_minor: int
    """Of the last twelve months before `end_date`, net of VAT, in fen."""
    assets_minor: int
    legal_rep_name: str
    small_scale: bool
    """Whether it is a small-scale VAT taxpayer (小规模纳税人)."""


@dataclass(frozen=True, slots=True)
class FirmTruth:
    """The hidden course of a firm: for evaluation only, never served by a source."""

    uscc: str
    distress_month: date | None
    """First day of the month in which distress begins."""
    default_month: date | None
    closed_month: date | None
    recovered: bool
    shock: str
    """`none`, or what tipped it: demand, liquidity, cost, governance, accident, chain, erosion."""
    quality: float
    """The lasting part of its health, about standard normal."""
