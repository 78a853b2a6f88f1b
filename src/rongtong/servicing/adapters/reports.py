"""Reports of a lender's bank: pain.002 (taken or refused), and statements of what was booked in either form."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from lxml import etree

from rongtong.servicing.adapters.entries import BankStatement
from rongtong.servicing.adapters.notifications import read_notification
from rongtong.servicing.adapters.statement_csv import read_csv
from rongtong.servicing.adapters.xml import MessageMalformed, all_of, read, text_of

_TAKEN = {"ACCP", "ACSP", "ACSC", "ACCC", "ACWC"}
"""The bank has taken the order on. ACTC is not among them: it says that the message can be read, and no more."""
_SETTLED = {"ACSC", "ACCC"}
"""The order is carried out: the debtor's account is debited, or the creditor's credited."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the bank says to one transaction, or to all of a message that it does not name one by one."""

    end_to_end_id: str
    """Empty where it speaks of the whole message."""
    accepted: bool | None
    """None while it is pending."""
    settled: bool
    """Whether the money has moved."""
    reason: str
    message_id: str = ""
    """Of the message as a whole."""


def read_status(content: bytes) -> list[Status]:
    """What a pain.002, in any version, says of transactions, and of messages as wholes. Raises MessageMalformed.

    A status of the group or of a payment block holds for the transactions that have none of their own. A block has the
    identifier of its message: one message, one block.
    """
    root = read(content, "pain.002")
    found = [_of_message(node, "OrgnlMsgId", "GrpSts") for node in all_of(root, "OrgnlGrpInfAndSts")]
    for block in all_of(root, "OrgnlPmtInfAndSts"):
        found.append(_of_message(block, "OrgnlPmtInfId", "PmtInfSts"))
        for node in all_of(block, "TxInfAndSts"):
            end_to_end_id, status = text_of(node, "OrgnlEndToEndId"), text_of(node, "TxSts")
            if not end_to_end_id or not status:
                raise MessageMalformed(why=_("a transaction has no EndToEndId or status"))
            found.append(_said(node, status, end_to_end_id=end_to_end_id[:64]))
    return [one for one in found if one is not None]


def _of_message(node: etree._Element, id_path: str, status_path: str) -> Status | None:
    status, message_id = text_of(node, status_path), text_of(node, id_path)
    if not status or not message_id:
        return None
    return _said(node, status, message_id=message_id[:35])


def _said(node: etree._Element, status: str, *, end_to_end_id: str = "", message_id: str = "") -> Status:
    reason = " ".join(filter(None, (text_of(node, "StsRsnInf/Rsn/Cd"), text_of(node, "StsRsnInf/AddtlInf"))))
    accepted = True if status in _TAKEN else False if status == "RJCT" else None
    return Status(end_to_end_id, accepted, status in _SETTLED, reason[:200], message_id)


def read_statement(content: bytes) -> BankStatement:
    """The entries of a camt.054 (any version) or of a CSV file. Raises MessageMalformed, DigitsLost."""
    head = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not content.strip():
        raise MessageMalformed(why=_("it is empty"))
    return read_notification(content) if head.startswith(b"<") else read_csv(content)
