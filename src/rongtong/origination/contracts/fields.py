"""The application form: at most fifteen fields, most of them filled in already."""

from __future__ import annotations

from dataclasses import dataclass

CONTACT_ROLES = ("legal_representative", "finance", "agent")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form; `kind` is one of text, phone, account, amount, months, choice, check, hidden."""

    name: str
    label_zh: str
    label_en: str
    kind: str
    required: bool
    prefilled: bool = False
    """Whether the platform fills it in from what it knows."""
    choices: tuple[tuple[str, str, str], ...] = ()
    """(value, Chinese, English)."""
    max_length: int = 0


PURPOSE_LABELS = (
    ("raw_materials", "采购原材料", "Raw materials"),
    ("goods", "采购商品", "Goods for resale"),
    ("wages", "支付工资", "Wages"),
    ("rent_and_utilities", "房租及水电", "Rent and utilities"),
    ("taxes", "缴纳税费", "Taxes"),
    ("order", "履行订单", "Fulfilling an order"),
    ("equipment", "购置设备", "Equipment"),
    ("other", "其他（请说明）", "Other (please say what)"),
)
CONTACT_ROLE_LABELS = (
    ("legal_representative", "法定代表人", "Legal representative"),
    ("finance", "财务负责人", "Head of finance"),
    ("agent", "授权经办人", "Authorised agent"),
)

APPLICATION_FIELDS: tuple[Field, ...] = (
    Field("offer_id", "融资方案", "Offer", "hidden", True, True),
    Field("amount_minor", "申请金额", "Amount", "amount", True, True),
    Field("term_months", "期限（月）", "Term in months", "months", True, True),
    Field("purpose", "资金用途", "Purpose", "choice", True, choices=PURPOSE_LABELS),
    Field("purpose_note", "用途说明", "More about the purpose", "text", False, max_length=200),
    Field("contact_name", "联系人", "Contact", "text", True, True, max_length=50),
    Field("contact_phone", "联系电话", "Phone", "phone", True, max_length=20),
    Field("contact_role", "联系人身份", "The contact's role", "choice", True, True, choices=CONTACT_ROLE_LABELS),
    Field("account_bank", "收款账户开户行", "Bank of the receiving account", "text", False, max_length=100),
    Field(
        "account_number",
        "收款账号（本企业账户）",
        "Receiving account, in the firm's name",
        "account",
        False,
        max_length=32,
    ),
    Field(
        "declared",
        "我声明所填内容真实，资金按所填用途使用，与平台及资金方无关联关系",
        "I declare that this is true, that the money goes to the purpose named, and that we are not related to the platform or the lender",
        "check",
        True,
    ),
    Field("human_review", "要求人工审批（不采用自动审批）", "I want a person to decide, not a program", "check", False),
    Field("loan_code", "贷款码", "Loan code", "hidden", False, True, max_length=200),
)
