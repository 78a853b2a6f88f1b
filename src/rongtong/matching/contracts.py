"""What crosses the door of matching: products, offers, near misses, capacity. Amounts in fen, rates as Decimal fractions a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from rongtong.credit.contracts import AnnualCost, LimitTerms, Line, PriceTerms, RateLine, RepaymentMethod
from rongtong.parties.contracts import OrganisationId

OfferId = NewType("OfferId", UUID)
ProductId = NewType("ProductId", UUID)
MatchId = NewType("MatchId", UUID)


class ProductKind(StrEnum):
    """What a product is at heart; its licence must cover it."""

    TAX = "tax"
    """税贷."""
    INVOICE = "invoice"
    """发票贷."""
    FLOWS = "flows"
    """流水贷."""
    ORDER = "order"
    """订单贷."""
    FACTORING = "factoring"
    """应收账款保理."""
    REVOLVING = "revolving"
    """随借随还."""
    FIRST_LOAN = "first_loan"
    """首贷."""
    TECHNOLOGY = "technology"
    """科创贷."""
    EQUIPMENT = "equipment"
    """设备贷."""
    MICRO = "micro"
    """小额贷款."""


class Operator(StrEnum):
    """How a rule compares a fact with its value."""

    AT_LEAST = ">="
    AT_MOST = "<="
    IS = "=="
    ONE_OF = "in"
    """The fact is one of the values, or begins with one of them: region 33, industry C39."""
    NONE_OF = "not in"


class Unknown(StrEnum):
    """What a rule does where its fact is not known: never silently nothing."""

    FAIL = "fail"
    """Not eligible; the advice says which data to authorise."""
    REFER = "refer"
    """Eligible on condition: a person at the lender looks at it."""
    IGNORE = "ignore"
    """The rule does not apply."""


class CheckState(StrEnum):
    """How one check of an offer or a decision went."""

    PASSED = "passed"
    FAILED = "failed"
    """Declines."""
    REFERS = "refers"
    """Needs a person."""
    UNKNOWN = "unknown"
    """The records say nothing about it: a condition for the lender to clear before paying out."""


@dataclass(frozen=True, slots=True)
class EligibilityRule:
    """One condition of a product over one fact: a feature, `score`, or `org_region`, `org_industry`, `org_size`, `org_age_months`."""

    fact: str
    operator: Operator
    value: float | tuple[str, ...]
    unknown: Unknown = Unknown.FAIL


@dataclass(frozen=True, slots=True)
class Document:
    """A paper that the lender asks for."""

    code: str
    title_en: str
    title_zh: str


@dataclass(frozen=True, slots=True)
class Product:
    """One version of a loan product."""

    id: ProductId
    code: str
    version: int
    kind: ProductKind
    lender_id: OrganisationId
    lender_code: str
    lender_name: str
    lender_type: str
    """The lender's licence type, which decides the cap on the annual cost."""
    name_en: str
    name_zh: str
    summary_en: str
    summary_zh: str
    min_minor: int
    max_minor: int
    terms_months: tuple[int, ...]
    default_term_months: int
    methods: tuple[RepaymentMethod, ...]
    """The first one is offered unless the firm asks for another."""
    limit: LimitTerms
    price: PriceTerms
    discount_rules: Mapping[str, tuple[EligibilityRule, ...]]
    """For each discount of the price what must be known to hold."""
    fee_rate: Decimal
    """One-off fee on the amount, paid by the firm at drawdown; part of the annual cost."""
    regions: tuple[str, ...]
    """GB/T 2260 prefixes; empty is everywhere."""
    industries: tuple[str, ...]
    """GB/T 4754 prefixes; empty is all."""
    rules: tuple[EligibilityRule, ...]
    """Every condition, those of region, industry and score among them."""
    documents: tuple[Document, ...]
    days_to_cash: int
    approve_from: int
    """The score from which the lender's own policy approves by itself."""
    refer_from: int
    """The score from which a person decides; below it the lender declines."""
    effective_from: date
    digest: str


