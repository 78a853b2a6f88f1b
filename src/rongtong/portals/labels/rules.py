"""Units, values and sources of the rulebook in the reader's language: the rulebook itself is kept in one."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rongtong.portals.wording import in_chinese

TABLE: dict[str, dict[str, tuple[str | Promise, str]]] = {
    "capability": {
        "lending": (_("lending in depth"), ""),
        "market": (_("the market of products and policies"), ""),
        "records": (_("more kinds of records"), ""),
        "credit": (_("credit models"), ""),
        "governance": (_("compliance of the platform itself"), ""),
        "insight": (_("market figures and reports"), ""),
        "billing": (_("fees and commissions"), ""),
        "supplychain": (_("supply-chain finance"), ""),
    },
    "unit": {
        "CNY per borrower": (_("CNY per borrower"), ""),
        "CNY per year": (_("CNY per year"), ""),
        "cases": (_("cases"), ""),
        "changes": (_("changes"), ""),
        "days": (_("days"), ""),
        "minutes": (_("minutes"), ""),
        "refusals": (_("refusals"), ""),
        "days from delivery": (_("days from delivery"), ""),
        "days from the request": (_("days from the request"), ""),
        "days of sales": (_("days of sales"), ""),
        "days past due": (_("days past due"), ""),
        "days: stock + receivables - payables + prepayments - advances": (
            _("days: stock + receivables - payables + prepayments - advances"),
            "",
        ),
        "failed conditions": (_("failed conditions"), ""),
        "firms": (_("firms"), ""),
        "fraction": (_("fraction"), ""),
        "fraction of profit": (_("fraction of profit"), ""),
        "fraction of sales": (_("fraction of sales"), ""),
        "fraction of the amount financed": (_("fraction of the amount financed"), ""),
        "fraction of the carrying amount": (_("fraction of the carrying amount"), ""),
        "fraction of the debtor's claims in one bank": (_("fraction of the debtor's claims in one bank"), ""),
        "fraction of the debtor's debt in all banks": (_("fraction of the debtor's debt in all banks"), ""),
        "fraction of the exposure": (_("fraction of the exposure"), ""),
        "fraction of the last 12 months' bank inflow": (_("fraction of the last 12 months' bank inflow"), ""),
        "fraction of the last 12 months' net invoiced sales": (
            _("fraction of the last 12 months' net invoiced sales"),
            "",
        ),
        "fraction of the limit": (_("fraction of the limit"), ""),
        "fraction of the money received in 12 months": (_("fraction of the money received in 12 months"), ""),
        "fraction of the receivables outstanding": (_("fraction of the receivables outstanding"), ""),
        "fraction of the working capital": (_("fraction of the working capital"), ""),
        "hours": (_("hours"), ""),
        "items": (_("items"), ""),
        "kinds of lender": (_("kinds of lender"), ""),
        "months": (_("months"), ""),
        "offers": (_("offers"), ""),
        "per day": (_("per day"), ""),
        "per year": (_("per year"), ""),
        "per year, after tax": (_("per year, after tax"), ""),
        "persons": (_("persons"), ""),
        "persons; 10^4 CNY": (_("persons; 10^4 CNY"), ""),
        "products": (_("products"), ""),
        "reports per year": (_("reports per year"), ""),
        "share of sales": (_("share of sales"), ""),
        "share of what a condition asks for": (_("share of what a condition asks for"), ""),
        "searches": (_("searches"), ""),
        "signals": (_("signals"), ""),
        "times 1Y LPR": (_("times 1Y LPR"), ""),
        "times 1Y LPR at the contract date": (_("times 1Y LPR at the contract date"), ""),
        "times the contract rate": (_("times the contract rate"), ""),
        "times the measured limit, by grade of the score": (_("times the measured limit, by grade of the score"), ""),
        "times the original term": (_("times the original term"), ""),
        "times the tax paid in 12 months, by tax credit grade": (
            _("times the tax paid in 12 months, by tax credit grade"),
            "",
        ),
        "weights summing to 1; cost and days that count as nothing; a person's days": (
            _("weights summing to 1; cost and days that count as nothing; a person's days"),
            "",
        ),
        "working days": (_("working days"), ""),
        "years": (_("years"), ""),
        "years from the end of the event": (_("years from the end of the event"), ""),
        "weeks": (_("weeks"), ""),
        "points": (_("points"), ""),
        "time of day": (_("time of day"), ""),
    },
    "rule_value": {
        "true": (_("yes"), ""),
        "false": (_("no"), ""),
        "following": (_("the following working day"), ""),
        "none": (_("none"), ""),
        "decline": (_("declined"), ""),
        "refer": (_("a person decides"), ""),
        "required": (_("required"), ""),
        "simple": (_("simple"), ""),
        "compound": (_("compound"), ""),
        "ACT/360": (_("actual days over 360"), ""),
    },
}
"""Two families of labels."""

_SOURCES: tuple[str | Promise, ...] = (
    _("House rule: two reporting months; after that nobody knows whether there was nothing or nothing was sent"),
    _("最高人民法院关于人民法院执行公开的若干规定; practice of lenders: a person looks into the claim"),
    _("流动资金贷款管理办法 (金融监管总局令2024年第2号): the borrower is established by law and in lawful operation"),
    _(
        "征信业管理条例 (国务院令第631号) art. 13, 21: published information needs no consent, so not having looked is no excuse"
    ),
    _("House rule: 征信业管理条例 art. 22 wants queries logged; a flood must not bury the log"),
    _("House rule: time zones and value dating; what is dated later waits for a person"),
    _("House rule: money cannot answer an order long before the order was written"),
    _("Court practice on 银发〔2003〕251号: compound interest runs on unpaid contract interest only"),
    _(
        "House rule, after lenders' practice not to lend anew over current arrears (当前逾期); 商业银行互联网贷款管理暂行办法 (银保监会令2020年第9号) art. 18"
    ),
    _("House rule"),
    _("House rule after the annex of 流动资金贷款管理办法, which deducts own funds from the need"),
    _("House rule against invoice rings; 发票管理办法 art. 21 forbids invoices that do not match the trade"),
    _("House rule in the light of 反洗钱法 art. 34 and PIPL art. 19"),
    _("House rule of the expert scorecard; lenders may set their own"),
    _("House rule of the platform, after signal 29 of the early-warning catalogue"),
    _(
        "House rule, below the 10 million per borrower of inclusive small and micro loans; 商业银行互联网贷款管理暂行办法 (银保监会令2020年第9号) art. 18 asks for a person where the risk calls for it"
    ),
    _(
        "House rule, published: the share of the wanted amount, cost, speed and nothing else; commission and lender are no input"
    ),
    _("House rule: 1 万元"),
    _("House rule, for what is played or evaluated only: a live line pays nothing until the firm orders it"),
    _("House rule: about 3.7 days of turnover; a lender's own covenant (such as 1% of the limit) replaces it"),
    _("House rule: amounts are printed to the fen, so only the rounding of one of them may differ"),
    _("House rule: time to compare and to sign; the capacity is held until the application ends"),
    _("House rule: a job is tried again for some six minutes; what takes longer wants an operator's eye"),
    _("House rule: a bank's system answers by its next cycle"),
    _("House rule: suspense items are cleared within a week"),
    _("House rule: by the next close of business"),
    _("House rule: authorisations for financing are commonly given for one year"),
    _("House rule: each shown offer binds a lender's capacity"),
    _("House rule: growth beyond it is not lent on in advance"),
    _("House rule: long enough to compare, short enough not to bind capacity idly; a new search finds it again"),
    _("House rule: each search binds lenders' capacity for a while"),
    _("House rule: an agent may serve many firms, and not empty the lenders' pools"),
    _(
        "House rule; 商业银行互联网贷款管理暂行办法 (银保监会令2020年第9号) art. 18, 20 ask the lender to know the borrower's debts"
    ),
    _("House rule: one filing quarter; 征信业务管理办法 (中国人民银行令〔2021〕第4号) asks for timely information"),
    _("House rule: sources of events are asked at least monthly; longer ago, the answer is unknown"),
    _("House rule: the nearest first"),
    _("House rule: the offered rate stands, a marked worsening is looked at"),
    _("House rule: what takes years to reach is no advice"),
    _("House rule: 征信业管理条例 art. 18 wants an agreed purpose, PIPL art. 19 the shortest period that serves it"),
    _("House rule; days past due count from the due date once the grace has lapsed"),
    _("House rule; 商业银行内部控制指引 (银监发〔2014〕40号) art. 17 on separated duties"),
    _("House rule: before the next working day's business begins in earnest"),
    _("House value near the cost of one-year funds; each lender sets its own"),
    _("House value; each lender sets its own"),
    _("Lenders' early-warning lists: a cluster of negative media"),
    _("Lenders' early-warning lists: a cluster of three or more hearings as defendant in 90 days"),
    _("Lenders' early-warning lists: arrears of two months or more"),
    _("Lenders' early-warning lists: headcount down 30% in three months"),
    _("Lenders' early-warning lists: legal representative, shareholders and address changed together"),
    _("Lenders' early-warning lists: net invoiced sales down 40%"),
    _("Lenders' early-warning lists: production stopped, zero use for 15 days"),
    _("Lenders' early-warning lists: two months of zero sales"),
    _("Lenders' early-warning lists: use down 30% for two months, season-adjusted"),
    _("Lenders' early-warning lists: 被执行 amount above 10% of revenue"),
    _("Market practice of factoring and order finance: 70% to 80% of the receivable"),
    _("Market practice of invoice-based loans (发票贷): 10% to 20% of yearly invoiced sales"),
    _("Market practice of loans on account flows (流水贷): 10% to 15% of yearly inflow"),
    _("National Interbank Funding Center, published on about the 20th of each month; 中国人民银行公告〔2019〕第15号"),
    _("Practice of banks for non-accrual loans"),
    _("Practice of banks' flow analysis: 22:00 to 06:00"),
    _("Practice of combination rules"),
    _(
        "Practice of regional financing platforms (“135”限时服务：1日受理、3日审批、5日放款); the operator agrees it with its lenders"
    ),
    _("Practice of the inclusive small and micro statistics of the NFRA; the PBOC counts up to 20 million since 2024"),
    _("Practice: a week is taken as technical delay"),
    _("Practice: blue 30 days"),
    _("Practice: orange 3 days"),
    _("Practice: red 24 hours"),
    _("Practice: yellow 10 days"),
    _("The platform's tariff"),
    _("The platform's tariff; charged to the institution, never passed on to the firm unseen"),
    _("中国人民银行公告〔2019〕第15号 and market practice"),
    _("中国人民银行公告〔2019〕第15号: loans are quoted in basis points over the LPR"),
    _("中国人民银行公告〔2021〕第3号 allows both, the simple one labelled as such; the stricter is the house's choice"),
    _("企业会计准则第22号 application guide; IFRS 9 B5.5.37"),
    _("企业信息公示暂行条例 (国务院令第654号, 2024 revised as 777号) art. 18"),
    _("保障中小企业款项支付条例 (国务院令第802号) art. 17; an agreed rate is at least the 1Y LPR at signing"),
    _("保障中小企业款项支付条例 (国务院令第802号) art. 9 allows large buyers 60 days"),
    _("反洗钱法 art. 34 (2024 revision; 5 years by art. 19 of the 2006 text)"),
    _(
        "商业银行法 art. 40 (no unsecured loans to related parties); 银行保险机构关联交易管理办法 (银保监会令〔2022〕1号); 网络借贷信息中介机构业务活动管理暂行办法 art. 10(1) on self-financing"
    ),
    _(
        "商业银行资本管理办法 (国家金融监督管理总局令2023年第4号), senior unsecured under the foundation approach, rounded up from 40%"
    ),
    _("商业银行资本管理办法 (国家金融监督管理总局令2023年第4号): risk weight 75% times 10.5% capital"),
    _("工信部联企业〔2011〕300号 art. 4; 国统字〔2017〕213号 annex"),
    _("征信业管理条例 (国务院令第631号) art. 16: five years"),
    _("数据安全法 art. 21 and house rule (k-anonymity)"),
    _("普惠型小微企业贷款 statistics of the NFRA: up to 10 million of credit per firm"),
    _(
        "最高人民法院关于公布失信被执行人名单信息的若干规定 (法释〔2017〕7号) art. 8: financial institutions restrict credit"
    ),
    _("民法典 art. 203; that no interest is added is the house's reading in the firm's favour"),
    _("民法典 art. 561: costs, then interest, then principal; the oldest instalment first"),
    _("流动资金贷款管理办法 (国家金融监督管理总局令2024年第2号) annex; the days are those of its worked case"),
    _("流动资金贷款管理办法 (国家金融监督管理总局令2024年第2号) annex; the margin is a house value"),
    _("流动资金贷款管理办法 (国家金融监督管理总局令2024年第2号) art. 16: three years in principle, five at most"),
    _("网络安全法 art. 21(3) (2016 text; the 2026 amendment may have moved the number)"),
    _("金规〔2025〕9号 art. 6, read with the courts' opinion on 24%"),
    _("银发〔2003〕251号 art. 3; overdue and misuse are not added, the higher holds"),
    _("银发〔2003〕251号 art. 3; the upper end is usual in the market"),
    _("银发〔2005〕129号; the day of drawdown counts and the day of repayment does not (算头不算尾)"),
    _(
        "银税互动 products in the market: 5 to 9 times the yearly tax, at most 10 times at grade A; 税总发〔2015〕96号 opened them"
    ),
    _(
        "银行业监督管理法 art. 19; 小额贷款公司监督管理暂行办法 (金规〔2024〕26号) on business areas; 防范和处置非法集资条例 art. 2, 19"
    ),
)
"""The sources that say something in English; the others are a law and its article."""
_ARTICLE = re.compile(r"\s*arts?\. (\d+)(?:-(\d+))?(?:\((\d+)\))?")


def source_name(source: str) -> str:
    """A rule's source in the reader's language."""
    if not source or not in_chinese():
        return source
    found = gettext(source)
    return found if found != source else _ARTICLE.sub(_article, source)


def _article(found: re.Match[str]) -> str:
    last = f"至第{found[2]}条" if found[2] else ""
    part = f"第{found[3]}款" if found[3] else ""
    return f"第{found[1]}条{last}{part}"
