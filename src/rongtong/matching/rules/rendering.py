"""Contracts as the API gives them: prefixed ids, Decimals as text, amounts in fen."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from rongtong.core.ids import encode_id
from rongtong.credit.contracts import ScorecardSheet
from rongtong.matching.contracts import Capacity, Exposure, MatchResult, NearMiss, Offer, Product
from rongtong.matching.rules.facts import fact_of


def render_product(product: Product) -> dict[str, Any]:
    """A product."""
    return {
        "id": encode_id("prd", product.id),
        "code": product.code,
        "version": product.version,
        "kind": product.kind,
        "lender": encode_id("org", product.lender_id),
        "lender_name": product.lender_name,
        "lender_type": product.lender_type,
        "name_en": product.name_en,
        "name_zh": product.name_zh,
        "summary_en": product.summary_en,
        "summary_zh": product.summary_zh,
        "min_minor": product.min_minor,
        "max_minor": product.max_minor,
        "terms_months": list(product.terms_months),
        "methods": [method.value for method in product.methods],
        "min_rate": _text(product.price.min_rate),
        "max_rate": _text(product.price.max_rate),
        "fee_rate": _text(product.fee_rate),
        "regions": list(product.regions),
        "industries": list(product.industries),
        "rules": [
            {
                "fact": rule.fact,
                "title_en": fact_of(rule.fact).title_en,
                "title_zh": fact_of(rule.fact).title_zh,
                "operator": rule.operator.value,
                "value": list(rule.value) if isinstance(rule.value, tuple) else rule.value,
                "unknown": rule.unknown.value,
            }
            for rule in product.rules
        ],
        "documents": [asdict(document) for document in product.documents],
        "days_to_cash": product.days_to_cash,
        "approve_from": product.approve_from,
        "refer_from": product.refer_from,
    }


def render_offer(offer: Offer) -> dict[str, Any]:
    """An offer."""
    return {
        "id": encode_id("off", offer.id),
        "match": encode_id("mat", offer.match_id),
        "enterprise": encode_id("ent", offer.enterprise_id),
        "lender": encode_id("org", offer.lender_id),
        "lender_name": offer.lender_name,
        "product": encode_id("prd", offer.product_id),
        "product_code": offer.product_code,
        "product_version": offer.product_version,
        "product_name_en": offer.product_name_en,
        "product_name_zh": offer.product_name_zh,
        "amount_minor": offer.amount_minor,
        "term_months": offer.term_months,
        "repayment_method": offer.repayment_method.value,
        "annual_rate": _text(offer.annual_rate),
        "fees_minor": offer.fees_minor,
        "annual_cost_simple": f"{offer.annual_cost.simple:.6f}",
        "annual_cost_effective": f"{offer.annual_cost.effective:.6f}",
        "automatic": offer.automatic,
        "days_to_cash": offer.days_to_cash,
        "rank": offer.rank,
        "utility": str(offer.utility),
        "limit_lines": [asdict(line) for line in offer.limit_lines],
        "rate_lines": [{**asdict(line), "rate": _text(line.rate)} for line in offer.rate_lines],
        "reasons_en": list(offer.reasons_en),
        "reasons_zh": list(offer.reasons_zh),
        "documents": [asdict(document) for document in offer.documents],
        "state": offer.state,
        "as_of": offer.as_of,
        "expires_at": offer.expires_at.isoformat(),
        "created_at": offer.created_at.isoformat(),
        "digest": offer.digest,
    }


def render_near_miss(miss: NearMiss) -> dict[str, Any]:
    """A near miss."""
    return {
        "product_code": miss.product_code,
        "product_name_en": miss.product_name_en,
        "product_name_zh": miss.product_name_zh,
        "lender": encode_id("org", miss.lender_id),
        "lender_name": miss.lender_name,
        "code": miss.code,
        "text_en": miss.text_en,
        "text_zh": miss.text_zh,
        "gap": miss.gap,
    }


def render_match(found: MatchResult) -> dict[str, Any]:
    """A search."""
    return {
        "id": encode_id("mat", found.match_id),
        "enterprise": encode_id("ent", found.enterprise_id),
        "as_of": found.as_of,
        "products": found.products,
        "fitting": found.fitting,
        "offers": [render_offer(offer) for offer in found.offers],
        "near_misses": [render_near_miss(miss) for miss in found.near_misses],
    }


def render_exposure(found: Exposure, *, own_only: bool = False) -> dict[str, Any]:
    """A firm's exposure; to a lender its own lines, and all else as one sum."""
    lines = [
        {"stage": line.stage, "lender_kind": line.lender_kind, "own": line.own, "amount_minor": line.amount_minor}
        for line in found.lines
        if line.own or not own_only
    ]
    return {
        "enterprise": encode_id("ent", found.enterprise_id),
        "total_minor": found.total_minor,
        "own_minor": found.own_minor,
        "others_minor": found.total_minor - found.own_minor,
        "elsewhere_minor": found.elsewhere_minor,
        "limit_minor": found.limit_minor,
        "firm_max_minor": found.firm_max_minor,
        "measured_minor": found.measured_minor,
        "headroom_minor": found.headroom_minor,
        "lines": lines,
    }


def render_capacity(pool: Capacity) -> dict[str, Any]:
    """A pool."""
    return {
        "product_code": pool.product_code,
        "total_minor": pool.total_minor,
        "reserved_minor": pool.reserved_minor,
        "committed_minor": pool.committed_minor,
        "free_minor": pool.free_minor,
    }


def render_sheet(sheet: ScorecardSheet) -> dict[str, Any]:
    """The published scorecard."""
    plain = asdict(sheet)
    plain["grades"] = [{"grade": grade, "from_score": floor} for grade, floor in sheet.grades]
    plain["features"] = [{**feature, "bins": list(feature["bins"])} for feature in plain["features"]]
    return plain


def _text(rate: Decimal) -> str:
    return f"{rate.normalize():f}"
