"""All that an offer and a decision rest on, gathered in plain values, so that judging them is one pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from rongtong.core.ids import encode_id
from rongtong.core.tenancy import Book, current_book
from rongtong.credit import facade as credit
from rongtong.credit.contracts import AnnualCost, LimitResult, PriceResult, RepaymentMethod, ScoreResult
from rongtong.features import facade as features
from rongtong.features.contracts import Portrait
from rongtong.matching.contracts import EligibilityRule, Exposure, ExposureStage, Product, ProductKind
from rongtong.matching.rules.product_terms import price_terms
from rongtong.parties.contracts import Licence, Organisation
from rongtong.rulebook import facade as rulebook

RULES = (
    "origination.automatic_amount_max",
    "origination.working_capital_months_max",
    "origination.records_age_days_max",
    "origination.circular_share_max",
    "origination.price_rise_max",
    "origination.dishonest_debtor",
    "origination.abnormal_operation",
    "origination.overdue_here",
    "origination.related_party",
    "origination.licensed_lender",
    "origination.human_review",
    "origination.debts_unknown_automatic_max",
    "credit.limit_single_firm_max",
)
_NOTED = ("origination.", "credit.", "rate.")
"""The rules whose notes a decision keeps: those that it, the limit, the price and the cap follow."""
_UNITS = {"ratio": "percent", "points": "grade"}
_OTHER_FACTS = {
    "score": ("信用评分", "Credit score", "count"),
    "org_region": ("注册地", "Place of registration", "code"),
    "org_industry": ("所属行业", "Industry", "code"),
    "org_size": ("企业规模", "Size of the firm", "code"),
}


_PURPOSES = {ProductKind.EQUIPMENT: "equipment", ProductKind.ORDER: "order"}


def expected_purpose(kind: ProductKind) -> str:
    """What an offer of a kind of product takes the money to be for, until the application says it."""
    return _PURPOSES.get(kind, "raw_materials")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of one product: as in an application, or as an application for an offer would ask."""

    amount_minor: int
    term_months: int
    repayment_method: str
    annual_rate: Decimal
    fees_minor: int
    purpose: str
    human_review: bool = False
    id: str = ""
    offer_id: str = ""

    def plain(self) -> dict[str, Any]:
        """As canonical inputs hold it."""
        return {**asdict(self), "annual_rate": str(self.annual_rate)}


@dataclass(frozen=True, slots=True)
class Measured:
    """What the records of a firm come to under one product: limit and price, beside its exposure without this wish."""

    portrait: Portrait
    score: ScoreResult
    limit: LimitResult
    price: PriceResult
    exposure: Exposure


def measure(
    *,
    portrait: Portrait,
    score: ScoreResult,
    firm: Organisation,
    product: Product,
    exposure: Exposure,
    term_months: int,
    on: date,
) -> Measured:
    """The limit and the price of a product for a firm by the rules of a day, with what it owes or may come to owe taken off."""
    lending = replace(
        product.limit,
        open_minor=exposure.total_minor,
        room_minor=exposure.limit_minor - exposure.total_minor,
    )
    return Measured(
        portrait=portrait,
        score=score,
        limit=credit.propose_limit(values=portrait.values, score=score, terms=lending, on=on),
        price=credit.price(
            score=score,
            terms=price_terms(product, facts_of(portrait.values, score, firm)),
            on=on,
            term_months=term_months,
        ),
        exposure=exposure,
    )


def measured_inputs(measured: Measured, firm: Organisation) -> dict[str, Any]:
    """The part of the canonical inputs that comes of the firm's records."""
    portrait = measured.portrait
    return {
        "portrait": {
            "id": str(portrait.id),
            "digest": portrait.digest,
            "as_of": portrait.as_of.isoformat(),
            "version": portrait.version,
            "values": dict(portrait.values),
            "unknown": list(portrait.unknown),
            "assumed": list(portrait.assumed),
            "freshness": {item: day.isoformat() if day else None for item, day in portrait.freshness.items()},
            "snapshot_ids": dict(portrait.snapshot_ids),
        },
        "facts": facts_of(portrait.values, measured.score, firm),
        "score": score_inputs(measured.score),
        "limit": {
            "amount_minor": measured.limit.amount_minor,
            "lines": [asdict(line) for line in measured.limit.lines],
        },
        "price": {
            "annual_rate": str(measured.price.annual_rate),
            "lines": [{**asdict(line), "rate": str(line.rate)} for line in measured.price.lines],
        },
    }


def common_inputs(
    *,
    wish: Wish,
    product: Product,
    firm: Organisation,
    licence: Licence | None,
    related: Sequence[Mapping[str, str]],
    exposure: Exposure,
    overdue_days: int,
    terms: Mapping[str, Any] | None,
    as_of: date,
) -> dict[str, Any]:
    """The part of the canonical inputs that every offer and every decision has; amounts in fen, rates as decimal strings."""
    return {
        "as_of": as_of.isoformat(),
        "application": wish.plain(),
        "enterprise": {
            "id": encode_id("org", firm.id),
            "identifiers": [[one.scheme, one.value] for one in firm.identifiers],
            "region_code": firm.region_code,
            "industry_code": firm.industry_code,
        },
        "lender": {"id": encode_id("org", product.lender_id), "licence": _licence(licence)},
        "product": _product(product),
        "related": [dict(one) for one in related],
        "exposure": exposure_inputs(exposure),
        "overdue_days": overdue_days,
        "terms": dict(terms) if terms else None,
        "cap": _cap(terms, product, as_of),
        **_day(as_of, rulebook.version(on=as_of)),
    }


