"""A lender with a bank that answers in ISO 20022, a firm, and a signed agreement between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from lxml import etree

from rongtong.core.actors import Actor, system_actor
from rongtong.core.ids import new_id
from rongtong.core.tenancy import as_platform
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountKind
from rongtong.origination.contracts import Agreement, AgreementState
from rongtong.parties.contracts import OrganisationKind
from rongtong.parties.models import Identifier, Organisation
from rongtong.servicing import facade, models
from rongtong.servicing.adapters.banks import BankUnavailable
from rongtong.servicing.contracts import Facility, Loan

AT = datetime(2026, 1, 15, 2, 0, tzinfo=UTC)
LATER = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
"""When a statement is brought by hand: after all that it speaks of."""
DAY = date(2026, 1, 15)
ACTOR = system_actor("test")


@dataclass
class FakeBank:
    """A lender's bank in process: takes each message once, pays what its `pays` says, and reports by day."""

    pays: dict[str, int] = field(default_factory=dict)
    """Percent of a collection that a debtor's account yields; 100 where it is not named."""
    refuses: set[str] = field(default_factory=set)
    down: bool = False
    messages: list[str] = field(default_factory=list)
    entries: dict[date, dict[str, str]] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)

    def pay(self, lender_code: str, xml: str) -> bytes:
        return self._take(xml, "CdtTrfTxInf", "DBIT")

    def collect(self, lender_code: str, xml: str) -> bytes:
        return self._take(xml, "DrctDbtTxInf", "CRDT")

    def statement(self, lender_code: str, day: date) -> bytes:
        if self.down:
            raise BankUnavailable(why="down")
        return statement(list(self.entries.get(day, {}).values()))

    def _take(self, xml: str, name: str, direction: str) -> bytes:
        if self.down:
            raise BankUnavailable(why="down")
        root = etree.fromstring(xml.encode())
        ns = {"m": etree.QName(root).namespace}
        message_id = root.findtext(".//m:GrpHdr/m:MsgId", namespaces=ns)
        self.messages.append(message_id)
        day = date.fromisoformat(
            root.findtext(".//m:ReqdExctnDt/m:Dt", namespaces=ns) or root.findtext(".//m:ReqdColltnDt", namespaces=ns)
        )
        statuses = []
        for node in root.findall(f".//m:{name}", ns):
            end_to_end = node.findtext("m:PmtId/m:EndToEndId", namespaces=ns)
            firm = node.findtext(
                ".//m:Cdtr/m:Id/m:OrgId/m:Othr/m:Id" if direction == "DBIT" else "m:Dbtr/m:Id/m:OrgId/m:Othr/m:Id",
                namespaces=ns,
            )
            refused = firm in self.refuses
            taken = "ACSC" if direction == "DBIT" else "ACCP"
            statuses.append((end_to_end, "RJCT" if refused else taken))
            amount = int(Decimal(node.findtext(".//m:InstdAmt", namespaces=ns)) * 100)
            moved = amount if direction == "DBIT" else amount * self.pays.get(firm, 100) // 100
            if moved and not refused:
                self.entries.setdefault(day, {}).setdefault(
                    end_to_end, entry(f"R-{end_to_end}", direction, moved, day, end_to_end)
                )
        return self.answers.setdefault(message_id, report(statuses))


def entry(reference: str, direction: str, minor: int, day: date, end_to_end: str, currency: str = "CNY") -> str:
    return (
        f'<Ntry><Amt Ccy="{currency}">{minor // 100}.{minor % 100:02d}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
    )


def statement(entries: list[str]) -> bytes:
    space = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
    body = f"<BkToCstmrDbtCdtNtfctn><GrpHdr/><Ntfctn>{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn>"
    return f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{space}">{body}</Document>'.encode()


def report(statuses: list[tuple[str, str]]) -> bytes:
    space = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
    nodes = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{key}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        + ("<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></StsRsnInf>" if status == "RJCT" else "")
        + "</TxInfAndSts>"
        for key, status in statuses
    )
    body = f"<CstmrPmtStsRpt><GrpHdr/><OrgnlPmtInfAndSts>{nodes}</OrgnlPmtInfAndSts></CstmrPmtStsRpt>"
    return f'<Document xmlns="{space}">{body}</Document>'.encode()


