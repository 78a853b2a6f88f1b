"""What each product would lend each firm: eligibility, amount, rate, annual cost, who decides, rank, before capacity is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from rongtong.core.canonical import digest
from rongtong.credit import facade as credit
from rongtong.credit.contracts import AnnualCost, LimitResult, RepaymentMethod, ScoreResult
from rongtong.features.contracts import Portrait
from rongtong.matching.contracts import CheckState, EligibilityRule, Exposure, NearMiss, OfferState, Product, Unknown
from rongtong.matching.queries.arrears import arrears_of
from rongtong.matching.queries.case_inputs import (
    Measured,
    Wish,
    common_inputs,
    expected_purpose,
    facts_of,
    measure,
    measured_inputs,
    priced_terms,
)
from rongtong.matching.queries.products import Market
from rongtong.matching.queries.relations import Relations, relations_between
from rongtong.matching.rules import ranking, reasons
from rongtong.matching.rules.advice import attainable, distance
from rongtong.matching.rules.case import judge_case
from rongtong.matching.rules.checks import Check
from rongtong.matching.rules.eligibility import Facts, check_rule
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Licence, Organisation, OrganisationId
from rongtong.rulebook import facade as rulebook


@dataclass(frozen=True, slots=True)
class Ask:
    """What the firm asks for; None is as much, or the product's usual term."""

    amount_minor: int | None = None
    term_months: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An offer that only lacks the capacity behind it."""

    product: Product
    amount_minor: int
    term_months: int
    method: RepaymentMethod
    rate: Decimal
    fees_minor: int
    cost: AnnualCost
    automatic: bool
    workings: Mapping[str, Any]
    utility: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Basis:
    """What the offers to one firm rest on besides its records; with an equal digest they are found again."""

    overdue_days: int
    readers: Collection[UUID]
    """The lenders that the firm lets read its portrait for financing: no other could decide what it is asked."""
    digest: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One firm's proposals, best first, and what it nearly has, nearest first."""

    portrait: Portrait
    score: ScoreResult
    proposals: tuple[Proposal, ...]
    near_misses: tuple[NearMiss, ...]
    products: int
    exposure: Exposure
    basis: Basis

    @property
    def enterprise_id(self) -> OrganisationId:
        """Whose plan it is."""
        return self.portrait.enterprise_id


@dataclass(frozen=True, slots=True)
class _Case:
    """One firm in front of one product."""

    portrait: Portrait
    score: ScoreResult
    firm: Organisation
    exposure: Exposure
    ask: Ask
    as_of: date
    licences: Mapping[OrganisationId, Licence | None]
    relations: Relations
    basis: Basis


@dataclass(frozen=True, slots=True)
class _Practice:
    """The rulebook's values for a day."""

    rank: ranking.RankParameters
    conditions_max: int
    distance_max: float
    near_misses_max: int


