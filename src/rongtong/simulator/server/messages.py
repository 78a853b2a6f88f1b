"""ISO 20022 messages of lender banks: pain.001 and pain.008 read with a hardened parser, pain.002 and camt.054 written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from lxml import etree

from rongtong.simulator.server.text import GENERATED_NOTE, yuan

PAIN_001 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
PAIN_008 = "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"
PAIN_002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
CAMT_054 = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
Kind = Literal["payment", "collection"]
_MAX_AMOUNT = Decimal(10) ** 13


class MalformedMessage(Exception):
    """The message cannot be read as what it should be; the argument says why."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One credit transfer or direct debit; `fault` is a reason code where it cannot be taken in as it is."""

    group: str
    """PmtInfId."""
    end_to_end: str
    amount_fen: int
    day: str
    party: str
    """USCC or other identifier of the creditor (payment) or debtor (collection)."""
    party_name: str
    text: str
    fault: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A pain.001 or pain.008."""

    kind: Kind
    id: str
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the bank answers to one instruction."""

    group: str
    end_to_end: str
    status: Literal["ACCP", "RJCT"]
    reason: str | None
    entry: str


@dataclass(frozen=True, slots=True)
class Booking:
    """One entry of a lender's account."""

    entry: str
    paid_out: bool
    amount_fen: int
    asked_fen: int
    day: str
    message: str
    group: str
    end_to_end: str
    party: str
    party_name: str


REASONS = {
    "AM03": "currency is not CNY",
    "AM12": "amount is not positive, has more than two decimals or is too large",
    "AM05": "EndToEndId was used before for something else, or is settled",
    "BE01": "the other party has no identifier",
    "AC04": "the account of the other party has been closed",
}


def read_message(body: bytes, kind: Kind) -> Message:
    """Parse a message. Raises MalformedMessage: not well-formed, a document type, the wrong root, something missing."""
    namespace, root = (PAIN_001, "CstmrCdtTrfInitn") if kind == "payment" else (PAIN_008, "CstmrDrctDbtInitn")
    head = _parse(body, namespace, root)
    header = _one(head, "GrpHdr", namespace)
    message_id = _short(_text(header, "MsgId", namespace), "MsgId")
    found: list[Instruction] = []
    for block in head.findall(f"{{{namespace}}}PmtInf"):
        group = _short(_text(block, "PmtInfId", namespace), "PmtInfId")
        day_path = "ReqdExctnDt/Dt" if kind == "payment" else "ReqdColltnDt"
        day = _day(_text(block, day_path, namespace), day_path)
        name = "CdtTrfTxInf" if kind == "payment" else "DrctDbtTxInf"
        found.extend(_instruction(one, namespace, kind, group, day) for one in block.findall(f"{{{namespace}}}{name}"))
    if not found:
        raise MalformedMessage("no transactions")
    _check_totals(header, namespace, head, kind, len(found))
    if len({one.end_to_end for one in found}) != len(found):
        raise MalformedMessage("EndToEndId is repeated within the message")
    return Message(kind, message_id, tuple(found))


def status_report(message: Message, outcomes: Sequence[Outcome], created: str) -> bytes:
    """The pain.002 that answers a message: a payment is settled at once, a collection is taken in."""
    taken = "ACSC" if message.kind == "payment" else "ACCP"
    refused = sum(one.status == "RJCT" for one in outcomes)
    group_status = "RJCT" if refused == len(outcomes) else "PART" if refused else taken
    root = _document(PAIN_002)
    report = _add(root, "CstmrPmtStsRpt")
    header = _add(report, "GrpHdr")
    _add(header, "MsgId", f"S-{message.id}"[:35])
    _add(header, "CreDtTm", created)
    original = _add(report, "OrgnlGrpInfAndSts")
    _add(original, "OrgnlMsgId", message.id)
    _add(original, "OrgnlMsgNmId", "pain.001.001.09" if message.kind == "payment" else "pain.008.001.08")
    _add(original, "OrgnlNbOfTxs", str(len(outcomes)))
    _add(original, "GrpSts", group_status)
    for group in dict.fromkeys(one.group for one in outcomes):
        block = _add(report, "OrgnlPmtInfAndSts")
        _add(block, "OrgnlPmtInfId", group)
        for one in (item for item in outcomes if item.group == group):
            entry = _add(block, "TxInfAndSts")
            _add(entry, "StsId", one.entry)
            _add(entry, "OrgnlEndToEndId", one.end_to_end)
            _add(entry, "TxSts", "RJCT" if one.status == "RJCT" else taken)
            if one.reason:
                why = _add(entry, "StsRsnInf")
                _add(_add(why, "Rsn"), "Cd", one.reason)
                _add(why, "AddtlInf", REASONS[one.reason])
    return _bytes(root)


