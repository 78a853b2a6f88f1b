"""A bank statement as a CSV file, by Chinese or English column names, in UTF-8 or GB18030."""

from __future__ import annotations

import csv
import io
import re

from django.utils.translation import gettext as _

from rongtong.servicing.adapters.entries import (
    BOOKED,
    NOT_BOOKED,
    BankEntry,
    BankStatement,
    check_length,
    day_of,
    is_credit,
    positive,
    reference_of,
)
from rongtong.servicing.adapters.xml import MAX_BYTES, MessageMalformed, fen

_COLUMNS = {
    "entry_ref": ("entry_ref", "流水号", "交易流水号"),
    "direction": ("direction", "借贷标志", "收付标志"),
    "amount": ("amount", "金额", "交易金额"),
    "booked_date": ("booked_date", "记账日期", "交易日期"),
    "end_to_end_id": ("end_to_end_id", "指令编号", "端到端标识"),
    "currency": ("currency", "币种"),
    "text": ("text", "摘要", "附言"),
    "account": ("account", "账号", "本方账号"),
    "status": ("status", "记账状态", "交易状态"),
    "reversal": ("reversal", "冲正标志", "冲销标志"),
}
_OPTIONAL = {"currency", "text", "account", "status", "reversal"}
_BOOKED = {"book", "booked", "已入账", "已记账", "入账成功", "成功", "交易成功"}
_PENDING = {*(word.lower() for word in NOT_BOOKED), "pending", "未入账", "待入账", "处理中", "交易处理中"}
_FAILED = {"失败", "交易失败", "failed"}
"""No money moved: as little in the books as what is pending."""
_NO_REVERSAL = {"", "0", "n", "no", "false", "否", "正常", "未冲正"}
_YUAN = {"cny", "rmb", "156", "人民币"}
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)


class DigitsLost(MessageMalformed):
    """A spreadsheet rounded the bank's references before the file was saved: entries cannot be told apart by them."""

    code = "digits_lost"


def read_csv(content: bytes) -> BankStatement:
    """The entries of a CSV file. Raises MessageMalformed, DigitsLost."""
    if len(content) > MAX_BYTES:
        raise MessageMalformed(why=_("it is larger than %(limit)s MB") % {"limit": MAX_BYTES // 1024 // 1024})
    rows = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    try:
        places = _places([name.strip().lower() for name in next(rows, [])])
        found: list[BankEntry] = []
        pending = 0
        for number, row in enumerate(rows, 2):
            cells = {
                column: row[place].strip() if place is not None and place < len(row) else ""
                for column, place in places.items()
            }
            if not any(cell.strip() for cell in row):
                continue
            if cells["status"].lower() in _PENDING | _FAILED:
                pending += 1
                continue
            found.append(_entry(cells, number, says_status=places["status"] is not None))
            check_length(found)
    except csv.Error as error:
        raise MessageMalformed(why=_("it is not a CSV file")) from error
    return BankStatement(found, pending)


def _places(header: list[str]) -> dict[str, int | None]:
    """Where each column stands. Raises MessageMalformed."""
    places = {
        column: next((header.index(name) for name in names if name in header), None)
        for column, names in _COLUMNS.items()
    }
    missing = [_COLUMNS[column][0] for column, place in places.items() if place is None and column not in _OPTIONAL]
    if missing:
        raise MessageMalformed(why=_("these columns are missing: %(columns)s") % {"columns": ", ".join(missing)})
    return places


def _entry(cells: dict[str, str], number: int, *, says_status: bool) -> BankEntry:
    if _SCIENTIFIC.fullmatch(cells["entry_ref"]):
        raise DigitsLost(
            why=_("line %(number)s: a spreadsheet has rounded the reference “%(text)s”; export it as text")
            % {"number": number, "text": cells["entry_ref"][:30]}
        )
    currency = cells["currency"] or "CNY"
    try:
        return BankEntry(
            account=cells["account"][:34],
            entry_ref=reference_of(cells["entry_ref"]),
            part=0,
            credit=is_credit(cells["direction"]),
            amount_minor=positive(fen(_ungrouped(cells["amount"]))),
            currency="CNY" if currency.lower() in _YUAN else currency[:3].upper(),
            booked_date=day_of(cells["booked_date"]),
            end_to_end_id=cells["end_to_end_id"][:64],
            text=cells["text"][:200],
            status=_status(cells["status"]) if says_status else BOOKED,
            reversal=cells["reversal"].lower() not in _NO_REVERSAL,
        )
    except MessageMalformed as error:
        raise MessageMalformed(
            why=_("line %(number)s: %(why)s") % {"number": number, "why": error.facts["why"]}
        ) from error


def _status(word: str) -> str:
    return BOOKED if word.lower() in _BOOKED else (word or "NONE")[:35]


def _ungrouped(text: str) -> str:
    """An amount without the commas between thousands; a comma elsewhere may be a decimal one and stays, to be refused."""
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise MessageMalformed(why=_("it is neither UTF-8 nor GB18030 text"))