def priced_terms(
    *,
    amount_minor: int,
    asked_minor: int,
    term_months: int,
    method: str,
    annual_rate: Decimal,
    fee_rate: Decimal,
    as_of: date,
) -> dict[str, Any]:
    """Terms with their total annual cost both ways; nothing to lend has no cost."""
    fees = int(amount_minor * fee_rate)
    simple = effective = None
    if amount_minor > 0:
        instalments = credit.repayment_schedule(
            method=RepaymentMethod(method),
            principal_minor=amount_minor,
            annual_rate=annual_rate,
            start_date=as_of,
            term_months=term_months,
            on=as_of,
        )
        cost = credit.annual_cost_of_schedule(
            principal_minor=amount_minor,
            instalments=instalments,
            start_date=as_of,
            fees_minor=fees,
            method=RepaymentMethod(method),
        )
        simple, effective = str(cost.simple), str(cost.effective)
    return {
        "amount_minor": amount_minor,
        "reduced": amount_minor < asked_minor,
        "term_months": term_months,
        "repayment_method": method,
        "annual_rate": str(annual_rate),
        "fees_minor": fees,
        "cost_simple": simple,
        "cost_effective": effective,
    }


def exposure_inputs(exposure: Exposure) -> dict[str, Any]:
    """A firm's exposure as a decision keeps it: sums by stage, no lender's terms."""
    return {
        "total_minor": exposure.total_minor,
        "limit_minor": exposure.limit_minor,
        "firm_max_minor": exposure.firm_max_minor,
        "measured_minor": exposure.measured_minor,
        "elsewhere_minor": exposure.elsewhere_minor,
        "evaluation": current_book() is Book.EVALUATION,
        "stages": {stage.value: exposure.of(stage) for stage in ExposureStage},
    }


def score_inputs(score: ScoreResult) -> dict[str, Any]:
    """A score as a decision keeps it: what it came to, by which version, and why points were lost."""
    bounds = {} if score.version.startswith("1.") else {"low": score.score_low, "high": score.score_high}
    return bounds | {
        "scorecard": score.scorecard,
        "version": score.version,
        "score": score.score,
        "grade": score.grade,
        "pd": str(score.pd),
        "reasons": [asdict(reason) for reason in score.reasons],
    }


def facts_of(
    values: Mapping[str, float | None], score: ScoreResult, firm: Organisation
) -> dict[str, float | str | None]:
    """What product rules ask about: the portrait's values, the score, and what the register says of the firm."""
    return {
        **values,
        "score": float(score.score),
        "org_region": firm.region_code or None,
        "org_industry": firm.industry_code or None,
        "org_size": firm.size_class.value if firm.size_class else None,
    }


def _licence(licence: Licence | None) -> dict[str, Any] | None:
    if licence is None:
        return None
    return {
        "type": licence.type.value,
        "number": licence.number,
        "region_code": licence.region_code,
        "valid_to": licence.valid_to.isoformat(),
    }


def _product(product: Product) -> dict[str, Any]:
    return {
        "id": encode_id("prd", product.id),
        "code": product.code,
        "version": product.version,
        "digest": product.digest,
        "min_minor": product.min_minor,
        "max_minor": product.max_minor,
        "terms_months": list(product.terms_months),
        "methods": [method.value for method in product.methods],
        "approve_from": product.approve_from,
        "refer_from": product.refer_from,
        "rules": _conditions(product.rules),
    }


@lru_cache(maxsize=256)
def _conditions(rules: tuple[EligibilityRule, ...]) -> list[dict[str, Any]]:
    """The conditions of a product as inputs hold them; shared between inputs, and changed by none."""
    definitions = {one.name: one for one in features.catalogue()}
    conditions = []
    for rule in rules:
        if rule.fact == "score":
            continue  # the lender's line is a check of its own
        zh, en, unit = _OTHER_FACTS.get(rule.fact, (rule.fact, rule.fact, "count"))
        if rule.fact in definitions:
            one = definitions[rule.fact]
            zh, en, unit = one.title_zh, one.title_en, _UNITS.get(one.unit, one.unit)
        conditions.append(
            {
                "fact": rule.fact,
                "operator": rule.operator.value,
                "value": list(rule.value) if isinstance(rule.value, tuple) else rule.value,
                "unknown": rule.unknown.value,
                "title_zh": zh,
                "title_en": en,
                "unit": unit,
            }
        )
    return conditions


def _cap(terms: Mapping[str, Any] | None, product: Product, as_of: date) -> dict[str, str] | None:
    if not terms or terms["cost_effective"] is None:
        return None
    cost = AnnualCost(simple=Decimal(terms["cost_simple"]), effective=Decimal(terms["cost_effective"]))
    cap = credit.check_cost_cap(cost=cost, lender_type=product.lender_type, on=as_of)
    return {
        "method": cap.method,
        "cost": str(cap.cost),
        "cap": str(cap.cap),
        "rule_id": cap.rule_id,
        "source": cap.source,
        "note": cap.note,
    }


@lru_cache(maxsize=64)
def _day(as_of: date, version: str) -> dict[str, Any]:
    """What the rulebook says on a day, by its version; shared between inputs, and changed by none."""
    return {
        "rules": {rule_id: _rule(rule_id, as_of) for rule_id in RULES},
        "notes": {rule.id: rule.note for rule in rulebook.rules(on=as_of) if rule.note and rule.id.startswith(_NOTED)},
        "rulebook_version": version,
    }


def _rule(rule_id: str, as_of: date) -> dict[str, str]:
    rule = rulebook.rule(rule_id, on=as_of)
    return {
        "value": rule.value,
        "source": rule.source,
        "effective_from": rule.effective_from.isoformat(),
    }