def notification(lender: str, day: date, bookings: Iterable[Booking]) -> bytes:
    """The camt.054 of a day."""
    root = _document(CAMT_054)
    body = _add(root, "BkToCstmrDbtCdtNtfctn")
    header = _add(body, "GrpHdr")
    _add(header, "MsgId", f"N-{day:%Y%m%d}-{lender}"[:35])
    _add(header, "CreDtTm", f"{day.isoformat()}T23:59:59")
    _add(header, "AddtlInf", GENERATED_NOTE)
    note = _add(body, "Ntfctn")
    _add(note, "Id", f"N-{day:%Y%m%d}-{lender}"[:35])
    _add(note, "CreDtTm", f"{day.isoformat()}T23:59:59")
    span = _add(note, "FrToDt")
    _add(span, "FrDtTm", f"{day.isoformat()}T00:00:00")
    _add(span, "ToDtTm", f"{day.isoformat()}T23:59:59")
    account = _add(note, "Acct")
    _add(_add(_add(account, "Id"), "Othr"), "Id", lender)
    _add(account, "Ccy", "CNY")
    for number, one in enumerate(bookings, start=1):
        _entry(note, number, one)
    return _bytes(root)


def _entry(note: etree._Element, number: int, one: Booking) -> None:
    direction = "DBIT" if one.paid_out else "CRDT"
    entry = _add(note, "Ntry")
    _add(entry, "NtryRef", str(number))
    _add(entry, "Amt", yuan(one.amount_fen)).set("Ccy", "CNY")
    _add(entry, "CdtDbtInd", direction)
    _add(_add(entry, "Sts"), "Cd", "BOOK")
    _add(_add(entry, "BookgDt"), "Dt", one.day)
    _add(_add(entry, "ValDt"), "Dt", one.day)
    _add(entry, "AcctSvcrRef", one.entry)
    domain = _add(_add(entry, "BkTxCd"), "Domn")
    _add(domain, "Cd", "PMNT")
    family = _add(domain, "Fmly")
    _add(family, "Cd", "ICDT" if one.paid_out else "IDDT")
    _add(family, "SubFmlyCd", "DMCT" if one.paid_out else "PMDD")
    details = _add(_add(entry, "NtryDtls"), "TxDtls")
    references = _add(details, "Refs")
    _add(references, "MsgId", one.message)
    _add(references, "PmtInfId", one.group)
    _add(references, "EndToEndId", one.end_to_end)
    _add(details, "Amt", yuan(one.amount_fen)).set("Ccy", "CNY")
    _add(details, "CdtDbtInd", direction)
    _add(_add(_add(details, "AmtDtls"), "InstdAmt"), "Amt", yuan(one.asked_fen)).set("Ccy", "CNY")
    party = _add(_add(_add(details, "RltdPties"), "Cdtr" if one.paid_out else "Dbtr"), "Pty")
    _add(party, "Nm", one.party_name)
    _add(_add(_add(_add(party, "Id"), "OrgId"), "Othr"), "Id", one.party)


