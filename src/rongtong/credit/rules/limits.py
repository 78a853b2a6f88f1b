"""The limit by rule: what the business carries, line by line. Amounts in fen; every share and multiple comes as an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from rongtong.credit.contracts import LimitBasis, LimitResult, LimitTerms, Line
from rongtong.credit.rules.rounding import half_up, round_down

_TAX_GRADES = {4: "A", 3: "B", 2: "M", 1: "C", 0: "D"}
_TITLES = {
    "sales": ("Measured on invoiced sales", "按开票销售额测算"),
    "tax": ("Measured on tax paid", "按实缴税额测算（银税互动）"),
    "flows": ("Measured on account flows", "按结算流水测算"),
    "receivables": ("Measured on receivables", "按应收账款测算"),
    "over_sales": ("More by tax or flows than by sales", "按税额或流水测算高出部分"),
    "unknown": ("No data to measure the limit on", "缺少测算依据"),
    "score": ("Multiplier of the score's grade", "评分等级系数调整"),
    "working_capital": ("Working-capital need is lower", "营运资金需求上限"),
    "need_unknown": ("Working-capital need cannot be measured without invoices", "缺少开票数据，无法测算营运资金需求"),
    "product_cap": ("Highest amount of the product", "产品额度上限"),
    "firm_cap": ("Highest credit line of one firm", "单户授信上限"),
    "open": ("Lent or promised to the firm already", "扣减已有授信"),
    "room": ("All that the firm may take on at all lenders together", "各机构合计融资上限"),
    "rounding": ("Rounded down", "取整"),
    "below_minimum": ("Below the product's smallest amount", "低于产品起贷金额"),
    "asked": ("Less was asked for", "按申请金额"),
}


@dataclass(frozen=True, slots=True)
class LimitParameters:
    """The rulebook's values for a day."""

    sales_share: Decimal
    flows_share: Decimal
    receivables_share: Decimal
    receivable_days: int
    tax_multiples: Mapping[str, Decimal]
    grade_multipliers: Mapping[str, Decimal]
    firm_max_minor: int
    turnover_days: int
    margin: Decimal
    growth_max: Decimal
    own_share: Decimal


def limit_line(code: str, amount_minor: int) -> Line:
    """A line with its titles."""
    return Line(code, *_TITLES[code], amount_minor)


def working_capital(*, sales_minor: int, margin: Decimal, growth: Decimal, turnover_days: int) -> int:
    """Working capital that a year's business binds: sales · (1 - margin) · (1 + growth) / (360 / days).

    流动资金贷款管理办法, annex. The need for a new loan is this less own funds, existing loans and other sources.
    """
    exact = sales_minor * (1 - margin) * (1 + growth) * turnover_days / 360
    top, bottom = exact.as_integer_ratio()
    return half_up(top, bottom)


def working_capital_need(values: Mapping[str, float | None], parameters: LimitParameters) -> int | None:
    """What of its working capital the firm does not bring itself, in fen; None where its sales are not known."""
    sales = values.get("inv_sales_12m_fen")
    if sales is None:
        return None
    growth = Decimal(str(round(values.get("inv_sales_growth_12m") or 0.0, 6)))
    bound = working_capital(
        sales_minor=max(0, round(sales)),
        margin=parameters.margin,
        growth=max(Decimal("-0.5"), min(growth, parameters.growth_max)),
        turnover_days=parameters.turnover_days,
    )
    return int(bound * (1 - parameters.own_share))


def limit(
    *, values: Mapping[str, float | None], grade: str, terms: LimitTerms, parameters: LimitParameters
) -> LimitResult:
    """What a firm may owe under a product's terms; the lines sum to the amount."""
    lines = _Lines()
    for code, amount in _measured(values, terms, parameters):
        lines.add(code, amount)
    if not lines.total:
        lines.add("unknown", 0, always=True)
        return LimitResult(0, tuple(lines.rows))
    multiplier = parameters.grade_multipliers[grade]
    lines.add("score", int(lines.total * multiplier) - lines.total)
    need = working_capital_need(values, parameters)
    if terms.basis is not LimitBasis.RECEIVABLES:
        if need is None:  # without sales nobody can say what the business carries, so it carries nothing
            lines.add("need_unknown", -lines.total)
        else:
            lines.cap("working_capital", need)
    lines.add("open", -min(terms.open_minor, lines.total))
    lines.cap("product_cap", terms.max_minor)
    lines.cap("firm_cap", max(0, parameters.firm_max_minor - terms.open_minor))
    if terms.room_minor is not None:
        lines.cap("room", max(0, terms.room_minor))
    lines.cap("rounding", round_down(lines.total, terms.step_minor))
    if lines.total < terms.min_minor:
        lines.add("below_minimum", -lines.total)
    return LimitResult(lines.total, tuple(lines.rows))


