"""Orders to a lender's bank: pain.001.001.09 (pay the firm) and pain.008.001.08 (collect from the firm).

Debtor and creditor are the lender and the firm; the platform writes the message and is in no place of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree

from rongtong.servicing.adapters.xml import add, document, written, yuan

PAIN_001 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
PAIN_008 = "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"
CLEARING = "CNAPS"
"""The clearing system of China (中国现代化支付系统) in ISO 20022's external code list."""


@dataclass(frozen=True, slots=True)
class Party:
    """A party to the money: name, identifier, account, and the bank of the account."""

    name: str
    identifier: str
    account: str
    """Empty where it is not known: the bank then finds it by the identifier."""
    clearing_member: str = ""
    bank_name: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One transaction: with whom, how much, what for."""

    end_to_end_id: str
    counterparty: Party
    amount_minor: int
    text: str
    mandate: str = ""


def payment_order(*, message_id: str, lender: Party, orders: Sequence[Order], business_date: date, at: datetime) -> str:
    """A pain.001: the lender pays firms."""
    made, root = document(PAIN_001, "CstmrCdtTrfInitn")
    block = _head(root, message_id, lender, orders, at)
    _block(block, message_id, "TRF", orders)
    add(block, "PmtTpInf/CtgyPurp/Cd", "LOAN")
    add(block, "ReqdExctnDt/Dt", business_date.isoformat())
    _party(add(block, "Dbtr"), lender)
    _account(add(block, "DbtrAcct"), lender)
    _agent(add(block, "DbtrAgt"), lender)
    for order in orders:
        node = add(block, "CdtTrfTxInf")
        _ids(node, order)
        add(node, "Amt/InstdAmt", yuan(order.amount_minor)).set("Ccy", "CNY")
        if order.counterparty.bank_name or order.counterparty.clearing_member:
            _agent(add(node, "CdtrAgt"), order.counterparty)
        _party(add(node, "Cdtr"), order.counterparty)
        if order.counterparty.account:
            add(node, "CdtrAcct/Id/Othr/Id", order.counterparty.account)
        add(node, "RmtInf/Ustrd", order.text)
    return written(made)


def collection_order(
    *, message_id: str, lender: Party, orders: Sequence[Order], business_date: date, at: datetime
) -> str:
    """A pain.008: the lender collects from firms under their mandates (代扣)."""
    made, root = document(PAIN_008, "CstmrDrctDbtInitn")
    block = _head(root, message_id, lender, orders, at)
    _block(block, message_id, "DD", orders)
    add(block, "PmtTpInf/CtgyPurp/Cd", "LOAN")
    add(block, "ReqdColltnDt", business_date.isoformat())
    _party(add(block, "Cdtr"), lender)
    _account(add(block, "CdtrAcct"), lender)
    _agent(add(block, "CdtrAgt"), lender)
    for order in orders:
        node = add(block, "DrctDbtTxInf")
        _ids(node, order)
        add(node, "InstdAmt", yuan(order.amount_minor)).set("Ccy", "CNY")
        add(node, "DrctDbtTx/MndtRltdInf/MndtId", order.mandate[:35])
        _agent(add(node, "DbtrAgt"), order.counterparty)
        _party(add(node, "Dbtr"), order.counterparty)
        _account(add(node, "DbtrAcct"), order.counterparty)
        add(node, "Purp/Cd", "LOAR")
        add(node, "RmtInf/Ustrd", order.text)
    return written(made)


def _head(
    root: etree._Element, message_id: str, lender: Party, orders: Sequence[Order], at: datetime
) -> etree._Element:
    header = add(root, "GrpHdr")
    add(header, "MsgId", message_id)
    add(header, "CreDtTm", at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    add(header, "NbOfTxs", str(len(orders)))
    add(header, "CtrlSum", yuan(sum(order.amount_minor for order in orders)))
    _party(add(header, "InitgPty"), lender)
    return add(root, "PmtInf")


def _block(block: etree._Element, message_id: str, method: str, orders: Sequence[Order]) -> None:
    add(block, "PmtInfId", message_id)
    add(block, "PmtMtd", method)
    add(block, "BtchBookg", "false")
    add(block, "NbOfTxs", str(len(orders)))
    add(block, "CtrlSum", yuan(sum(order.amount_minor for order in orders)))


def _ids(node: etree._Element, order: Order) -> None:
    ids = add(node, "PmtId")
    add(ids, "InstrId", order.end_to_end_id)
    add(ids, "EndToEndId", order.end_to_end_id)


def _party(node: etree._Element, party: Party) -> None:
    add(node, "Nm", party.name)
    add(node, "Id/OrgId/Othr/Id", party.identifier[:35])


def _account(node: etree._Element, party: Party) -> None:
    """The account, or, said as such, the identifier by which the bank finds it."""
    other = add(node, "Id/Othr")
    add(other, "Id", (party.account or party.identifier)[:34])
    if not party.account:
        add(other, "SchmeNm/Prtry", "ORGANISATION-IDENTIFIER")


def _agent(node: etree._Element, party: Party) -> None:
    institution = add(node, "FinInstnId")
    if party.clearing_member:
        member = add(institution, "ClrSysMmbId")
        add(member, "ClrSysId/Cd", CLEARING)
        add(member, "MmbId", party.clearing_member)
    if party.bank_name:
        add(institution, "Nm", party.bank_name)
    elif not party.clearing_member:
        add(institution, "Othr/Id", "NOTPROVIDED")