class OfferState(StrEnum):
    """`shown -> applied | expired | withdrawn`, `applied -> taken | withdrawn | expired`."""

    SHOWN = "shown"  # -> applied | expired | withdrawn
    APPLIED = "applied"  # -> taken | withdrawn | expired
    TAKEN = "taken"
    """A loan agreement stands on it; its capacity is committed."""
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one lender would lend one firm, with the lender's capacity reserved behind it until it expires."""

    id: OfferId
    match_id: MatchId
    enterprise_id: OrganisationId
    lender_id: OrganisationId
    lender_name: str
    product_id: ProductId
    product_code: str
    product_version: int
    product_name_en: str
    product_name_zh: str
    amount_minor: int
    term_months: int
    repayment_method: RepaymentMethod
    annual_rate: Decimal
    fees_minor: int
    annual_cost: AnnualCost
    automatic: bool
    """Whether an application of today is approved by the lender's rules alone; otherwise a person decides."""
    doubtful: tuple[str, ...]
    """By their codes the checks that ask for a person; none where the rules decide alone."""
    days_to_cash: int
    rank: int
    """1 is best."""
    utility: Decimal
    """What the rank follows: coverage, cost and speed by published weights."""
    limit_lines: tuple[Line, ...]
    """They sum to the amount."""
    rate_lines: tuple[RateLine, ...]
    """They sum to the annual rate."""
    reasons_en: tuple[str, ...]
    reasons_zh: tuple[str, ...]
    documents: tuple[Document, ...]
    state: OfferState
    as_of: date
    expires_at: datetime
    created_at: datetime
    digest: str
    """Of the terms, which never change: what the transparency log holds."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A product that the firm nearly has, and what is missing."""

    product_code: str
    product_name_en: str
    product_name_zh: str
    lender_id: OrganisationId
    lender_name: str
    code: str
    """The fact that is missing, `limit`, `capacity`, or the check that an application would fail."""
    text_en: str
    text_zh: str
    gap: float | None
    """How far the fact is from the rule, in the fact's unit; None where it is not known or no number."""


@dataclass(frozen=True, slots=True)
class MatchResult:
    """The offers of one firm, best first, and what it nearly has."""

    match_id: MatchId
    enterprise_id: OrganisationId
    as_of: date
    offers: tuple[Offer, ...]
    near_misses: tuple[NearMiss, ...]
    products: int
    """How many products were looked at."""
    fitting: int
    """How many of them would lend; the best of these with capacity left are `offers`."""
    withdrawn: int = 0
    """How many of the offers were withdrawn since, because an application of the firm takes up its limit."""


class ExposureStage(StrEnum):
    """How far what a firm owes, or may come to owe, has come."""

    APPLIED = "applied"
    """An application is under way."""
    APPROVED = "approved"
    """The lender's decision grants it; the agreement is not concluded."""
    UNDRAWN = "undrawn"
    """Agreed, and not drawn, or paid back and drawable again."""
    OWED = "owed"
    """Lent and not paid back, written off or not."""
    ELSEWHERE = "elsewhere"
    """Under enforcement by a court, by the public register: what else is owed outside of the platform nobody here knows."""


@dataclass(frozen=True, slots=True)
class ExposureLine:
    """A part of a firm's exposure; `lender_kind` is the licence type, empty outside of the platform."""

    stage: ExposureStage
    lender_kind: str
    own: bool
    """Whether it is with the lender asked for."""
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """All that a firm owes or may come to owe, and what it may: one figure over all lenders. Amounts in fen."""

    enterprise_id: OrganisationId
    lines: tuple[ExposureLine, ...]
    firm_max_minor: int
    """The highest sum of credit of any one firm."""
    measured_minor: int | None
    """What the firm's own business carries by its records; None where it was never measured."""
    elsewhere_minor: int | None
    """What a court enforces against it, by the public register; None where it was not asked. Other debts outside of the
    platform are not known: a lender reads the credit report."""
    measured_at: datetime | None

    @property
    def total_minor(self) -> int:
        """The sum of the lines."""
        return sum(line.amount_minor for line in self.lines)

    @property
    def limit_minor(self) -> int:
        """The lower of the two limits."""
        return self.firm_max_minor if self.measured_minor is None else min(self.firm_max_minor, self.measured_minor)

    @property
    def headroom_minor(self) -> int:
        """What the firm may still take on."""
        return max(0, self.limit_minor - self.total_minor)

    @property
    def own_minor(self) -> int:
        """What of it is with the lender asked for."""
        return sum(line.amount_minor for line in self.lines if line.own)

    def of(self, *stages: ExposureStage) -> int:
        """The sum of some stages."""
        return sum(line.amount_minor for line in self.lines if line.stage in stages)


@dataclass(frozen=True, slots=True)
class ExposurePage:
    """Firms by their exposure, the largest first."""

    items: tuple[Exposure, ...]
    total: int
    page: int
    page_size: int


class ReservationState(StrEnum):
    """`held -> consumed | released | expired`."""

    HELD = "held"  # -> consumed | released | expired
    CONSUMED = "consumed"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a lender puts behind one product: reserved and committed amounts never exceed the total."""

    lender_id: OrganisationId
    product_code: str
    total_minor: int
    reserved_minor: int
    committed_minor: int

    @property
    def free_minor(self) -> int:
        """What can still be offered."""
        return self.total_minor - self.reserved_minor - self.committed_minor


@dataclass(frozen=True, slots=True)
class OfferPage:
    """A page of offers, newest match first, best rank first."""

    offers: tuple[Offer, ...]
    page: int
    page_size: int
    total: int
