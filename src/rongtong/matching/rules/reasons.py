"""What an offer says for itself, and what a product says that the firm does not get yet, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rongtong.core.money import format_wan, format_yuan
from rongtong.credit.contracts import AnnualCost, CapCheck, LimitResult, ScoreResult
from rongtong.matching.contracts import EligibilityRule, NearMiss, Product
from rongtong.matching.rules.advice import Describe, advise, distance, gap
from rongtong.matching.rules.eligibility import Facts
from rongtong.matching.rules.facts import fact_of

_LOST_SHOWN = 3


def offer_reasons(
    *,
    product: Product,
    limit: LimitResult,
    cost: AnnualCost,
    score: ScoreResult,
    referred: Sequence[EligibilityRule],
    amount_minor: int,
    ask_minor: int | None,
) -> tuple[list[str], list[str]]:
    """The sentences of an offer: amount, cost, speed, score, and what the lender has still to look up."""
    basis = limit.lines[0]
    english = [
        f"{basis.title_en}: up to CNY {_yuan(limit.amount_minor)}",
        f"Total annual cost {cost.simple:.2%} (simple), {cost.effective:.2%} (effective, IRR)",
        f"Money expected in {product.days_to_cash} working days"
        if product.days_to_cash
        else "Money expected on the same day",
        f"Score {score.score}, grade {score.grade}",
    ]
    chinese = [
        f"{basis.title_zh}，最高可贷{format_wan(limit.amount_minor)}",
        f"综合年化成本：{cost.simple:.2%}（单利）、{cost.effective:.2%}（复利，IRR）",
        f"预计{product.days_to_cash}个工作日到账" if product.days_to_cash else "预计当日到账",
        f"信用评分{score.score}分（{score.grade}级）",
    ]
    if ask_minor and amount_minor < ask_minor:
        english.append(f"Covers {amount_minor / ask_minor:.0%} of the amount asked for")
        chinese.append(f"可满足申请金额的{amount_minor / ask_minor:.0%}")
    if referred:
        facts = [fact_of(rule.fact) for rule in referred]
        english.append("The lender will look up: " + ", ".join(fact.title_en for fact in facts))
        chinese.append("以下信息未授权，由机构核实：" + "、".join(fact.title_zh for fact in facts))
    return english, chinese


def nearly(
    product: Product, failed: Sequence[EligibilityRule], facts: Facts, describe: Describe
) -> tuple[float, NearMiss]:
    """How far the farthest failed condition is, and the advice on all of them."""
    sentences = [advise(rule, facts, describe) for rule in failed]
    farthest = max(failed, key=lambda rule: distance(rule, facts))
    return distance(farthest, facts), near_miss(
        product,
        code=farthest.fact,
        text_en="; ".join(english for english, _chinese in sentences),
        text_zh="；".join(chinese for _english, chinese in sentences),
        gap=gap(farthest, facts),
    )


def with_lost_points(miss: NearMiss, score: ScoreResult) -> NearMiss:
    """The same with what costs the firm most points."""
    lost = score.reasons[:_LOST_SHOWN]
    if not lost:
        return miss
    return replace(
        miss,
        text_en=f"{miss.text_en}. What costs most points: " + " ".join(one.text_en for one in lost),
        text_zh=f"{miss.text_zh}。主要失分项：" + "".join(one.text_zh for one in lost),
    )


def limit_too_small(product: Product, *, missing_minor: int) -> NearMiss:
    """The measured limit does not reach the product's smallest amount."""
    return near_miss(
        product,
        code="limit",
        text_en=f"The measured limit is CNY {_yuan(missing_minor)} short of the smallest amount of CNY {_yuan(product.min_minor)}",
        text_zh=f"测算额度距起贷金额{format_wan(product.min_minor)}还差{format_wan(missing_minor)}",
        gap=missing_minor,
    )


def ask_too_small(product: Product, *, ask_minor: int) -> NearMiss:
    """The firm asks for less than the product lends."""
    return near_miss(
        product,
        code="amount",
        text_en=f"The smallest amount is CNY {_yuan(product.min_minor)}",
        text_zh=f"申请金额低于起贷金额{format_wan(product.min_minor)}",
        gap=product.min_minor - ask_minor,
    )


def too_dear(product: Product, cap: CapCheck) -> NearMiss:
    """The annual cost would be over the cap that binds the lender."""
    return near_miss(
        product,
        code="cost_cap",
        text_en=f"The annual cost of {cap.cost:.2%} would be over the cap of {cap.cap:.2%} ({cap.source})",
        text_zh=f"综合年化成本{cap.cost:.2%}超过上限{cap.cap:.2%}（{cap.source}）",
        gap=float(cap.cost - cap.cap),
    )


def capacity_used_up(product: Product) -> NearMiss:
    """The lender has put no more behind this product for now."""
    return near_miss(
        product,
        code="capacity",
        text_en="The lender's capacity for this product is used up for now; ask again in a few days",
        text_zh="该产品可用额度暂已用完，请过几日再试",
        gap=None,
    )


def near_miss(product: Product, *, code: str, text_en: str, text_zh: str, gap: float | None) -> NearMiss:
    """A near miss of a product."""
    return NearMiss(
        product_code=product.code,
        product_name_en=product.name_en,
        product_name_zh=product.name_zh,
        lender_id=product.lender_id,
        lender_name=product.lender_name,
        code=code,
        text_en=text_en,
        text_zh=text_zh,
        gap=gap,
    )


def _yuan(minor: int) -> str:
    return format_yuan(minor).removesuffix(".00")
