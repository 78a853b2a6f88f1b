"""What a loan contract says, as plain strings for the template: the same terms and parties always give the same content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rongtong.core.money import capital_amount, format_yuan
from rongtong.credit.contracts import Instalment, RepaymentMethod
from rongtong.credit.facade import add_months
from rongtong.origination.contracts.fields import CONTACT_ROLE_LABELS, PURPOSE_LABELS
from rongtong.origination.rules.form import clean_text
from rongtong.parties.contracts import Licence, LicenceType, Organisation

_METHODS = {
    RepaymentMethod.ANNUITY: "等额本息，按月偿还",
    RepaymentMethod.EQUAL_PRINCIPAL: "等额本金，按月偿还",
    RepaymentMethod.INTEREST_FIRST: "按月付息，到期一次还本",
    RepaymentMethod.BULLET: "到期一次还本付息",
    RepaymentMethod.REVOLVING: "额度内随借随还，按月结息，到期还清",
}
_INTEREST_BY_MONTH = "按月计息，月利率为年利率的十二分之一。"
_INTEREST_BY_DAY = "按实际占用天数计息，日利率为年利率除以三百六十，放款日计息，还款日不计息。"
_NOTE = "以合同起始日放款、按期足额偿还为前提；实际放款后，以放款通知所附还款计划为准。"
_NOTE_REVOLVING = "以合同起始日一次用足额度、到期还清为前提；实际用款后，以各笔用款的还款计划为准。"
_LICENCES = {
    LicenceType.BANK: "金融许可证",
    LicenceType.MICRO_LENDER: "小额贷款经营许可证",
    LicenceType.FACTOR: "商业保理经营许可证",
    LicenceType.LEASING: "融资租赁经营许可证",
    LicenceType.GUARANTOR: "融资担保业务经营许可证",
}
_LOAN_WORDS = {"title": "借款合同", "lender": "贷款人", "borrower": "借款人", "noun": "借款", "short": "借款"}
_FACTORING_WORDS = {
    "title": "保理融资合同",
    "lender": "保理人",
    "borrower": "融资人",
    "noun": "保理融资款",
    "short": "融资",
}


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    """What goes into a contract; amounts in fen, rates per year as fractions."""

    number: str
    decision: str
    lender: Organisation
    licence: Licence | None
    borrower: Organisation
    platform: Organisation
    amount_minor: int
    fees_minor: int
    term_months: int
    start_date: date
    method: RepaymentMethod
    annual_rate: Decimal
    penalty_rate: Decimal
    misuse_rate: Decimal
    cost_simple: Decimal
    cost_effective: Decimal
    instalments: Sequence[Instalment]
    purpose: str
    purpose_note: str
    account_bank: str
    account_number: str
    contact_name: str
    contact_role: str
    contact_phone: str
    consents: Sequence[str]
    objection_days: int


def agreement_content(draft: AgreementDraft) -> dict[str, Any]:
    """The template's data: nothing but strings, numbers of dates and flags."""
    factoring = draft.licence is not None and draft.licence.type is LicenceType.FACTOR
    return {
        "number": draft.number,
        "decision": draft.decision,
        "words": _FACTORING_WORDS if factoring else _LOAN_WORDS,
        "factoring": factoring,
        "generated": draft.borrower.generated or draft.lender.generated,
        "date": {"year": draft.start_date.year, "month": draft.start_date.month, "day": draft.start_date.day},
        "lender": {
            "name": clean_text(draft.lender.name),
            "identifier": identifier_text(draft.lender),
            "licence": f"{_LICENCES[draft.licence.type]} {draft.licence.number}" if draft.licence else "",
        },
        "borrower": {"name": clean_text(draft.borrower.name), "identifier": identifier_text(draft.borrower)},
        "platform": {"name": clean_text(draft.platform.name)},
        "terms": _terms(draft),
        "schedule": [_instalment(one) for one in draft.instalments],
        "totals": _totals(draft.instalments),
    }


