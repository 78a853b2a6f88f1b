"""Reports of a lender's bank: pain.002 (taken or refused), camt.054 (what was booked), and a CSV form of the latter."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from lxml import etree

from rongtong.servicing.adapters.xml import MAX_BYTES, MessageMalformed, all_of, fen, read, text_of

MAX_ENTRIES = 100_000
_TAKEN = {"ACCP", "ACSP", "ACSC", "ACCC", "ACWC"}
"""The bank has taken the order on. ACTC is not among them: it says that the message can be read, and no more."""
_SETTLED = {"ACSC", "ACCC"}
"""The order is carried out: the debtor's account is debited, or the creditor's credited."""
_COLUMNS = {
    "entry_ref": ("entry_ref", "流水号", "交易流水号"),
    "direction": ("direction", "借贷标志", "收付标志"),
    "amount": ("amount", "金额", "交易金额"),
    "currency": ("currency", "币种"),
    "booked_date": ("booked_date", "记账日期", "交易日期"),
    "end_to_end_id": ("end_to_end_id", "指令编号", "端到端标识"),
    "text": ("text", "摘要", "附言"),
}
_CREDIT = {"crdt", "credit", "贷", "收", "in"}
_DEBIT = {"dbit", "debit", "借", "付", "out"}


@dataclass(frozen=True, slots=True)
class Status:
    """What the bank says to one transaction."""

    end_to_end_id: str
    accepted: bool | None
    """None while it is pending."""
    settled: bool
    """Whether the money has moved."""
    reason: str


@dataclass(frozen=True, slots=True)
class BankEntry:
    """An entry of a statement; `credit` where the lender's account received money."""

    entry_ref: str
    credit: bool
    amount_minor: int
    currency: str
    booked_date: date
    end_to_end_id: str
    text: str


def read_status(content: bytes) -> list[Status]:
    """The transactions of a pain.002, in any version. Raises MessageMalformed."""
    root = read(content, "pain.002")
    found = []
    for node in all_of(root, "OrgnlPmtInfAndSts/TxInfAndSts"):
        end_to_end_id, status = text_of(node, "OrgnlEndToEndId"), text_of(node, "TxSts")
        if not end_to_end_id or not status:
            raise MessageMalformed(why=_("a transaction has no EndToEndId or status"))
        reason = " ".join(filter(None, (text_of(node, "StsRsnInf/Rsn/Cd"), text_of(node, "StsRsnInf/AddtlInf"))))
        accepted = True if status in _TAKEN else False if status == "RJCT" else None
        found.append(Status(end_to_end_id[:64], accepted, status in _SETTLED, reason[:200]))
    return found


def read_statement(content: bytes) -> list[BankEntry]:
    """The booked entries of a camt.054 (any version) or of a CSV file. Raises MessageMalformed."""
    head = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not content.strip():
        raise MessageMalformed(why=_("it is empty"))
    return _camt(content) if head.startswith(b"<") else _csv(content)


def _camt(content: bytes) -> list[BankEntry]:
    root = read(content, "camt.054")
    found = []
    for entry in all_of(root, "Ntfctn/Ntry"):
        if text_of(entry, "Sts/Cd") not in {"BOOK", ""}:
            continue
        details = all_of(entry, "NtryDtls/TxDtls")
        if len(details) > 1:
            raise MessageMalformed(
                why=_("an entry bundles several transactions; the bank should report each as an entry")
            )
        found.append(_entry(entry, details[0] if details else entry))
        _limit(found)
    return found


def _entry(entry: etree._Element, details: etree._Element) -> BankEntry:
    amounts = all_of(entry, "Amt")
    booked = text_of(entry, "BookgDt/Dt") or text_of(entry, "BookgDt/DtTm")[:10]
    return BankEntry(
        entry_ref=_reference(text_of(entry, "AcctSvcrRef") or text_of(entry, "NtryRef")),
        credit=_direction(text_of(entry, "CdtDbtInd")),
        amount_minor=_positive(fen((amounts[0].text or "") if amounts else "")),
        currency=(amounts[0].get("Ccy") or "")[:3],
        booked_date=_date(booked),
        end_to_end_id=text_of(details, "Refs/EndToEndId")[:64],
        text=(text_of(details, "RmtInf/Ustrd") or text_of(entry, "AddtlNtryInf"))[:200],
    )


def _csv(content: bytes) -> list[BankEntry]:
    if len(content) > MAX_BYTES:
        raise MessageMalformed(why=_("it is larger than %(limit)s MB") % {"limit": MAX_BYTES // 1024 // 1024})
    rows = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        places = {
            column: next((header.index(name) for name in names if name in header), None)
            for column, names in _COLUMNS.items()
        }
        missing = [
            _COLUMNS[column][0]
            for column, place in places.items()
            if place is None and column not in {"text", "currency"}
        ]
        if missing:
            raise MessageMalformed(why=_("these columns are missing: %(columns)s") % {"columns": ", ".join(missing)})
        found = []
        for number, row in enumerate(rows, 2):
            if any(cell.strip() for cell in row):
                found.append(_csv_entry(row, places, number))
                _limit(found)
    except csv.Error as error:
        raise MessageMalformed(why=_("it is not a CSV file")) from error
    return found


def _csv_entry(row: list[str], places: dict[str, int | None], number: int) -> BankEntry:
    def cell(column: str) -> str:
        place = places[column]
        return row[place].strip() if place is not None and place < len(row) else ""

    try:
        return BankEntry(
            entry_ref=_reference(cell("entry_ref")),
            credit=_direction(cell("direction")),
            amount_minor=_positive(fen(cell("amount").replace(",", ""))),
            currency=(cell("currency") or "CNY").replace("人民币", "CNY")[:3].upper(),
            booked_date=_date(cell("booked_date")),
            end_to_end_id=cell("end_to_end_id")[:64],
            text=cell("text")[:200],
        )
    except MessageMalformed as error:
        raise MessageMalformed(
            why=_("line %(number)s: %(why)s") % {"number": number, "why": error.facts["why"]}
        ) from error


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


def _limit(found: list[BankEntry]) -> None:
    if len(found) > MAX_ENTRIES:
        raise MessageMalformed(why=_("it has more than %(limit)s entries") % {"limit": MAX_ENTRIES})


def _reference(text: str) -> str:
    if not text or len(text) > 64 or not text.isprintable():
        raise MessageMalformed(why=_("an entry has no reference of 1 to 64 characters"))
    return text


def _direction(text: str) -> bool:
    if text.lower() in _CREDIT:
        return True
    if text.lower() in _DEBIT:
        return False
    raise MessageMalformed(why=_("“%(text)s” says neither credit nor debit") % {"text": text[:20]})


def _positive(minor: int) -> int:
    if minor <= 0:
        raise MessageMalformed(why=_("an entry has no positive amount"))
    return minor


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise MessageMalformed(why=_("“%(text)s” is no date") % {"text": text[:20]}) from None
