"""The facts that products ask about: their titles, units, the data they come from, and whether a firm can change them."""

from __future__ import annotations

from dataclasses import dataclass

_ITEMS = {
    "inv": ("invoice", "发票"),
    "tax": ("tax", "纳税"),
    "soc": ("social-insurance", "社保"),
    "pow": ("electricity", "用电"),
    "bnk": ("bank-flow", "银行流水"),
    "reg": ("registration", "工商登记"),
    "crt": ("court", "司法"),
    "nws": ("news", "舆情"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as people read it."""

    title_en: str
    title_zh: str
    unit: str
    """As in `credit.facade.describe_value`; `code` for words."""
    attainable: bool = True
    """Whether time or effort can mend it: a region cannot be advised away."""
    waits: tuple[str, str] | None = None
    """Where only time helps: the sentence, with `{gap}` for what is missing."""
    planned: str = ""
    """The capability that will know it, where no source does yet: nobody gets what depends on it until then."""
    far: float | None = None
    """The distance that counts as all the way; what the rule asks for, where None."""


FACTS = {
    "score": Fact("Credit score", "信用评分", "points", far=60.0),
    "org_region": Fact("Place of registration", "注册地", "code", attainable=False),
    "org_industry": Fact("Industry", "所属行业", "code", attainable=False),
    "org_size": Fact("Size of the firm", "企业规模", "code", attainable=False),
    "inv_sales_12m_fen": Fact("Net invoiced sales of 12 months", "近12个月开票净销售额", "fen"),
    "inv_months_observed": Fact(
        "Months of invoice history",
        "开票记录月数",
        "months",
        waits=("{gap} more months of invoice history are needed", "再积累{gap}个月开票记录即可申请"),
    ),
    "inv_zero_months_12m": Fact("Months without sales in the last 12", "近12个月无销售月份数", "months"),
    "inv_days_since_last_sale": Fact("Days since the last sale", "距最近一次开票天数", "days"),
    "inv_void_red_rate": Fact("Share of voided and red invoices", "作废及红冲发票占比", "percent"),
    "inv_top1_buyer_share": Fact("Share of the largest buyer", "第一大客户销售占比", "percent"),
    "inv_buyers_12m": Fact("Buyers in 12 months", "近12个月客户数", "firms"),
    "inv_buyer_retention": Fact("Buyers that came back", "客户留存率", "percent"),
    "inv_circular_share": Fact("Share of circular trade", "循环开票占比", "percent"),
    "inv_last3_over_prior3": Fact("Sales of 3 months against the 3 before", "近3个月较前3个月销售额变化", "percent"),
    "tax_grade_points": Fact("Tax credit grade", "纳税信用等级", "grade"),
    "tax_paid_12m_fen": Fact("Tax paid in 12 months", "近12个月实缴税额", "fen"),
    "tax_late_filings_12m": Fact("Late tax filings in 12 months", "近12个月逾期申报次数", "times"),
    "tax_zero_filings_12m": Fact("Months of zero tax filing in 12", "近12个月零申报月数", "months"),
    "soc_headcount": Fact("Insured staff", "参保人数", "people"),
    "soc_arrears_months_12m": Fact("Months of social-insurance arrears in 12", "近12个月社保欠缴月数", "months"),
    "pow_kwh_yoy": Fact("Electricity use year on year", "用电量同比", "percent"),
    "bnk_inflow_12m_fen": Fact("Bank inflow of 12 months", "近12个月账户流入", "fen"),
    "bnk_avg_balance_fen": Fact("Average bank balance", "日均存款余额", "fen"),
    "bnk_low_balance_days": Fact("Days of the last 90 with a very low balance", "近90天低余额天数", "days"),
    "bnk_night_share": Fact("Share of night transfers", "夜间交易占比", "percent"),
    "bnk_in_invoice_ratio": Fact("Bank inflow against invoiced sales", "银行流入与开票销售比", "percent"),
    "reg_age_months": Fact(
        "Age of the firm in months",
        "成立月数",
        "months",
        waits=("The firm must be {gap} months older", "企业成立时间再满{gap}个月即可申请"),
    ),
    "reg_abnormal": Fact("Listed for abnormal operation", "经营异常名录", "flag"),
    "crt_enforced_amount_fen": Fact("Amount under enforcement", "被执行金额", "fen"),
    "first_loan_proven": Fact(
        "First loan, proven by the credit bureau's report",
        "首贷（以企业信用报告为证）",
        "flag",
        attainable=False,
        planned="records",
    ),
    "crt_dishonest": Fact("Listed as a dishonest judgment debtor", "失信被执行人名单", "flag"),
}


def fact_of(name: str) -> Fact:
    """A fact by name; one that no packaged product asks about reads by its name."""
    return FACTS.get(name) or Fact(name, name, "ratio")


def item_of(name: str) -> tuple[str, str]:
    """The kind of data that a fact comes from, in English and Chinese."""
    return _ITEMS.get(name.split("_", 1)[0], ("company", "企业基本"))