def plan_offers(
    *,
    firms: Sequence[tuple[Portrait, ScoreResult]],
    organisations: Mapping[OrganisationId, Organisation],
    market: Market,
    exposures: Mapping[OrganisationId, Exposure],
    bases: Mapping[UUID, Basis],
    ask: Ask,
    as_of: date,
) -> list[Plan]:
    """Judge all firms against all products at once, then work out those that fit; a few queries whatever the number of firms."""
    facts = [facts_of(portrait.values, score, organisations[portrait.enterprise_id]) for portrait, score in firms]
    lenders = list(dict.fromkeys(product.lender_id for product in market.products))
    licences = {lender: parties.licence_in_force(institution_id=lender, on=as_of) for lender in lenders}
    relations = relations_between(firms=list(organisations.values()), lender_ids=lenders)
    verdict = market.rulebook.judge(facts)
    practice = _Practice(
        rank=ranking.parameters_from(rulebook.table("matching.rank_weights", on=as_of)),
        conditions_max=int(rulebook.value("matching.near_miss_conditions_max", on=as_of)),
        distance_max=float(rulebook.value("matching.near_miss_distance_max", on=as_of)),
        near_misses_max=int(rulebook.value("matching.near_misses_shown_max", on=as_of)),
    )
    plans = []
    for row, (portrait, score) in enumerate(firms):
        made = [
            _propose(
                market.products[index],
                _Case(
                    portrait,
                    score,
                    organisations[portrait.enterprise_id],
                    exposures[portrait.enterprise_id],
                    ask,
                    as_of,
                    licences,
                    relations,
                    bases[portrait.enterprise_id],
                ),
            )
            for index in verdict.eligible(row)
        ]
        wanted = ask.amount_minor or credit.working_capital_need(values=portrait.values, on=as_of)
        misses = [(0, 0.0, one) for one in made if isinstance(one, NearMiss)]
        for index, product in enumerate(market.products):
            if 0 < verdict.failing[row, index] <= practice.conditions_max:
                misses += _nearly(product, facts[row], practice)
        proposals = _ranked([one for one in made if isinstance(one, Proposal)], wanted, practice)
        if not proposals and not misses:
            misses = _farther(market.products, facts[row], score)
        misses.sort(key=lambda miss: miss[:2])
        plans.append(
            Plan(
                portrait=portrait,
                score=score,
                proposals=proposals,
                near_misses=tuple(miss for _count, _distance, miss in misses[: practice.near_misses_max]),
                products=len(market.products),
                exposure=exposures[portrait.enterprise_id],
                basis=bases[portrait.enterprise_id],
            )
        )
    return plans


def bases_of(
    *, enterprise_ids: Sequence[OrganisationId], market: Market, readers: Mapping[UUID, Collection[UUID]], as_of: date
) -> dict[UUID, Basis]:
    """By firm what its offers of a day rest on besides its records; `readers` are who may read its portrait."""
    overdue = arrears_of(enterprise_ids=enterprise_ids)
    products, rules = sorted(product.digest for product in market.products), rulebook.version(on=as_of)
    bases: dict[UUID, Basis] = {}
    for firm in enterprise_ids:
        late, allowed = overdue.get(firm, 0), frozenset(readers[firm])
        bases[firm] = Basis(late, allowed, digest([products, rules, late > 0, sorted(map(str, allowed))]))
    return bases


def _propose(product: Product, case: _Case) -> Proposal | NearMiss:
    ask, as_of = case.ask, case.as_of
    if product.lender_id not in case.basis.readers:
        return reasons.lender_not_authorised(product)
    term, method = _term(product, ask.term_months), product.methods[0]
    measured = measure(
        portrait=case.portrait,
        score=case.score,
        firm=case.firm,
        product=product,
        exposure=case.exposure,
        term_months=term,
        on=as_of,
    )
    limit, rate = measured.limit, measured.price.annual_rate
    if not limit.amount_minor:
        return reasons.what_is_short(product, limit, case.exposure)
    if ask.amount_minor is not None and ask.amount_minor < product.min_minor:
        return reasons.ask_too_small(product, ask_minor=ask.amount_minor)
    amount = min(limit.amount_minor, ask.amount_minor or limit.amount_minor)
    terms = priced_terms(
        amount_minor=amount,
        asked_minor=amount,
        term_months=term,
        method=method.value,
        annual_rate=rate,
        fee_rate=product.fee_rate,
        as_of=as_of,
    )
    checks = _checks(product, case, measured, terms)
    failed = [check for check in checks if check.state is CheckState.FAILED]
    if failed:
        return reasons.check_failed(product, failed)
    cost = AnnualCost(simple=Decimal(terms["cost_simple"]), effective=Decimal(terms["cost_effective"]))
    doubtful = [check for check in checks if check.state is CheckState.REFERS]
    english, chinese = reasons.offer_reasons(
        product=product,
        limit=limit,
        cost=cost,
        score=case.score,
        doubtful=doubtful,
        unknown=[check for check in checks if check.state is CheckState.UNKNOWN and check.code == "debts_elsewhere"],
        exposure=case.exposure,
        amount_minor=amount,
        ask_minor=ask.amount_minor,
    )
    workings = {
        "limit_lines": _limit_lines(limit, amount),
        "rate_lines": [[line.code, str(line.rate)] for line in measured.price.lines],
        "reasons_en": english,
        "reasons_zh": chinese,
        "automatic": not doubtful,
        "doubtful": [check.code for check in doubtful],
    }
    return Proposal(product, amount, term, method, rate, terms["fees_minor"], cost, not doubtful, workings)


