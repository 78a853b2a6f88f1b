"""The authorisation a firm puts together on a page: its choices, and the text that it signs.

The text is Chinese in every language of the pages: it is the legal instrument, and tells what 个人信息保护法 art. 17 and 23
and 征信业管理条例 art. 18 want told: recipients, records, purpose, period, retention, and how to withdraw.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import translation

from rongtong.consent.contracts import ConsentDraft, Grantee, Signatory
from rongtong.core.clock import china_date
from rongtong.credit import facade as credit
from rongtong.portals.labels import label_of
from rongtong.portals.wording import day_words


@dataclass(frozen=True)
class Choices:
    """What the firm chose."""

    items: tuple[str, ...]
    lenders: tuple[Grantee, ...]
    purposes: tuple[str, ...]
    history_years: int
    valid_months: int
    retention_years: int


def draft_of(
    *, enterprise_id: UUID, firm: str, platform: Grantee, choices: Choices, signatory: Signatory, at: datetime
) -> ConsentDraft:
    """The draft with its text. Validity begins at once."""
    day = china_date(at)
    last = credit.add_months(day, choices.valid_months)
    draft = ConsentDraft(
        enterprise_id=enterprise_id,
        grantees=(platform, *choices.lenders),
        items=choices.items,
        purposes=choices.purposes,
        range_from=credit.add_months(day, -12 * choices.history_years),
        range_to=last,
        valid_from=at,
        valid_to=at + (last - day),
        retention_days=choices.retention_years * 365,
        text="",
        signatory=signatory,
    )
    with translation.override("zh-hans"):
        text = _text(draft, firm, choices)
    return ConsentDraft(**{name: getattr(draft, name) for name in draft.__slots__} | {"text": text})


def _text(draft: ConsentDraft, firm: str, choices: Choices) -> str:
    raw = [label_of(item, "item") for item in draft.items if item != "portrait"]
    lenders = "、".join(one.name for one in choices.lenders)
    lines = [
        "企业数据授权书",
        f"授权人：{firm}",
        f"一、被授权人：{draft.grantees[0].name}（平台）" + (f"；{lenders}（放款机构）。" if lenders else "。"),
        f"二、授权数据：{'、'.join(raw)}。平台据此形成企业信用画像、评分及其理由。"
        + ("放款机构仅查阅信用画像、评分及其理由，不查阅原始数据。" if "portrait" in draft.items else ""),
        f"三、用途：{'；'.join(label_of(one, 'purpose') for one in draft.purposes)}。不得用于其他用途，不得出售或再提供给他人。",
        f"四、数据期间：{day_words(draft.range_from)}至{day_words(draft.range_to)}。",
        f"五、授权期限：自签署之时起至{day_words(draft.valid_to)}止。",
        f"六、保存期限：授权终止后{choices.retention_years}年；法律、行政法规另有规定的，从其规定。",
        "七、撤回：授权人可随时在平台撤回本授权，撤回后立即停止查阅；撤回不影响此前已进行的处理，依法须留存的记录仅作留存。",
        "八、授权人可查看每一次查阅的时间、查阅人、数据项与用途，可要求更正，并可对自动化审批结果要求人工复核。",
        "九、不同意授权的，不影响使用平台的其他服务，但无法据此提供融资方案。",
    ]
    return "\n".join(lines)