_CARRIED = frozenset({"sales", "tax", "flows", "receivables", "over_sales", "score", "working_capital", "need_unknown"})
"""The lines that say what a business carries, before what it owes is taken off."""


def left_beside(lines: Iterable[tuple[str, int]], *, open_minor: int, room_minor: int, step_minor: int) -> int:
    """What a limit of these lines (code, amount) would still hold, were so much owed and only so much room left."""
    carried = sum(amount for code, amount in lines if code in _CARRIED)
    return round_down(min(carried - open_minor, room_minor), step_minor)


def measured_limit(*, values: Mapping[str, float | None], grade: str, parameters: LimitParameters) -> int | None:
    """What the business of a firm carries at all lenders together, whatever the product; None without data to measure on.

    The higher of working capital (by sales, tax or flows, up to the need) and of receivables, by the rulebook's own shares.
    """
    found = []
    for basis in (LimitBasis.BEST, LimitBasis.RECEIVABLES):
        terms = LimitTerms(basis=basis, min_minor=0, max_minor=parameters.firm_max_minor, step_minor=1)
        measured = limit(values=values, grade=grade, terms=terms, parameters=parameters)
        if measured.lines[0].code != "unknown":
            found.append(measured.amount_minor)
    return max(found, default=None)


class _Lines:
    """Lines and their running sum."""

    def __init__(self) -> None:
        self.rows: list[Line] = []
        self.total = 0

    def add(self, code: str, amount: int, *, always: bool = False) -> None:
        if amount or always:
            self.rows.append(limit_line(code, amount))
            self.total += amount

    def cap(self, code: str, highest: int) -> None:
        self.add(code, min(0, highest - self.total))


def _measured(
    values: Mapping[str, float | None], terms: LimitTerms, parameters: LimitParameters
) -> list[tuple[str, int]]:
    sales = _share(values.get("inv_sales_12m_fen"), _own(terms, LimitBasis.SALES, parameters.sales_share))
    flows = _share(values.get("bnk_inflow_12m_fen"), _own(terms, LimitBasis.FLOWS, parameters.flows_share))
    tax = _tax_based(values, terms, parameters)
    if terms.basis is LimitBasis.TAX:
        return [("tax", tax)]
    if terms.basis is LimitBasis.FLOWS:
        return [("flows", flows)]
    if terms.basis is LimitBasis.RECEIVABLES:
        outstanding = Decimal(parameters.receivable_days) / 360
        share = _own(terms, LimitBasis.RECEIVABLES, parameters.receivables_share)
        return [("receivables", _share(values.get("inv_sales_12m_fen"), share * outstanding))]
    lines = [("sales", sales)]
    if terms.basis is LimitBasis.BEST:
        lines.append(("over_sales", max(sales, tax, flows) - sales))
    return lines


def _own(terms: LimitTerms, basis: LimitBasis, default: Decimal) -> Decimal:
    return terms.share if terms.share is not None and terms.basis is basis else default


def _share(amount: float | None, share: Decimal) -> int:
    return 0 if amount is None else max(0, int(round(amount) * share))


def _tax_based(values: Mapping[str, float | None], terms: LimitTerms, parameters: LimitParameters) -> int:
    """Tax paid times the multiple of the grade; a product's own multiple is that of grade A, the others keep their ratio to it."""
    grade, paid = values.get("tax_grade_points"), values.get("tax_paid_12m_fen")
    if grade is None or paid is None:
        return 0
    multiple = parameters.tax_multiples[_TAX_GRADES[round(grade)]]
    if terms.basis is LimitBasis.TAX and terms.share is not None:
        multiple = terms.share * multiple / parameters.tax_multiples["A"]
    return max(0, int(round(paid) * multiple))
