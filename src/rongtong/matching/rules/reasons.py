"""What an offer says for itself, and what a product says that the firm does not get yet, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from rongtong.core.money import format_wan, format_yuan
from rongtong.credit.contracts import AnnualCost, LimitResult, ScoreResult
from rongtong.matching.contracts import EligibilityRule, Exposure, NearMiss, Product
from rongtong.matching.rules.advice import Describe, advise, distance, gap
from rongtong.matching.rules.checks import Check
from rongtong.matching.rules.eligibility import Facts

_LOST_SHOWN = 3


def offer_reasons(
    *,
    product: Product,
    limit: LimitResult,
    cost: AnnualCost,
    score: ScoreResult,
    doubtful: Sequence[Check],
    unknown: Sequence[Check],
    exposure: Exposure,
    amount_minor: int,
    ask_minor: int | None,
) -> tuple[list[str], list[str]]:
    """The sentences of an offer: amount, cost, speed, score, what is taken off, what nobody knows, and whether and why a person decides."""
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
    if exposure.total_minor:
        english.append(f"Less what the firm owes or has applied for elsewhere: CNY {_yuan(exposure.total_minor)}")
        chinese.append(f"已扣减企业在各机构的融资及在途申请{format_wan(exposure.total_minor)}")
    english += [check.text_en for check in unknown]
    chinese += [check.text_zh for check in unknown]
    if doubtful:
        english.append("A person at the lender decides: " + "; ".join(check.text_en for check in doubtful))
        chinese.append("由资金方人工审批：" + "；".join(check.text_zh for check in doubtful))
    return english, chinese


_AFTER_CARRIED = frozenset({"open", "product_cap", "firm_cap", "room", "rounding", "below_minimum"})
"""The lines of a limit from where what is owed is taken off."""


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


def what_is_short(product: Product, limit: LimitResult, exposure: Exposure) -> NearMiss:
    """Why a product's limit comes to nothing: what the firm's business carries by its measure, what is left of that, or of
    what the firm may take on at all lenders."""
    carried = sum(line.amount_minor for line in takewhile(lambda one: one.code not in _AFTER_CARRIED, limit.lines))
    by_code = {line.code: -line.amount_minor for line in limit.lines}
    reached, owed = by_code.get("below_minimum", 0), by_code.get("open", 0)
    if carried < product.min_minor:
        return limit_too_small(product, missing_minor=product.min_minor - (carried if owed else reached))
    if exposure.total_minor and exposure.headroom_minor < product.min_minor:
        return exposure_leaves_too_little(product, exposure)
    if owed:
        return owed_leaves_too_little(product, carried_minor=carried, owed_minor=owed, reached_minor=reached)
    return limit_too_small(product, missing_minor=product.min_minor - reached)


def owed_leaves_too_little(product: Product, *, carried_minor: int, owed_minor: int, reached_minor: int) -> NearMiss:
    """What the product's own measure carries is enough, less what is owed or applied for it is not."""
    missing = product.min_minor - reached_minor
    return near_miss(
        product,
        code="limit",
        text_en=f"This product measures CNY {_yuan(carried_minor)} for the firm; less the CNY {_yuan(owed_minor)} that it owes or "
        f"has applied for, CNY {_yuan(missing)} is short of the smallest amount of CNY {_yuan(product.min_minor)}",
        text_zh=f"按该产品测算的额度为{format_wan(carried_minor)}，扣减已有融资及在途申请{format_wan(owed_minor)}后，"
        f"距起贷金额{format_wan(product.min_minor)}还差{format_wan(missing)}",
        gap=missing,
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


def check_failed(product: Product, failed: Sequence[Check]) -> NearMiss:
    """An application of today would be declined: for what, and what would mend it."""
    return near_miss(
        product,
        code=failed[0].code,
        text_en="; ".join(_mended(check.text_en, check.fix_en, ": ") for check in failed),
        text_zh="；".join(_mended(check.text_zh, check.fix_zh, "，") for check in failed),
        gap=None,
    )


def exposure_leaves_too_little(product: Product, exposure: Exposure) -> NearMiss:
    """What the firm owes or has applied for at all lenders leaves less than the product's smallest amount."""
    total, limit, least = exposure.total_minor, exposure.limit_minor, product.min_minor
    return near_miss(
        product,
        code="exposure",
        text_en=f"The firm owes or has applied for CNY {_yuan(total)} at all lenders, of CNY {_yuan(limit)} that it may: "
        f"too little is left for the smallest amount of CNY {_yuan(least)}",
        text_zh=f"企业在各机构的融资及在途申请合计{format_wan(total)}，融资上限{format_wan(limit)}，"
        f"剩余部分不足起贷金额{format_wan(least)}",
        gap=least - exposure.headroom_minor,
    )


def _mended(text: str, fix: str, gap: str) -> str:
    return f"{text}{gap}{fix}" if fix else text


def lender_not_authorised(product: Product) -> NearMiss:
    """The firm has not let the lender read its portrait: the lender could not decide."""
    return near_miss(
        product,
        code="lender_not_authorised",
        text_en=f"{product.lender_name} may not read your portrait for financing: authorise it, then search again",
        text_zh=f"尚未授权{product.lender_name}为融资目的查询企业画像，授权后可重新查询",
        gap=None,
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
