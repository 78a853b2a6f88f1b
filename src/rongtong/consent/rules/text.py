"""The text of an authorisation, made from its entries alone, and read back into what it grants.

The Chinese text is what is signed; the English one says the same. It tells what 个人信息保护法 art. 17, 23, 29 and
征信业管理条例 art. 18 want told: recipients, items, purpose, way, span, retention, how to withdraw. A recipient, an item
and a purpose stand together on one line exactly where an entry grants them, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

from rongtong.consent.contracts import ConsentDraft, Entry, Grantee
from rongtong.consent.rules import wording
from rongtong.consent.rules.wording import Words

_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Subject:
    """The firm that signs, as its registration names it."""

    name: str
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What one recipient may have of one item: an entry, for each of the purposes that it is granted for on the same terms."""

    entry: Entry
    purposes: tuple[str, ...]


def lines_of(entries: Iterable[Entry]) -> dict[Grantee, list[Line]]:
    """By recipient, in the order in which they are named, the lines of the text."""
    lines: dict[Grantee, list[Line]] = {}
    for entry in entries:
        alike = replace(entry, purpose="", grantees=())
        for grantee in entry.grantees:
            own = lines.setdefault(grantee, [])
            for place, line in enumerate(own):
                if replace(line.entry, purpose="", grantees=()) == alike and entry.purpose not in line.purposes:
                    own[place] = Line(line.entry, (*line.purposes, entry.purpose))
                    break
            else:
                own.append(Line(entry, (entry.purpose,)))
    return lines


def chinese(draft: ConsentDraft, subject: Subject, *, at: datetime) -> str:
    """The text to be signed."""
    begins = "签署之时" if draft.valid_from <= at else _moment_zh(draft.valid_from)
    identified = f"（统一社会信用代码：{subject.identifier}）" if subject.identifier else ""
    text = [
        "企业数据授权书",
        f"授权人：{subject.name}{identified}",
        "一、授权明细。仅下列被授权人可就其名下逐行列明的数据项，按该行列明的用途、方式、频次、期间处理数据；未列明的，一律未授权。",
    ]
    for number, (grantee, lines) in enumerate(lines_of(draft.entries).items(), start=1):
        text.append(f"【{number}】被授权人：{grantee.name}（{wording.ROLES[grantee.role].zh}）")
        if grantee.identifier:
            text.append(f"统一社会信用代码：{grantee.identifier}")
        for place, line in enumerate(lines, start=1):
            text.append(f"{number}.{place} {_line_zh(line)}")
            text += [f"再提供给：{one.name}（{wording.ROLES[one.role].zh}）" for one in line.entry.onward]
    text += [
        f"二、授权期限：自{begins}起至{_moment_zh(draft.valid_to)}止。",
        "三、禁止事项：不得用于该行以外的用途，不得出售；除该行列明者外，不得再提供给他人。",
        "四、暂停与撤回：授权人可随时在平台暂停、恢复或撤回本授权，也可签署新版本缩小范围；暂停或撤回后立即停止查阅。撤回不影响此前已进行的处理；依法须留存的记录仅作留存。",
        "五、留存：各行列明的留存期限届满后删除；法律、行政法规另有规定的，从其规定。",
        "六、权利：授权人可查看每一次查阅的时间、查阅人、内容与用途，可要求更正，并可对自动化审批结果要求人工复核。",
        "七、不授权的后果：不授权不影响使用平台的其他服务，但无法据此提供融资方案；依法公开的名录与登记，查询不以本授权为依据，查询同样留痕。",
    ]
    if draft.supplement:
        text.append(f"八、授权人的补充说明（不增加也不减少以上授权）：{_inline(draft.supplement)}")
    return "\n".join(text)


def english(draft: ConsentDraft, subject: Subject, *, at: datetime) -> str:
    """The same in English, to explain it; the Chinese text is what is signed."""
    begins = "the moment of signing" if draft.valid_from <= at else _moment_en(draft.valid_from)
    identified = f" (unified social credit code: {subject.identifier})" if subject.identifier else ""
    text = [
        "Authorisation to use enterprise data",
        f"Granted by: {subject.name}{identified}",
        "1. What is granted. Only the recipients below may use the items on the lines under their names, for the purposes, "
        "in the way, as often and over the span that the line states; what is not listed is not granted.",
    ]
    for number, (grantee, lines) in enumerate(lines_of(draft.entries).items(), start=1):
        text.append(f"[{number}] Recipient: {grantee.name} ({wording.ROLES[grantee.role].en})")
        if grantee.identifier:
            text.append(f"Unified social credit code: {grantee.identifier}")
        for place, line in enumerate(lines, start=1):
            text.append(f"{number}.{place} {_line_en(line)}")
            text += [f"Passed on to: {one.name} ({wording.ROLES[one.role].en})" for one in line.entry.onward]
    text += [
        f"2. Validity: from {begins} to {_moment_en(draft.valid_to)}.",
        "3. Not allowed: any other purpose, sale, and passing on to anybody whom the line does not name.",
        "4. Suspension and withdrawal: the firm can suspend, resume or withdraw this authorisation on the platform at any time, "
        "or sign a narrower version; reading then stops at once. What was done before stays lawful; what the law requires to be "
        "kept is kept and not used.",
        "5. Retention: deleted after the time that each line states, unless a law says otherwise.",
        "6. Rights: the firm sees when, by whom and for what each reading was made, can demand correction, and can ask for a "
        "person to review an automatic decision.",
        "7. Without it: the other services of the platform stay open, but no financing can be offered. Registers that the law "
        "makes public are read without it, and each such reading is logged too.",
    ]
    if draft.supplement:
        text.append(f"8. The firm's own statement (grants nothing more and nothing less): {_inline(draft.supplement)}")
    return "\n".join(text)


