"""What crosses the door of credit: scores, limits, prices, schedules and costs. Money in fen, rates as Decimal fractions a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Invalid


class RepaymentMethod(StrEnum):
    """How a loan is repaid (还款方式)."""

    ANNUITY = "annuity"
    """等额本息: equal instalments, monthly."""
    EQUAL_PRINCIPAL = "equal_principal"
    """等额本金: equal principal, falling interest, monthly."""
    INTEREST_FIRST = "interest_first"
    """先息后本: interest monthly, principal at maturity."""
    BULLET = "bullet"
    """到期还本付息: all at maturity, interest by actual days."""
    REVOLVING = "revolving"
    """随借随还: drawn and repaid at will; interest by actual days, shown as if drawn in full to maturity."""


class DayCount(StrEnum):
    """How the days of an interest period are counted (计息基础)."""

    ACT_360 = "act/360"
    ACT_365F = "act/365f"
    THIRTY_E_360 = "30e/360"
    """The one 30/360 variant that we use; its US variants differ at the end of February."""
    MONTHLY = "monthly"
    """A twelfth of the annual rate for each whole month."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature adds to the score. Points of all contributions and the base points sum to the score exactly."""

    feature: str
    title_en: str
    title_zh: str
    value: float | None
    bin_en: str
    bin_zh: str
    points: int
    best_points: int
    """The points of the best bin of this feature."""
    standing: str = "known"
    """`known`, `unknown` (the points of the worst bin), `assumed` (an evaluation takes it for unremarkable) or `none` (does not apply)."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why points were lost, most points first."""

    code: str
    text_en: str
    text_zh: str
    points_lost: int


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """A score of the published scorecard and everything that it is made of."""

    scorecard: str
    version: str
    score: int
    grade: str
    """A (best) to E."""
    pd: Decimal
    """Probability of default within 12 months by the scale: an uncalibrated expert figure."""
    base_points: int
    contributions: tuple[Contribution, ...]
    reasons: tuple[Reason, ...]
    score_low: int = 0
    """The score if all that is unknown or assumed were at its worst: never more than with everything known."""
    score_high: int = 0
    """The score if all that is unknown or assumed were at its best."""


@dataclass(frozen=True, slots=True)
class SheetBin:
    """One bin of a published scorecard."""

    text_en: str
    text_zh: str
    points: int


@dataclass(frozen=True, slots=True)
class SheetFeature:
    """One feature of a published scorecard with its bins, the missing one last."""

    name: str
    dimension: str
    unit: str
    title_en: str
    title_zh: str
    bins: tuple[SheetBin, ...]


@dataclass(frozen=True, slots=True)
class ScorecardSheet:
    """A scorecard as it is published."""

    name: str
    version: str
    base_points: int
    scale_score: int
    scale_odds: int
    points_to_double_odds: int
    grades: tuple[tuple[str, int], ...]
    """Grade and its lowest score, best first."""
    features: tuple[SheetFeature, ...]
    note_en: str
    note_zh: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a limit; lines sum to the amount exactly."""

    code: str
    title_en: str
    title_zh: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class RateLine:
    """One line of a price; lines sum to the annual rate exactly."""

    code: str
    title_en: str
    title_zh: str
    rate: Decimal


class LimitBasis(StrEnum):
    """What a product's limit is measured on."""

    SALES = "sales"
    """A share of the last 12 months' net invoiced sales (发票贷)."""
    TAX = "tax"
    """A multiple of the last 12 months' tax paid, by tax credit grade (银税互动)."""
    FLOWS = "flows"
    """A share of the last 12 months' bank inflow (流水贷)."""
    RECEIVABLES = "receivables"
    """A share of one turnover of sales to buyers (保理、订单贷)."""
    BEST = "best"
    """The highest of sales, tax and flows that is known."""


@dataclass(frozen=True, slots=True)
class LimitTerms:
    """A product's own terms for its limit; what is None comes from the rulebook."""

    basis: LimitBasis
    min_minor: int
    max_minor: int
    share: Decimal | None = None
    """Share of sales or of flows; multiple of tax at grade A for `tax`."""
    step_minor: int = 1_000_000
    """The limit is rounded down to a multiple of this: 1 万元."""
    open_minor: int = 0
    """What lenders have lent or promised to the firm already: what its business carries, and its highest line, are less by it."""
    room_minor: int | None = None
    """What the firm may still take on at all lenders together; None where that is not asked."""


@dataclass(frozen=True, slots=True)
class LimitResult:
    """A limit and the lines that make it; 0 where the firm does not reach the product's smallest amount."""

    amount_minor: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """A lender's own terms for its price, as fractions a year; what is None comes from the rulebook."""

    min_rate: Decimal
    max_rate: Decimal
    funding: Decimal | None = None
    """Funds transfer price (FTP)."""
    operating: Decimal | None = None
    loss_given_default: Decimal | None = None
    capital: Decimal | None = None
    """Economic capital, or the risk weight times the capital ratio, as a fraction of the exposure."""
    discounts: Mapping[str, Decimal] = field(default_factory=dict)
    """Policy discounts by code, each a positive fraction that is taken off."""


@dataclass(frozen=True, slots=True)
class PriceResult:
    """A rate, its lines, and how it reads against the loan prime rate (LPR)."""

    annual_rate: Decimal
    lines: tuple[RateLine, ...]
    lpr: Decimal
    spread_bp: Decimal
    """Basis points over (or, negative, under) the LPR of the pricing date."""
    raroc: Decimal
    """Risk-adjusted return on the capital held, after tax."""


@dataclass(frozen=True, slots=True)
class AnnualCost:
    """The total annual cost both ways, as 人民银行公告〔2021〕第3号 lets it be shown: `simple` must be labelled as simple."""

    simple: Decimal
    """Twelve times the monthly internal rate of return (单利)."""
    effective: Decimal
    """The monthly internal rate of return compounded over a year (复利, IRR)."""


@dataclass(frozen=True, slots=True)
class CapCheck:
    """Whether a total annual cost stays under the cap of law or supervision, with the rule that says so."""

    within: bool
    method: str
    """`simple` or `effective`: the method is part of the rule."""
    cost: Decimal
    cap: Decimal
    rule_id: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment. Over a schedule the principal sums to the amount lent and the last balance is 0."""

    number: int
    due_date: date
    """The day to pay: on a holiday moved to the next workday, without more interest."""
    principal_minor: int
    interest_minor: int
    fee_minor: int
    balance_minor: int
    """Principal still owed after this instalment."""
    nominal_date: date | None = None
    """The day before it was moved."""
    calendar_published: bool = True
    """False where the holidays of that year are not published yet: only weekends were heeded."""

    @property
    def total_minor(self) -> int:
        """What is to be paid on the day."""
        return self.principal_minor + self.interest_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its bootstrap interval of 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Validation:
    """How well a score separates good from bad, beside the two dumb baselines. Higher scores mean safer firms."""

    auc: float
    auc_low: float
    auc_high: float
    """The 95 % bootstrap interval of the AUC."""
    ks: float
    n: int
    bad: int
    majority_accuracy: float
    """What saying "good" to all scores: accuracy alone says nothing."""
    best_single: str = ""
    best_single_auc: float | None = None
    best_single_low: float | None = None
    best_single_high: float | None = None
    bootstrap: int = 0
    seed: int = 0


class ScheduleInvalid(Invalid):
    """A schedule was asked for with an amount, a rate or a term outside of what can be lent: 1 fen up, 0 to 100 %, 1 to 360 months."""

    code = "schedule_invalid"
    message = _("No schedule can be drawn up for this amount, rate and term.")
