"""A bank's notification of what it booked: camt.054, in any version."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from rongtong.servicing.adapters.entries import (
    NOT_BOOKED,
    BankEntry,
    BankStatement,
    check_length,
    day_of,
    is_credit,
    positive,
    reference_of,
)
from rongtong.servicing.adapters.xml import all_of, fen, read, text_of

_UNSAID = "NONE"


def read_notification(content: bytes) -> BankStatement:
    """The entries of a camt.054. An entry that bundles transactions comes as these where they add up to it.

    Raises MessageMalformed.
    """
    root = read(content, "camt.054")
    found: list[BankEntry] = []
    pending = 0
    for notification in all_of(root, "Ntfctn"):
        account = text_of(notification, "Acct/Id/IBAN") or text_of(notification, "Acct/Id/Othr/Id")
        for entry in all_of(notification, "Ntry"):
            status = _status(entry)
            if status in NOT_BOOKED:
                pending += 1
                continue
            found += _entries(entry, account[:34], status)
            check_length(found)
    return BankStatement(found, pending)


def _status(entry: etree._Element) -> str:
    """A code, a text (versions 02 and 03) or a proprietary word, which is nobody's code but the bank's own."""
    proprietary = text_of(entry, "Sts/Prtry")
    word = f"Prtry {proprietary}" if proprietary else text_of(entry, "Sts/Cd") or text_of(entry, "Sts")
    return (word or _UNSAID)[:35]


def _entries(entry: etree._Element, account: str, status: str) -> list[BankEntry]:
    whole = _whole(entry, account, status)
    details = all_of(entry, "NtryDtls/TxDtls")
    if len(details) == 1:
        return [replace(_described(whole, details[0]), bundled=_differs(whole, details[0]))]
    parts = [part for number, node in enumerate(details, 1) if (part := _part(whole, node, number)) is not None]
    alike = all((part.credit, part.currency) == (whole.credit, whole.currency) for part in parts)
    if parts and len(parts) == len(details) and alike and sum(one.amount_minor for one in parts) == whole.amount_minor:
        return parts
    return [replace(whole, bundled=bool(details))]


def _differs(whole: BankEntry, details: etree._Element) -> bool:
    """Whether the only transaction of an entry says another amount or direction than the entry."""
    only = _part(whole, details, 0)
    if only is None:
        direction = text_of(details, "CdtDbtInd")
        return bool(direction) and is_credit(direction) != whole.credit
    return (only.amount_minor, only.currency, only.credit) != (whole.amount_minor, whole.currency, whole.credit)


def _whole(entry: etree._Element, account: str, status: str) -> BankEntry:
    amounts = all_of(entry, "Amt")
    return BankEntry(
        account=account,
        entry_ref=reference_of(text_of(entry, "AcctSvcrRef") or text_of(entry, "NtryRef")),
        part=0,
        credit=is_credit(text_of(entry, "CdtDbtInd")),
        amount_minor=positive(fen((amounts[0].text or "") if amounts else "")),
        currency=(amounts[0].get("Ccy") or "")[:3],
        booked_date=day_of(text_of(entry, "BookgDt/Dt") or text_of(entry, "BookgDt/DtTm")),
        end_to_end_id="",
        text=text_of(entry, "AddtlNtryInf")[:200],
        status=status,
        reversal=text_of(entry, "RvslInd") not in {"", "false", "0"},
    )


def _described(entry: BankEntry, details: etree._Element) -> BankEntry:
    """The entry with what its only transaction, or one of several, says."""
    return replace(
        entry,
        end_to_end_id=text_of(details, "Refs/EndToEndId")[:64],
        text=text_of(details, "RmtInf/Ustrd")[:200] or entry.text,
        reversal=entry.reversal or bool(all_of(details, "RtrInf")),
    )


def _part(whole: BankEntry, details: etree._Element, number: int) -> BankEntry | None:
    """One transaction of an entry; None where it does not say how much."""
    amount = _amount(details)
    if amount is None:
        return None
    direction = text_of(details, "CdtDbtInd")
    return replace(
        _described(whole, details),
        part=number,
        amount_minor=positive(fen(amount.text or "")),
        currency=(amount.get("Ccy") or "")[:3],
        credit=is_credit(direction) if direction else whole.credit,
    )


def _amount(details: etree._Element) -> etree._Element | None:
    found = all_of(details, "Amt") or all_of(details, "AmtDtls/TxAmt/Amt")
    return found[0] if found else None