def _parse(body: bytes, namespace: str, root: str) -> etree._Element:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:  # refused unparsed; other encodings are caught below
        raise MalformedMessage("a document type is not allowed")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        document = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedMessage(f"not well-formed XML: {str(error)[:200]}") from None
    if document.getroottree().docinfo.internalDTD is not None:
        raise MalformedMessage("a document type is not allowed")
    if document.tag != f"{{{namespace}}}Document":
        raise MalformedMessage(f"the root is not Document of {namespace}")
    return _one(document, root, namespace)


def _instruction(node: etree._Element, namespace: str, kind: Kind, group: str, day: str) -> Instruction:
    side = "Cdtr" if kind == "payment" else "Dbtr"
    amount_path = "Amt/InstdAmt" if kind == "payment" else "InstdAmt"
    amount_node = node.find(_path(amount_path, namespace))
    if amount_node is None:
        raise MalformedMessage(f"{amount_path} is missing")
    fen, fault = _fen(amount_node.text or "", amount_node.get("Ccy", ""))
    party = _optional(node, f"{side}/Id/OrgId/Othr/Id", namespace)
    return Instruction(
        group=group,
        end_to_end=_short(_text(node, "PmtId/EndToEndId", namespace), "EndToEndId"),
        amount_fen=fen,
        day=day,
        party=party[:64],
        party_name=_optional(node, f"{side}/Nm", namespace)[:140],
        text=_optional(node, "RmtInf/Ustrd", namespace)[:140],
        fault=fault or (None if party else "BE01"),
    )


def _fen(text: str, currency: str) -> tuple[int, str | None]:
    if not re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,5})?", text.strip()):
        return 0, "AM12"
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        return 0, "AM12"
    if currency != "CNY":
        return 0, "AM03"
    if amount <= 0 or amount > _MAX_AMOUNT or amount != round(amount, 2):
        return 0, "AM12"
    return int(amount * 100), None


def _check_totals(header: etree._Element, namespace: str, head: etree._Element, kind: Kind, count: int) -> None:
    stated = _text(header, "NbOfTxs", namespace)
    if stated != str(count):
        raise MalformedMessage(f"NbOfTxs says {stated[:20]}, there are {count}")
    control = _optional(header, "CtrlSum", namespace)
    if not control:
        return
    path = "PmtInf/CdtTrfTxInf/Amt/InstdAmt" if kind == "payment" else "PmtInf/DrctDbtTxInf/InstdAmt"
    try:
        total = sum((Decimal(node.text or "0") for node in head.findall(_path(path, namespace))), Decimal(0))
        differs = Decimal(control) != total
    except InvalidOperation:
        raise MalformedMessage("CtrlSum or an amount is not a number") from None
    if differs:
        raise MalformedMessage(f"CtrlSum says {control[:30]}, the amounts add up to {total}")


def _path(path: str, namespace: str) -> str:
    return "/".join(f"{{{namespace}}}{name}" for name in path.split("/"))


def _one(node: etree._Element, path: str, namespace: str) -> etree._Element:
    found = node.find(_path(path, namespace))
    if found is None:
        raise MalformedMessage(f"{path} is missing")
    return found


def _text(node: etree._Element, path: str, namespace: str) -> str:
    text = (_one(node, path, namespace).text or "").strip()
    if not text:
        raise MalformedMessage(f"{path} is empty")
    return text


def _optional(node: etree._Element, path: str, namespace: str) -> str:
    return (node.findtext(_path(path, namespace)) or "").strip()


def _short(text: str, name: str) -> str:
    if len(text) > 35:
        raise MalformedMessage(f"{name} is longer than 35 characters")
    return text


def _day(text: str, name: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise MalformedMessage(f"{name} is not a date") from None


def _document(namespace: str) -> etree._Element:
    nsmap: dict[str | None, str] = {None: namespace}
    return etree.Element(f"{{{namespace}}}Document", nsmap=nsmap)  # type: ignore[arg-type]  # the stubs forget None


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    namespace = etree.QName(parent).namespace
    child = etree.SubElement(parent, f"{{{namespace}}}{name}")
    if text is not None:
        child.text = text
    return child


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
