"""Bank statements, ISO 20022 camt.053.001.08. The balance after each entry is computed, and must end at the closing balance."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from lxml import etree

from rongtong.sources.contracts import ACCOUNT, Cast, Column, RawRows, SourceKind
from rongtong.sources.errors import MessageMalformed
from rongtong.sources.formats.rows import RowBuilder
from rongtong.sources.formats.xml import parse_xml, parts, text_at, verbatim

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
_OWNER = ("Ownr", "Id", "OrgId", "Othr", "Id")


def parse_bank_flows(payload: bytes, _subjects: frozenset[str]) -> RawRows:
    """One row for each entry; entries of a statement whose balances disagree are refused all together."""
    builder = RowBuilder(SourceKind.BANK_FLOWS, _LAYOUT, beside=[ACCOUNT])
    root = parse_xml(payload, SourceKind.BANK_FLOWS)
    if root.tag != f"{_NAMESPACE}Document" or root.find(f"{_NAMESPACE}BkToCstmrStmt") is None:
        raise MessageMalformed(kind=SourceKind.BANK_FLOWS.value, detail=_("it is no camt.053.001.08 statement"))
    for statement in root.iter(f"{_NAMESPACE}Stmt"):
        _add_statement(builder, statement)
    return builder.rows()


def _add_statement(builder: RowBuilder, statement: etree._Element) -> None:
    holder = parts(statement).get("Acct")
    owner, account = text_at(holder, *_OWNER), text_at(holder, "Id", "Othr", "Id") or ""
    entries = statement.findall(f"{_NAMESPACE}Ntry")
    try:
        balance = _balance(statement, "OPBD")
        rows = []
        for entry in entries:
            fields = parts(entry)
            amount = _amount(fields)
            balance += amount
            rows.append(_row(fields, amount, balance) | {"subject": owner})
        agrees = balance == _balance(statement, "CLBD")
    except (InvalidOperation, KeyError, ValueError):
        agrees, rows = False, []
    if not agrees:
        for entry in entries:
            builder.refuse("balances_disagree", verbatim(entry))
        return
    for row in rows:
        builder.add(
            row | {ACCOUNT: account.strip(), "entry_ref": f"{account}/{row['entry_ref']}" if row["entry_ref"] else None}
        )


def _balance(statement: etree._Element, code: str) -> Decimal:
    for balance in statement.findall(f"{_NAMESPACE}Bal"):
        fields = parts(balance)
        if text_at(fields.get("Tp"), "CdOrPrtry", "Cd") == code:
            return _amount(fields)
    raise KeyError(code)


def _amount(fields: dict[str, etree._Element]) -> Decimal:
    """Signed: credits are positive. Raises KeyError, ValueError, InvalidOperation."""
    amount = fields["Amt"]
    sign = {"CRDT": 1, "DBIT": -1}[fields["CdtDbtInd"].text or ""]
    if amount.get("Ccy") != "CNY":
        raise ValueError("currency")
    value = Decimal((amount.text or "").strip())
    if not value.is_finite() or value < 0:
        raise ValueError("amount")
    return sign * value


def _row(fields: dict[str, etree._Element], amount: Decimal, balance: Decimal) -> dict[str, str | None]:
    booked = parts(fields.get("BookgDt"))
    moment = text_at(booked.get("DtTm") if "DtTm" in booked else booked.get("Dt")) or ""
    details = parts(parts(fields.get("NtryDtls")).get("TxDtls"))
    party = parts(parts(parts(details.get("RltdPties")).get("Dbtr" if amount > 0 else "Cdtr")).get("Pty"))
    return {
        "booked_date": moment[:10],
        "booked_time": moment[11:16] or None,
        "amount": f"{amount:f}",
        "balance": f"{balance:f}",
        "counterparty_id": text_at(party.get("Id"), "OrgId", "Othr", "Id"),
        "counterparty_name": text_at(party.get("Nm")),
        "purpose": text_at(details.get("RmtInf"), "Ustrd"),
        "entry_ref": text_at(fields.get("AcctSvcrRef")),
    }
