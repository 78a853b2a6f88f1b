"""All that a decision rests on, gathered once and in plain values, so that the decision itself is a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.credit.contracts import AnnualCost, RepaymentMethod, ScoreResult
from rongtong.features import facade as features
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.matching.contracts import OfferId, Product
from rongtong.origination import models
from rongtong.origination.contracts import Application
from rongtong.origination.rules.policy import ENGINE
from rongtong.parties import facade as parties
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
    "origination.related_party",
    "origination.licensed_lender",
    "origination.human_review",
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


def automatic_inputs(
    *, application: Application, product: Product, portrait: Portrait, consents: Sequence[UUID], as_of: date
) -> dict[str, Any]:
    """The canonical inputs of an automatic decision; amounts in fen, rates as decimal strings."""
    firm = parties.organisation(application.enterprise_id)
    score = credit.score(values=portrait.values)
    others = sum(matching.commitments(enterprise_ids=[application.enterprise_id]).values())
    lending = replace(product.limit, open_minor=others)
    limit = credit.propose_limit(values=portrait.values, score=score, terms=lending, on=as_of)
    facts = facts_of(portrait.values, score, firm)
    price_terms = matching.price_terms(product, facts)
    price = credit.price(score=score, terms=price_terms, on=as_of, term_months=application.term_months)
    granted = min(application.amount_minor, limit.amount_minor)
    terms = priced_terms(
        amount_minor=granted,
        asked_minor=application.amount_minor,
        term_months=application.term_months,
        method=application.repayment_method,
        annual_rate=application.annual_rate,
        fee_rate=product.fee_rate,
        as_of=as_of,
    )
    return {
        **_common(application, product, firm, terms, as_of),
        "path": "automatic",
        "offer": {"state": matching.offer(offer_id=OfferId(application.offer_id)).state.value},
        "portrait": {
            "id": str(portrait.id),
            "digest": portrait.digest,
            "as_of": portrait.as_of.isoformat(),
            "version": portrait.version,
            "values": dict(portrait.values),
            "freshness": {item: day.isoformat() if day else None for item, day in portrait.freshness.items()},
            "snapshot_ids": dict(portrait.snapshot_ids),
        },
        "facts": facts,
        "score": score_inputs(score),
        "limit": {"amount_minor": limit.amount_minor, "lines": [asdict(line) for line in limit.lines]},
        "price": {
            "annual_rate": str(price.annual_rate),
            "lines": [{**asdict(line), "rate": str(line.rate)} for line in price.lines],
        },
        "consents": sorted(encode_id("cns", one) for one in consents),
    }


def manual_inputs(
    *,
    application: Application,
    product: Product,
    proposal: Mapping[str, Any],
    previous: Mapping[str, Any],
    terms: Mapping[str, Any] | None,
    as_of: date,
) -> dict[str, Any]:
    """The canonical inputs of a desk's decision: what was proposed, on top of which decision."""
    firm = parties.organisation(application.enterprise_id)
    return {
        **_common(application, product, firm, terms, as_of),
        "path": "manual",
        "proposal": dict(proposal),
        "previous": dict(previous),
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


def score_inputs(score: ScoreResult) -> dict[str, Any]:
    """A score as a decision keeps it: what it came to, by which version, and why points were lost."""
    return {
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


def _common(
    application: Application, product: Product, firm: Organisation, terms: Mapping[str, Any] | None, as_of: date
) -> dict[str, Any]:
    licence = parties.licence_in_force(institution_id=application.lender_id, on=as_of)
    return {
        "engine": ENGINE,
        "as_of": as_of.isoformat(),
        "application": _application(application),
        "enterprise": {
            "id": encode_id("org", firm.id),
            "identifiers": [[one.scheme, one.value] for one in firm.identifiers],
            "region_code": firm.region_code,
            "industry_code": firm.industry_code,
        },
        "lender": {"id": encode_id("org", application.lender_id), "licence": _licence(licence)},
        "product": _product(product),
        "related": _relations(application, firm),
        "terms": dict(terms) if terms else None,
        "cap": _cap(terms, product, as_of),
        "rules": {rule_id: _rule(rule_id, as_of) for rule_id in RULES},
        "notes": {rule.id: rule.note for rule in rulebook.rules(on=as_of) if rule.note and rule.id.startswith(_NOTED)},
        "rulebook_version": rulebook.version(on=as_of),
    }


def _application(application: Application) -> dict[str, Any]:
    return {
        "id": encode_id("app", application.id),
        "offer_id": encode_id("off", application.offer_id),
        "amount_minor": application.amount_minor,
        "term_months": application.term_months,
        "repayment_method": application.repayment_method,
        "annual_rate": str(application.annual_rate),
        "fees_minor": application.fees_minor,
        "purpose": application.purpose.value,
        "human_review": application.human_review,
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
    definitions = {one.name: one for one in features.catalogue()}
    rules = []
    for rule in product.rules:
        if rule.fact == "score":
            continue  # the lender's line is a check of its own
        zh, en, unit = _OTHER_FACTS.get(rule.fact, (rule.fact, rule.fact, "count"))
        if rule.fact in definitions:
            one = definitions[rule.fact]
            zh, en, unit = one.title_zh, one.title_en, _UNITS.get(one.unit, one.unit)
        rules.append(
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
        "rules": rules,
    }


def _relations(application: Application, firm: Organisation) -> list[dict[str, str]]:
    """How the firm is related to the platform or the lender: by being one of them, or by a declared identifier."""
    with as_platform():  # the lists are the operator's and the lender's; the decision needs no more than the answer
        platform = parties.platform()
        found = [
            {"of": encode_id("org", row.of_id), "relation": row.relation, "scheme": row.scheme}
            for row in models.RelatedParty.objects.filter(
                of_id__in=[platform.id, application.lender_id],
                scheme__in=[one.scheme for one in firm.identifiers],
                value__in=[one.value for one in firm.identifiers],
            ).order_by("of_id", "scheme", "value")
            if any((row.scheme, row.value) == (one.scheme, one.value) for one in firm.identifiers)
        ]
    if firm.id in {platform.id, application.lender_id}:
        found.append({"of": encode_id("org", firm.id), "relation": "self", "scheme": ""})
    return found


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


def _rule(rule_id: str, as_of: date) -> dict[str, str]:
    rule = rulebook.rule(rule_id, on=as_of)
    return {
        "value": rule.value,
        "source": rule.source,
        "effective_from": rule.effective_from.isoformat(),
    }
