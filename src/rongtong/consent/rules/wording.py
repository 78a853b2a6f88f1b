"""The words of an authorisation in both languages: what its text is made of, and what a reader of the text looks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rongtong.consent.contracts import Fetch, Item, Mode, Purpose


@dataclass(frozen=True, slots=True)
class Words:
    """A term in Chinese, which is what is signed, and in English, which explains it."""

    zh: str
    en: str


ITEMS: Mapping[str, Words] = {
    Item.REGISTRATION: Words("工商登记", "Business registration"),
    Item.TAX: Words("纳税申报", "Tax returns"),
    Item.INVOICES: Words("发票", "Invoices"),
    Item.SOCIAL_INSURANCE: Words("社会保险", "Social insurance"),
    Item.ELECTRICITY: Words("用电数据", "Electricity use"),
    Item.BANK_FLOWS: Words("银行流水", "Bank flows"),
    Item.COURTS: Words("司法信息", "Court records"),
    Item.NEWS: Words("新闻舆情", "News and public opinion"),
    Item.PORTRAIT: Words("信用画像与评分", "Credit portrait and score"),
}
PROVIDERS: Mapping[str, Words] = {
    Item.REGISTRATION: Words("市场监督管理部门", "the market regulation authority"),
    Item.TAX: Words("税务机关", "the tax authority"),
    Item.INVOICES: Words("税务机关或授权人", "the tax authority, or the firm itself"),
    Item.SOCIAL_INSURANCE: Words("社会保险经办机构", "the social insurance agency"),
    Item.ELECTRICITY: Words("供电企业", "the electricity supplier"),
    Item.BANK_FLOWS: Words("授权人的开户银行", "the banks that keep the firm's accounts"),
    Item.COURTS: Words("人民法院公开信息", "what the courts publish"),
    Item.NEWS: Words("公开媒体", "published media"),
    Item.PORTRAIT: Words("平台", "the platform"),
}
PURPOSES: Mapping[str, Words] = {
    Purpose.FINANCING: Words("融资申请与审批", "Applying for financing and deciding on it"),
    Purpose.POST_LOAN: Words("贷后管理", "Managing the loan after payout"),
}
MODES: Mapping[str, Words] = {
    Mode.VIEW: Words("查看", "view"),
    Mode.QUERY: Words("查询使用", "query for a decision"),
    Mode.STORE: Words("采集并留存", "fetch and keep"),
    Mode.STREAM: Words("持续接收", "receive continuously"),
}
ROLES: Mapping[str, Words] = {
    "platform": Words("平台", "platform"),
    "lender": Words("放款机构", "lender"),
    "bureau": Words("征信机构", "credit bureau"),
    "guarantor": Words("担保机构", "guarantor"),
}
SIGNATORIES: Mapping[str, Words] = {
    "legal_representative": Words("法定代表人", "legal representative"),
    "agent": Words("代理人", "agent"),
}
LEGAL_BASES: Mapping[str, Words] = {
    "consent": Words("授权人同意", "the firm's consent"),
    "contract": Words("履行合同所必需", "needed to perform a contract"),
    "statute": Words("履行法定义务", "a duty of law"),
}
FORMS: Mapping[str, Words] = {"electronic": Words("电子签署", "electronic"), "paper": Words("书面签署", "on paper")}


def frequency(fetch: str, frequency_days: int | None) -> Words:
    """How often an item may be fetched."""
    if fetch == Fetch.ONETIME:
        return Words("一次", "once")
    if frequency_days is None:
        return Words("按用途需要", "as often as the purpose needs")
    return Words(f"每{frequency_days}日至多一次", f"at most once in {frequency_days} day(s)")


def period(days: int) -> Words:
    """A length of time, in years where it is whole years of 365 days."""
    years, rest = divmod(days, 365)
    if years and not rest:
        return Words(f"{years}年", f"{years} year(s)")
    return Words(f"{days}日", f"{days} day(s)")
