"""How each check of a decision reads, in Chinese and English: what was looked at, and how a failure can be mended."""

from __future__ import annotations

CHECKS: dict[str, tuple[str, str]] = {
    "licence": ("资金方持有有效牌照", "The lender holds a licence in force"),
    "licence_region": ("资金方牌照的经营区域覆盖企业所在地", "The lender's licence covers the firm's region"),
    "related_party": ("企业与平台、资金方无关联关系", "The firm is not related to the platform or the lender"),
    "cost_cap": ("综合年化成本不超过上限", "The total annual cost stays under the cap"),
    "exposure": (
        "企业在各机构的融资合计（含本次）不超过企业融资上限",
        "What the firm owes or is promised at all lenders, this included, stays within its limit",
    ),
    "overdue_here": ("企业在本平台没有逾期", "The firm is overdue nowhere on the platform"),
    "dishonest": ("企业未被列入失信被执行人名单", "The firm is not listed as a dishonest judgment debtor"),
    "abnormal": ("企业未被列入经营异常名录", "The firm is not listed for abnormal operation"),
    "capacity": ("资金方为本次申请预留的额度有效", "The lender's capacity is held for this application"),
    "amount": ("审批金额达到产品起贷金额", "The amount granted reaches the product's least amount"),
    "limit": ("申请金额在可核定额度以内", "The amount asked for is within the limit"),
    "term": ("期限属于产品可选期限", "The product is lent for this term"),
    "method": ("还款方式属于产品可选方式", "The product is repaid in this way"),
    "working_capital_term": ("流动资金贷款期限不超过上限", "The term of a working-capital loan stays under the bound"),
    "score": ("信用评分达到资金方的审批线", "The credit score reaches the lender's line"),
    "automatic_amount": ("金额在自动审批上限以内", "The amount is within the automatic path"),
    "records_age": ("数据足够新", "The records are fresh enough"),
    "circular_trade": ("循环开票占比正常", "The share of circular trade is ordinary"),
    "price": ("风险定价未较报价明显上升", "The risk price has not risen markedly since the offer"),
    "purpose": ("资金用途明确", "The purpose is one of the known ones"),
    "human_review": ("申请人接受自动审批", "The applicant accepts an automatic decision"),
}
"""By code, what is checked, as a statement that holds when the check passes."""

REFUSALS: dict[str, tuple[str, str]] = {
    "licence": ("资金方当前没有有效牌照，不能放贷", "The lender has no licence in force and may not lend"),
    "licence_region": (
        "企业所在地不在资金方的经营区域内",
        "The firm is outside the region that the lender's licence covers",
    ),
    "related_party": (
        "企业与平台或资金方存在关联关系（{found}），不得融资",
        "The firm is related to the platform or the lender ({found}); such lending is barred",
    ),
    "cost_cap": (
        "综合年化成本{found}超过上限{required}",
        "The total annual cost of {found} is above the cap of {required}",
    ),
    "exposure": (
        "企业在各机构的融资合计将达{found}，超过企业融资上限{required}",
        "What the firm owes or is promised at all lenders would come to {found}, over its limit of {required}",
    ),
    "debts_elsewhere": (
        "平台外负债未知，且平台内融资合计{found}超过{required}，需人工审批",
        "What the firm owes outside of the platform is not known, and {found} on it is more than {required}: a person decides",
    ),
    "overdue_here": (
        "企业在本平台有融资逾期，最长已逾期{found}天",
        "The firm is overdue on the platform, by {found} days at most",
    ),
    "dishonest": ("企业被列入失信被执行人名单", "The firm is listed as a dishonest judgment debtor"),
    "abnormal": ("企业被列入经营异常名录", "The firm is listed for abnormal operation"),
    "capacity": ("资金方为本次申请预留的额度已失效", "The lender's capacity is no longer held for this application"),
    "amount": (
        "可核定额度{found}低于产品起贷金额{required}",
        "The limit of {found} is below the product's least amount of {required}",
    ),
    "limit": (
        "申请金额{found}超过可核定额度{required}，按额度审批",
        "The amount asked for, {found}, is above the limit; {required} is granted",
    ),
    "term": ("产品不提供{found}个月的期限", "The product is not lent for {found} months"),
    "method": ("产品不提供该还款方式", "The product is not repaid in this way"),
    "working_capital_term": (
        "流动资金贷款期限{found}个月超过{required}个月，需人工审批",
        "A working-capital loan of {found} months is above {required} months: a person decides",
    ),
    "score": (
        "信用评分{found}分，低于资金方的准入线{required}分",
        "The credit score of {found} is below the lender's line of {required}",
    ),
    "score_refers": (
        "信用评分{found}分，未达到自动通过线{required}分，需人工审批",
        "The credit score of {found} is below the automatic line of {required}: a person decides",
    ),
    "automatic_amount": (
        "金额{found}超过自动审批上限{required}，需人工审批",
        "The amount of {found} is above the automatic bound of {required}: a person decides",
    ),
    "records_age": (
        "最近一笔数据距今{found}天，超过{required}天，需人工审批",
        "The last record is {found} days old, more than {required}: a person decides",
    ),
    "circular_trade": (
        "循环开票占比{found}，超过{required}，需人工核实",
        "Circular trade makes up {found}, more than {required}: a person looks at it",
    ),
    "price": (
        "报价后风险定价上升{found}，超过{required}，需人工审批",
        "The risk price rose by {found} since the offer, more than {required}: a person decides",
    ),
    "purpose": ("资金用途为“其他”，需人工核实", "The purpose is “other”: a person looks at it"),
    "human_review": ("申请人要求人工审批", "The applicant asked for a person to decide"),
}
"""By code, what a check says when it does not pass."""