def _checks(product: Product, case: _Case, measured: Measured, terms: Mapping[str, Any]) -> list[Check]:
    """What an application for the whole of it would be judged by today, with the capacity held as an offer holds it."""
    wish = Wish(
        amount_minor=terms["amount_minor"],
        term_months=terms["term_months"],
        repayment_method=terms["repayment_method"],
        annual_rate=measured.price.annual_rate,
        fees_minor=terms["fees_minor"],
        purpose=expected_purpose(product.kind),
    )
    inputs = {
        **common_inputs(
            wish=wish,
            product=product,
            firm=case.firm,
            licence=case.licences[product.lender_id],
            related=case.relations.get((case.firm.id, product.lender_id), ()),
            exposure=case.exposure,
            overdue_days=case.basis.overdue_days,
            terms=terms,
            as_of=case.as_of,
        ),
        **measured_inputs(measured, case.firm),
        "offer": {"state": OfferState.APPLIED.value},
    }
    return judge_case(inputs)


def _limit_lines(limit: LimitResult, amount: int) -> list[list[str | int]]:
    lines: list[list[str | int]] = [[line.code, line.amount_minor] for line in limit.lines]
    if amount < limit.amount_minor:
        lines.append(["asked", amount - limit.amount_minor])
    return lines


def _term(product: Product, wanted: int | None) -> int:
    """The product's term nearest to the one asked for, the longer of two."""
    if wanted is None:
        return product.default_term_months
    return min(product.terms_months, key=lambda term: (abs(term - wanted), -term))


def _nearly(product: Product, facts: Facts, practice: _Practice) -> list[tuple[int, float, NearMiss]]:
    failed = [rule for rule in product.rules if _fails(rule, facts)]
    if not all(attainable(rule, facts, practice.distance_max) for rule in failed):
        return []
    far, miss = reasons.nearly(product, failed, facts, credit.describe_value)
    return [(len(failed), far, miss)]


def _farther(products: Sequence[Product], facts: Facts, score: ScoreResult) -> list[tuple[int, float, NearMiss]]:
    """For a firm that nothing is near: what it lacks of each product all the same, and what costs it points.

    Whoever is refused everything is told why (征信业务管理办法, 个人信息保护法 art. 24), and can ask again when it has changed.
    """
    found = []
    for product in products:
        failed = [rule for rule in product.rules if _fails(rule, facts)]
        _far, miss = reasons.nearly(product, failed, facts, credit.describe_value)
        far = sum(distance(rule, facts) for rule in failed)
        fixed = sum(
            not attainable(rule, facts, 1.0) for rule in failed
        )  # a region cannot be mended: such products last
        if any(rule.fact == "score" for rule in failed):
            miss = reasons.with_lost_points(miss, score)
        found.append((len(failed) + fixed * len(product.rules), far, miss))
    return found


def _fails(rule: EligibilityRule, facts: Facts) -> bool:
    holds = check_rule(rule, facts)
    return holds is False or (holds is None and rule.unknown is Unknown.FAIL)


def _ranked(proposals: Sequence[Proposal], wanted: int | None, practice: _Practice) -> tuple[Proposal, ...]:
    """Best first; `wanted` is the amount asked for, or else the working capital that the firm has to borrow."""
    candidates = [
        ranking.Candidate(
            key=key,
            automatic=one.automatic,
            effective_cost=one.cost.effective,
            days_to_cash=one.product.days_to_cash,
            coverage=min(Decimal(1), Decimal(one.amount_minor) / (wanted or one.amount_minor)),
            terms_digest=digest([one.amount_minor, one.term_months, one.method, str(one.rate), one.fees_minor]),
        )
        for key, one in enumerate(proposals)
    ]
    return tuple(
        replace(proposals[candidate.key], utility=value) for candidate, value in ranking.rank(candidates, practice.rank)
    )