def identifier_text(organisation: Organisation) -> str:
    """An organisation's identifier as contracts name it."""
    uscc = organisation.identifier("uscc")
    if uscc:
        return f"统一社会信用代码 {uscc}"
    first = next(iter(organisation.identifiers), None)
    return f"标识（{first.scheme}） {clean_text(first.value)}" if first else ""


def percent(rate: Decimal) -> str:
    """`0.0385` -> `3.85%`; two to four decimals."""
    text = f"{rate * 100:.4f}"
    while text.endswith("0") and len(text.partition(".")[2]) > 2:
        text = text[:-1]
    return f"{text}%"


def _terms(draft: AgreementDraft) -> dict[str, str]:
    by_days = draft.method in {RepaymentMethod.BULLET, RepaymentMethod.REVOLVING}
    revolving = draft.method is RepaymentMethod.REVOLVING
    consents = f"授权书 {'、'.join(draft.consents)}" if draft.consents else "企业另行签署的授权书"
    fees = f"一次性费用 ¥{format_yuan(draft.fees_minor)}，放款时支付，已计入综合年化成本"
    return {
        "amount": format_yuan(draft.amount_minor),
        "amount_capital": capital_amount(draft.amount_minor),
        "term": f"{draft.term_months}个月",
        "start": _day(draft.start_date),
        "end": _day(add_months(draft.start_date, draft.term_months)),
        "annual_rate": percent(draft.annual_rate),
        "rate_kind": "固定利率，合同期内不调整",
        "cost_simple": percent(draft.cost_simple),
        "cost_effective": percent(draft.cost_effective),
        "fees": fees if draft.fees_minor else "无",
        "method": _METHODS[draft.method],
        "purpose": _purpose(draft),
        "account": _account(draft),
        "penalty_rate": percent(draft.penalty_rate),
        "penalty_markup": _markup(draft.penalty_rate, draft.annual_rate),
        "misuse_rate": percent(draft.misuse_rate),
        "consents": f"{consents}，主体、项目、目的与期间以授权书为准",
        "disputes": "向甲方住所地有管辖权的人民法院提起诉讼",
        "schedule_note": _NOTE_REVOLVING if revolving else _NOTE,
        "interest_rule": _INTEREST_BY_DAY if by_days else _INTEREST_BY_MONTH,
        "objection_days": str(draft.objection_days),
        "contact": _contact(draft),
    }


def _purpose(draft: AgreementDraft) -> str:
    label = next((zh for value, zh, _en in PURPOSE_LABELS if value == draft.purpose), draft.purpose)
    label = label.removesuffix("（请说明）")
    return f"{label}（{draft.purpose_note}）" if draft.purpose_note else label


def _account(draft: AgreementDraft) -> str:
    if not draft.account_number:
        return "本企业账户，放款前核实"
    return f"{clean_text(draft.borrower.name)}，{draft.account_bank}，账号 {draft.account_number}"


def _contact(draft: AgreementDraft) -> str:
    role = next((zh for value, zh, _en in CONTACT_ROLE_LABELS if value == draft.contact_role), draft.contact_role)
    return f"{draft.contact_name}（{role}），电话 {draft.contact_phone}"


def _markup(penalty: Decimal, rate: Decimal) -> str:
    return f"{(penalty / rate - 1) * 100:.0f}%" if rate else "0%"


def _instalment(one: Instalment) -> list[str]:
    return [
        str(one.number),
        one.due_date.isoformat(),
        format_yuan(one.principal_minor),
        format_yuan(one.interest_minor),
        format_yuan(one.fee_minor),
        format_yuan(one.total_minor),
        format_yuan(one.balance_minor),
    ]


def _totals(instalments: Sequence[Instalment]) -> list[str]:
    sums = [
        sum(one.principal_minor for one in instalments),
        sum(one.interest_minor for one in instalments),
        sum(one.fee_minor for one in instalments),
        sum(one.total_minor for one in instalments),
    ]
    return [*map(format_yuan, sums), ""]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