@dataclass
class Market:
    """One lender with its bank."""

    lender_id: UUID
    bank: FakeBank

    def firm(self, uscc: str = "") -> UUID:
        with as_platform():
            made = Organisation.objects.create(kind=OrganisationKind.ENTERPRISE, name="清江精密机械有限公司")
            value = uscc or f"F{made.id.hex[-16:]}"
            Identifier.objects.create(organisation=made, scheme="test", value=value, check_result="UNCHECKED")
        return made.id

    def agreement(self, enterprise_id: UUID | None = None, **changes: object) -> Agreement:
        key = new_id()
        values: dict[str, object] = {
            "id": key,
            "number": f"RT-{key.hex[-12:]}",
            "application_id": new_id(),
            "decision_id": new_id(),
            "enterprise_id": enterprise_id or self.firm(),
            "lender_id": self.lender_id,
            "product_id": new_id(),
            "amount_minor": 30_000_000,
            "term_months": 12,
            "annual_rate": Decimal("0.06"),
            "penalty_rate": Decimal("0.09"),
            "fees_minor": 0,
            "repayment_method": "annuity",
            "annual_cost_simple": Decimal("0.06"),
            "annual_cost_effective": Decimal("0.0617"),
            "start_date": DAY,
            "state": AgreementState.SIGNED,
            "pdf_digest": "0" * 64,
            "prepared_at": AT,
            "firm_signed_at": AT,
            "lender_signed_at": AT,
        }
        return Agreement(**(values | changes))  # type: ignore[arg-type]  # the values are the contract's own

    def facility(self, **changes: object) -> Facility:
        return facade.open_facility(agreement=self.agreement(**changes), actor=ACTOR, at=AT)  # type: ignore[arg-type]  # as above

    def instructed(self, **changes: object) -> Loan:
        line = self.facility(**changes)
        return facade.request_drawdown(
            facility_id=line.id, amount_minor=line.first_drawdown_minor, business_date=DAY, actor=ACTOR, at=AT
        )

    def active(self, **changes: object) -> Loan:
        made = self.instructed(**changes)
        self.send()
        return facade.loan(loan_id=made.id)

    def send(self) -> object:
        return facade.send_instructions(actor=ACTOR, at=AT, bank=self.bank)  # type: ignore[arg-type]  # the bank in process

    def statement(self, content: bytes | None = None, day: date | None = None):  # type: ignore[no-untyped-def]  # a report
        return facade.import_statement(
            lender_id=self.lender_id,
            business_date=day,
            content=content,
            actor=ACTOR,
            at=AT if content is None else LATER,
            bank=self.bank,  # type: ignore[arg-type]  # as above
        )

    def collect(self, day: date):  # type: ignore[no-untyped-def]  # a report
        facade.send_collections(business_date=day, actor=ACTOR, at=AT, bank=self.bank)  # type: ignore[arg-type]  # as above
        return self.statement(day=day)

    def close(self, day: date):  # type: ignore[no-untyped-def]  # a report
        return facade.close_of_business(business_date=day, actor=ACTOR, at=AT)

    def live(self, start: date, end: date, *, every: int = 1) -> None:
        """Collect and close day by day."""
        day = start
        while day <= end:
            self.collect(day)
            self.close(day)
            day += timedelta(days=every)


def member_of(lender_id: UUID) -> str:
    """A number in the clearing system."""
    return f"{lender_id.int % 10**12:012d}"


def make_market() -> Market:
    with as_platform():
        lender = Organisation.objects.create(kind=OrganisationKind.INSTITUTION, name="清江银行股份有限公司")
        Identifier.objects.create(
            organisation=lender, scheme="rongtong.lender", value=f"bank_{lender.id.hex[-8:]}", check_result="UNCHECKED"
        )
        Identifier.objects.create(
            organisation=lender, scheme="cnaps", value=member_of(lender.id), check_result="UNCHECKED"
        )
    return Market(lender.id, FakeBank())


@pytest.fixture
def market(db: None) -> Iterator[Market]:
    made = make_market()
    with as_platform():
        yield made


def actor_of(organisation_id: UUID) -> Actor:
    return Actor("user", "u", "u", organisation_id)


def fetch(loan: Loan) -> Loan:
    return facade.loan(loan_id=loan.id)


def books(loan: Loan) -> dict[AccountKind, int]:
    return {kind: minor for (kind, _), minor in ledger.balances_of(references=[loan.id]).items() if minor}


def asked(loan: Loan) -> models.Instruction:
    return models.Instruction.objects.filter(loan_id=loan.id).order_by("-id")[0]
