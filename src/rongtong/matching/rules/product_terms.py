"""A product's terms as data, and how they read as a contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from rongtong.credit.contracts import LimitBasis, LimitTerms, PriceTerms, RepaymentMethod
from rongtong.matching.contracts import (
    Document,
    EligibilityRule,
    Operator,
    Product,
    ProductId,
    ProductKind,
    Unknown,
)
from rongtong.matching.rules.eligibility import Facts, check_rule
from rongtong.parties.contracts import OrganisationId

_LICENCE_SCOPES = {ProductKind.FACTORING: "factoring"}


def licence_scope(kind: ProductKind) -> str:
    """What a lender's licence must allow for a kind of product."""
    return _LICENCE_SCOPES.get(kind, "loan")


def read_terms(
    terms: Mapping[str, Any],
    *,
    product_id: UUID,
    version: int,
    lender_id: UUID,
    lender_name: str,
    lender_type: str,
    effective_from: date,
    digest: str,
) -> Product:
    """The terms as a product. Raises KeyError, TypeError or ValueError where something is missing or cannot be."""
    return _plausible(
        Product(
            id=ProductId(product_id),
            code=terms["code"],
            version=version,
            kind=ProductKind(terms["kind"]),
            lender_id=OrganisationId(lender_id),
            lender_code=terms["lender"],
            lender_name=lender_name,
            lender_type=lender_type,
            name_en=terms["name_en"],
            name_zh=terms["name_zh"],
            summary_en=terms["summary_en"],
            summary_zh=terms["summary_zh"],
            min_minor=terms["min_minor"],
            max_minor=terms["max_minor"],
            terms_months=tuple(terms["terms_months"]),
            default_term_months=terms["default_term_months"],
            methods=tuple(RepaymentMethod(method) for method in terms["methods"]),
            limit=read_limit(terms),
            price=_price(terms["price"]),
            discount_rules=_discount_rules(terms["price"]),
            fee_rate=Decimal(terms["fee_rate"]),
            regions=tuple(terms["regions"]),
            industries=tuple(terms["industries"]),
            rules=_rules(terms),
            documents=tuple(Document(**document) for document in terms["documents"]),
            days_to_cash=terms["days_to_cash"],
            approve_from=terms["approve_from"],
            refer_from=terms["refer_from"],
            effective_from=effective_from,
            digest=digest,
        )
    )


def _plausible(product: Product) -> Product:
    """Refuse amounts, terms, rates and cut-offs that contradict each other."""
    low, high = product.min_minor, product.max_minor
    plausible = (
        isinstance(low, int)
        and isinstance(high, int)
        and 0 < low <= high
        and product.default_term_months in product.terms_months
        and all(isinstance(term, int) and 1 <= term <= 360 for term in product.terms_months)
        and bool(product.methods)
        and 0 <= product.price.min_rate <= product.price.max_rate <= 1
        and 0 <= product.fee_rate < 1
        and product.refer_from <= product.approve_from
        and product.days_to_cash >= 0
    )
    if not plausible:
        raise ValueError("amounts, terms, rates or cut-offs contradict each other")
    return product


def read_limit(terms: Mapping[str, Any]) -> LimitTerms:
    """A product's own terms for its limit."""
    own = terms["limit"]
    return LimitTerms(
        basis=LimitBasis(own["basis"]),
        min_minor=terms["min_minor"],
        max_minor=terms["max_minor"],
        share=None if own.get("share") is None else Decimal(own["share"]),
    )


def _price(own: Mapping[str, Any]) -> PriceTerms:
    def rate(name: str) -> Decimal | None:
        return None if own.get(name) is None else Decimal(own[name])

    return PriceTerms(
        min_rate=Decimal(own["min_rate"]),
        max_rate=Decimal(own["max_rate"]),
        funding=rate("funding"),
        operating=rate("operating"),
        loss_given_default=rate("loss_given_default"),
        capital=rate("capital"),
        discounts={code: Decimal(_rate_of(one)) for code, one in own.get("discounts", {}).items()},
    )


def _rate_of(discount: Any) -> str:
    return str(discount["rate"] if isinstance(discount, Mapping) else discount)


def _discount_rules(own: Mapping[str, Any]) -> dict[str, tuple[EligibilityRule, ...]]:
    """What must be known to hold for each discount; terms from before conditions were told name none."""
    return {
        code: tuple(
            EligibilityRule(
                rule["fact"],
                Operator(rule["operator"]),
                tuple(rule["value"]) if isinstance(rule["value"], list) else float(rule["value"]),
            )
            for rule in one["when"]
        )
        for code, one in own.get("discounts", {}).items()
        if isinstance(one, Mapping)
    }


def price_terms(product: Product, facts: Facts) -> PriceTerms:
    """The price's terms for one firm: a discount is given where all its conditions are known to hold, and else not.

    A discount without a condition is given to nobody.
    """
    given = {
        code: rate
        for code, rate in product.price.discounts.items()
        if (rules := product.discount_rules.get(code)) and all(check_rule(rule, facts) is True for rule in rules)
    }
    return replace(product.price, discounts=given)


def _rules(terms: Mapping[str, Any]) -> tuple[EligibilityRule, ...]:
    """The product's own conditions, after those of score, region and industry."""
    rules = [EligibilityRule("score", Operator.AT_LEAST, float(terms["refer_from"]))]
    if terms["regions"]:
        rules.append(EligibilityRule("org_region", Operator.ONE_OF, tuple(terms["regions"])))
    if terms["industries"]:
        rules.append(EligibilityRule("org_industry", Operator.ONE_OF, tuple(terms["industries"])))
    for rule in terms["rules"]:
        value = tuple(rule["value"]) if isinstance(rule["value"], list) else float(rule["value"])
        rules.append(EligibilityRule(rule["fact"], Operator(rule["operator"]), value, Unknown(rule["unknown"])))
    return tuple(rules)