FIXES: dict[str, tuple[str, str]] = {
    "exposure": (
        "归还部分融资或撤回其他申请后再申请，或降低申请金额",
        "Pay something back, withdraw another application, or ask for less",
    ),
    "overdue_here": ("结清逾期款项后再申请", "Pay what is overdue, then apply again"),
    "related_party": ("如认定有误，可提出异议并提交证明", "If this is mistaken, object and hand in proof"),
    "cost_cap": ("选择综合成本更低的产品", "Choose a product of lower cost"),
    "dishonest": (
        "履行生效法律文书并移出名单后再申请",
        "Meet the judgment and have the listing removed, then apply again",
    ),
    "abnormal": ("办理移出经营异常名录后再申请", "Have the listing removed, then apply again"),
    "capacity": ("重新匹配方案后再次申请", "Search for offers again and apply anew"),
    "amount": ("选择起贷金额更低的产品", "Choose a product with a lower least amount"),
    "term": ("改选产品提供的期限：{required}个月", "Choose one of the product's terms: {required} months"),
    "method": ("改选产品提供的还款方式", "Choose one of the product's ways of repayment"),
    "score": ("评分再提高{gap}分即可达到准入线", "{gap} more points reach the line"),
    "licence_region": ("选择经营区域覆盖企业所在地的资金方", "Choose a lender whose licence covers the firm's region"),
    "licence": ("选择其他资金方的产品", "Choose a product of another lender"),
}
"""By code, the least change after which the check would pass."""

UNKNOWNS: dict[str, tuple[str, str]] = {
    "debts_elsewhere": (
        "平台外负债未知，放款前由资金方查询征信报告",
        "What the firm owes outside of the platform is not known: the lender reads its credit report before paying out",
    ),
    "licence_region": (
        "企业所在地未知，放款前由资金方核实经营区域",
        "The firm's region is not known: the lender checks it before paying out",
    ),
    "dishonest": (
        "未取得司法数据，放款前由资金方查询失信被执行人名单",
        "No court records: the lender looks the firm up in the list before paying out",
    ),
    "abnormal": (
        "未取得工商登记数据，放款前由资金方查询经营异常名录",
        "No registration records: the lender looks the firm up in the list before paying out",
    ),
    "circular_trade": ("循环开票占比无法计算", "The share of circular trade cannot be computed"),
    "records_age": ("数据日期未知", "The date of the records is not known"),
}
"""By code, what is left to clear when the records say nothing."""

CHANGES: dict[str, tuple[str, str]] = {
    "day": ("审批日期", "the day"),
    "portrait": ("企业数据", "the firm's records"),
    "exposure": ("企业在各机构的融资", "what the firm owes or is promised at all lenders"),
    "firm_limit": ("企业融资上限", "the firm's limit over all lenders"),
    "overdue": ("企业在本平台的逾期情况", "whether the firm is overdue on the platform"),
    "rules": ("审批规则", "the rules"),
    "registers": ("公开登记信息查询结果", "what the public registers say"),
    "capacity": ("资金方预留额度", "the capacity held"),
    "amount": ("申请金额", "the amount asked for"),
    "term": ("申请期限", "the term asked for"),
    "purpose": ("资金用途", "the purpose"),
    "human_review": ("申请人要求人工审批", "a person was asked for"),
}
"""By name, what can change between an offer and its decision."""
