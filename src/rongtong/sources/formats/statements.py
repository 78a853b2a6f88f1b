"""Bank statements, ISO 20022 camt.053.001.08. The balance after each entry is computed, and must end at the closing balance."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from lxml import etree

from rongtong.sources.contracts import Cast, Column, RawRows, SourceKind
from rongtong.sources.errors import MessageMalformed
from rongtong.sources.formats.rows import RowBuilder
from rongtong.sources.formats.xml import parse_xml, text_at, verbatim

_LAYOUT = (
    Column("booked_date", "booked_date", Cast.DAY),
    Column("booked_time", "booked_time"),
    Column("amount_fen", "amount", Cast.FEN),
    Column("balance_fen", "balance", Cast.FEN),
    Column("counterparty_id", "counterparty_id", blank=""),
    Column("counterparty_name", "counterparty_name", blank=""),
    Column("purpose_text", "purpose", blank=""),
    Column("entry_ref", "entry_ref"),
)
_NAMESPACE = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.08}"
_OWNER = "Acct/Ownr/Id/OrgId/Othr/Id"


def parse_bank_flows(payload: bytes, _subjects: frozenset[str]) -> RawRows:
    """One row for each entry; entries of a statement whose balances disagree are refused all together."""
    builder = RowBuilder(SourceKind.BANK_FLOWS, _LAYOUT)
    root = parse_xml(payload, SourceKind.BANK_FLOWS)
    if root.tag != f"{_NAMESPACE}Document" or root.find(f"{_NAMESPACE}BkToCstmrStmt") is None:
        raise MessageMalformed(kind=SourceKind.BANK_FLOWS.value, detail="it is no camt.053.001.08 statement")
    for element in root.iter(etree.Element):
        if element.tag.startswith(_NAMESPACE):
            element.tag = element.tag[len(_NAMESPACE) :]
    for statement in root.iter("Stmt"):
        _add_statement(builder, statement)
    return builder.rows()


def _add_statement(builder: RowBuilder, statement: etree._Element) -> None:
    owner, account = text_at(statement, _OWNER), text_at(statement, "Acct/Id/Othr/Id") or ""
    entries = statement.findall("Ntry")
    try:
        balance = _balance(statement, "OPBD")
        rows = []
        for entry in entries:
            amount = _amount(entry)
            balance += amount
            rows.append(_row(entry, amount, balance) | {"subject": owner})
        agrees = balance == _balance(statement, "CLBD")
    except (InvalidOperation, KeyError, ValueError):
        agrees, rows = False, []
    if not agrees:
        for entry in entries:
            builder.refuse("balances_disagree", verbatim(entry))
        return
    for row in rows:
        builder.add(row | {"entry_ref": f"{account}/{row['entry_ref']}" if row["entry_ref"] else None})


def _balance(statement: etree._Element, code: str) -> Decimal:
    for balance in statement.findall("Bal"):
        if text_at(balance, "Tp/CdOrPrtry/Cd") == code:
            return _amount(balance)
    raise KeyError(code)


def _amount(element: etree._Element) -> Decimal:
    """Signed: credits are positive. Raises ValueError, InvalidOperation."""
    amount = element.find("Amt")
    sign = {"CRDT": 1, "DBIT": -1}[text_at(element, "CdtDbtInd") or ""]
    if amount is None or amount.get("Ccy") != "CNY":
        raise ValueError("currency")
    value = Decimal((amount.text or "").strip())
    if not value.is_finite() or value < 0:
        raise ValueError("amount")
    return sign * value


def _row(entry: etree._Element, amount: Decimal, balance: Decimal) -> dict[str, str | None]:
    moment = text_at(entry, "BookgDt/DtTm") or text_at(entry, "BookgDt/Dt") or ""
    party = entry.find("NtryDtls/TxDtls/RltdPties/" + ("Dbtr/Pty" if amount > 0 else "Cdtr/Pty"))
    return {
        "booked_date": moment[:10],
        "booked_time": moment[11:16] or None,
        "amount": f"{amount:f}",
        "balance": f"{balance:f}",
        "counterparty_id": text_at(party, "Id/OrgId/Othr/Id"),
        "counterparty_name": text_at(party, "Nm"),
        "purpose": text_at(entry, "NtryDtls/TxDtls/RmtInf/Ustrd"),
        "entry_ref": text_at(entry, "AcctSvcrRef"),
    }