def granted(text: str) -> frozenset[tuple[str, str, str]]:
    """What a text grants, read from its lines: (recipient's name, item, purpose). Chinese or English."""
    items = {word: code for code, words in wording.ITEMS.items() for word in (words.zh, words.en)}
    purposes = {word: code for code, words in wording.PURPOSES.items() for word in (words.zh, words.en)}
    found: set[tuple[str, str, str]] = set()
    recipient = ""
    for line in text.split("\n"):
        header = _HEADER.fullmatch(line)
        row = _ROW.fullmatch(line)
        if header:
            recipient = header["zh"] or header["en"]
        elif row and recipient:
            names = re.split("、|, ", row["purposes"]) if row["purposes"] not in purposes else [row["purposes"]]
            found |= {(recipient, items[row["item"]], purposes[name]) for name in names}
    return frozenset(found)


_ROLES_ZH, _ROLES_EN = (
    "|".join(words) for words in zip(*((one.zh, one.en) for one in wording.ROLES.values()), strict=True)
)
_HEADER = re.compile(
    rf"【\d+】被授权人：(?P<zh>.+)（(?:{_ROLES_ZH})）|\[\d+\] Recipient: (?P<en>.+) \((?:{_ROLES_EN})\)"
)
_ROW = re.compile(r"\d+\.\d+ (?:数据项：|Item: )(?P<item>[^；;]+)(?:；用途：|; purpose: )(?P<purposes>[^；;]+)[；;].*")


def _line_zh(line: Line) -> str:
    entry = line.entry
    facts = {
        "数据项": wording.ITEMS[entry.item].zh,
        "用途": "、".join(wording.PURPOSES[one].zh for one in line.purposes),
        "方式": wording.MODES[entry.mode].zh,
        "频次": wording.frequency(entry.fetch, entry.frequency_days).zh,
        "数据期间": f"{_day_zh(entry.range_from)}至{_day_zh(entry.range_to)}",
        "留存": f"授权终止后{wording.period(entry.retention_days).zh}",
        "提供方": _provider(entry).zh,
        "字段": "、".join(entry.fields) or "全部",
        "依据": wording.LEGAL_BASES[entry.legal_basis].zh,
        "敏感信息": "是，单独同意" if entry.sensitive else "否",
        "再提供": "仅可提供给下列机构" if entry.onward else "不得再提供",
    }
    return "；".join(f"{name}：{fact}" for name, fact in facts.items()) + "。"


def _line_en(line: Line) -> str:
    entry = line.entry
    facts = {
        "Item": wording.ITEMS[entry.item].en,
        "purpose": ", ".join(wording.PURPOSES[one].en for one in line.purposes),
        "way": wording.MODES[entry.mode].en,
        "how often": wording.frequency(entry.fetch, entry.frequency_days).en,
        "span": f"{entry.range_from} to {entry.range_to}",
        "kept": f"{wording.period(entry.retention_days).en} after the end",
        "provider": _provider(entry).en,
        "columns": ", ".join(entry.fields) or "all",
        "basis": wording.LEGAL_BASES[entry.legal_basis].en,
        "sensitive": "yes, agreed to separately" if entry.sensitive else "no",
        "passing on": "to those named below only" if entry.onward else "to nobody",
    }
    return "; ".join(f"{name}: {fact}" for name, fact in facts.items()) + "."


def _provider(entry: Entry) -> Words:
    return Words(entry.provider, entry.provider) if entry.provider else wording.PROVIDERS[entry.item]


def _inline(statement: str) -> str:
    """A statement on one line, so that none of its lines can look like a line of the text."""
    return " ".join(statement.split())


def _day_zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _moment_zh(moment: datetime) -> str:
    local = moment.astimezone(_CHINA)
    clock = "" if (local.hour, local.minute) == (0, 0) else f"{local:%H:%M}"
    return _day_zh(local.date()) + (f" {clock}" if clock else "零时")


def _moment_en(moment: datetime) -> str:
    local = moment.astimezone(_CHINA)
    return f"{local:%Y-%m-%d %H:%M} (China)"
