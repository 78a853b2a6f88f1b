"""Bank flows as ISO 20022 camt.053.001.08: one statement per account, opening and closing balance, entries in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from rongtong.simulator.reference.words import BANK_NAME, OFFICES, PURPOSES
from rongtong.simulator.server.store import Columns, Region
from rongtong.simulator.server.text import GENERATED_NOTE, clock, escape, iso, yuan
from rongtong.simulator.world.calendar import day_number, first_day, month_of

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def statement_document(region: Region, firms: Sequence[int], since: date, until: date) -> Iterator[bytes]:
    """One document for all the firms, yielded a statement at a time."""
    created = f"{until.isoformat()}T23:59:59"
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><BkToCstmrStmt><GrpHdr>'
        f"<MsgId>SIM{since:%Y%m%d}{until:%Y%m%d}</MsgId><CreDtTm>{created}</CreDtTm>"
        f"<AddtlInf>{GENERATED_NOTE}</AddtlInf></GrpHdr>"
    ).encode()
    low = day_number(since)
    month = _known_month(region, since)
    balances = region.rows("balances", firms, since=month, until=month)
    opening: dict[int, int] = dict(zip(balances["firm"].tolist(), balances["opening"].tolist(), strict=True))
    rows = region.rows("bank_flows", firms, since=month, until=until)
    by_firm = _split(rows, firms)
    for firm in firms:
        if int(str(region.parties["established_day"][firm])) > day_number(until):
            continue
        entries = by_firm.get(firm, [])
        before = opening.get(firm, 0) + sum(entry[2] for entry in entries if entry[0] < low)
        yield _statement(region, firm, (since, until), before, [entry for entry in entries if entry[0] >= low])
    yield b"</BkToCstmrStmt></Document>"


Entry = tuple[int, int, int, int, int, int]
"""Day, second, amount, counterparty, purpose, seq."""


def _known_month(region: Region, since: date) -> date:
    """First day of the month of `since`, or of the nearest month there is: where balances are known."""
    last = first_day(month_of(region.summary.last_date))
    return min(max(first_day(month_of(since)), region.summary.start_date), last)


def _split(rows: Columns, firms: Sequence[int]) -> dict[int, list[Entry]]:
    found: dict[int, list[Entry]] = {firm: [] for firm in firms}
    names = ("firm", "day", "second", "amount", "counterparty", "purpose", "seq")
    for firm, *entry in zip(*(rows[name].tolist() for name in names), strict=True):
        found[firm].append(tuple(entry))
    return found


def _statement(region: Region, firm: int, window: tuple[date, date], before: int, entries: list[Entry]) -> bytes:
    since, until = window
    parties = region.parties
    code, name, account = parties["uscc"][firm], escape(str(parties["name"][firm])), parties["account"][firm]
    after = before + sum(entry[2] for entry in entries)
    head = (
        f"<Stmt><Id>{account}{since:%y%m%d}{until:%y%m%d}</Id><CreDtTm>{until.isoformat()}T23:59:59</CreDtTm>"
        f"<FrToDt><FrDtTm>{since.isoformat()}T00:00:00</FrDtTm><ToDtTm>{until.isoformat()}T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>CNY</Ccy><Nm>{name}</Nm><Ownr><Nm>{name}</Nm><Id><OrgId><Othr>"
        f"<Id>{code}</Id><SchmeNm><Prtry>USCC</Prtry></SchmeNm></Othr></OrgId></Id></Ownr><Svcr><FinInstnId>"
        f"<Nm>{BANK_NAME}</Nm></FinInstnId></Svcr></Acct>"
        f"{_balance('OPBD', before, since)}{_balance('CLBD', after, until)}"
        f"<TxsSummry><TtlNtries><NbOfNtries>{len(entries)}</NbOfNtries></TtlNtries></TxsSummry>"
    )
    body = "".join(_entry(region, number, entry) for number, entry in enumerate(entries, start=1))
    return f"{head}{body}</Stmt>".encode()


def _balance(kind: str, fen: int, day: date) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{yuan(abs(fen))}</Amt>'
        f"<CdtDbtInd>{'DBIT' if fen < 0 else 'CRDT'}</CdtDbtInd><Dt><Dt>{day.isoformat()}</Dt></Dt></Bal>"
    )


def _entry(region: Region, number: int, entry: Entry) -> str:
    day, second, amount, counterparty, purpose, seq = entry
    booked = iso(day)
    reference = f"{booked.replace('-', '')}{seq:012d}"
    if counterparty >= 0:
        code = region.parties["uscc"][counterparty]
        party = (
            f"<Nm>{escape(str(region.parties['name'][counterparty]))}</Nm><Id><OrgId><Othr><Id>{code}</Id>"
            "<SchmeNm><Prtry>USCC</Prtry></SchmeNm></Othr></OrgId></Id>"
        )
    else:
        party = f"<Nm>{OFFICES[-1 - counterparty]}</Nm>"
    side = "Dbtr" if amount >= 0 else "Cdtr"
    return (
        f'<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="CNY">{yuan(abs(amount))}</Amt>'
        f"<CdtDbtInd>{'CRDT' if amount >= 0 else 'DBIT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><DtTm>{booked}T{clock(second)}</DtTm></BookgDt><ValDt><Dt>{booked}</Dt></ValDt>"
        f"<AcctSvcrRef>{reference}</AcctSvcrRef><BkTxCd><Prtry><Cd>{100 + purpose}</Cd></Prtry></BkTxCd><NtryDtls><TxDtls>"
        f"<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><{side}><Pty>{party}</Pty></{side}></RltdPties>"
        f"<RmtInf><Ustrd>{PURPOSES[purpose]}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )
