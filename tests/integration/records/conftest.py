"""A warehouse of its own for each test, and a small market: the platform, a lender, firms with consents."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Authorisation, Grantee
from rongtong.core.actors import Actor, system_actor
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Licence, LicenceType, Organisation
from rongtong.records import facade as records
from rongtong.records.contracts import ITEMS, ImportReport, RecordsRead
from tests.authorisations import draft_of, entries

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
ACTOR = system_actor("test")
AUTHORISATION = "企业书面授权融通平台及其接入的资金方查询、使用其发票数据。"
HEADER = "enterprise,invoice_no,date,counterparty,amount,tax,total,status"


@dataclass
class Market:
    """What the tests work on; `write` makes files, `import_files` imports them."""

    folder: Path
    actor: Actor = ACTOR
    at: datetime = AT
    platform: Organisation = field(init=False)
    lender: Organisation = field(init=False)

    def __post_init__(self) -> None:
        self.platform = parties.platform()
        self._agreed: set[tuple[uuid.UUID, str]] = set()
        self.lender = parties.register_institution(
            name="清江银行股份有限公司",
            code="qingjiang_bank",
            uscc="914403001922038216",
            licence=Licence(LicenceType.BANK, "B0001", ("loan",), "33", date(2015, 1, 1), date(2031, 12, 31)),
            region_code="330000",
            actor=ACTOR,
            at=AT,
        )

    def write(self, name: str, lines: Sequence[str], *, header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes("\n".join([header, *lines, ""]).encode(encoding))
        return path

    def import_files(
        self,
        sales: Sequence[str],
        purchases: Sequence[str] = (),
        *,
        firms: Sequence[str] | None = None,
        text: str = AUTHORISATION,
        at: datetime = AT,
        encoding: str = "utf-8",
    ) -> ImportReport:
        report = self._import(sales, purchases, firms=firms, text=text, at=at, encoding=encoding)
        self._authorise_once(text, at)
        return report

    def assert_only(self, sales: Sequence[str], text: str = AUTHORISATION) -> ImportReport:
        """Import files whose firms have authorised nothing themselves."""
        return self._import(sales, (), firms=None, text=text, at=AT, encoding="utf-8")

    def _authorise_once(self, text: str, at: datetime) -> None:
        """Each firm agrees itself to what is asserted of it."""
        firms = parties.organisations(records.enterprises_with_records()).values()
        told = [one for one in firms if text in {claim.text for claim in consent.assertions_of(enterprise_id=one.id)}]
        waiting = [firm for firm in told if (firm.id, text) not in self._agreed]
        self.authorise(*waiting, items=("invoices", "portrait"), at=at)
        self._agreed |= {(firm.id, text) for firm in waiting}

    def _import(
        self,
        sales: Sequence[str],
        purchases: Sequence[str],
        *,
        firms: Sequence[str] | None,
        text: str,
        at: datetime,
        encoding: str,
    ) -> ImportReport:
        return records.import_invoices(
            sales=self.write("sales.csv", sales, encoding=encoding),
            purchases=self.write("purchases.csv", purchases, encoding=encoding),
            enterprises=self.write("firms.csv", firms, header="enterprise,name") if firms is not None else None,
            authorisation=text,
            actor=self.actor,
            at=at,
        )

    def firm(self, code: str = "E1") -> uuid.UUID:
        return parties.by_identifier(scheme="invoices_cn", values=[code])[code]

    def read(self, *firms: uuid.UUID, reader: uuid.UUID | None = None, **options: object) -> RecordsRead:
        asked: dict[str, object] = {
            "reader_id": reader or self.platform.id,
            "enterprise_ids": list(firms or [self.firm()]),
            "item": "invoices",
            "purpose": "financing",
            "actor": ACTOR,
            "at": AT,
            "as_of": date(2026, 11, 2),
        }
        return records.read(**asked | options)  # type: ignore[arg-type]  # a test's shorthand

    def register(self, *codes: str, generated: bool = False) -> tuple[Organisation, ...]:
        drafts = [EnterpriseDraft(f"企业{code}", (("uscc", code),), generated=generated) for code in codes]
        return parties.register_enterprises(drafts=drafts, actor=ACTOR, at=AT)

    def authorise(
        self,
        *firms: Organisation,
        items: Sequence[str] = ITEMS,
        days: int = 365,
        retention: int = 1825,
        since: date = date(2015, 1, 1),
        at: datetime = AT,
    ) -> tuple[Authorisation, ...]:
        drafts = [
            draft_of(
                firm.id,
                entries(
                    grantees=[Grantee(self.platform.id, self.platform.name, "platform")],
                    items=items,
                    purposes=("financing", "post_loan"),
                    range_from=since,
                    range_to=date(2030, 1, 1),
                    retention_days=retention,
                ),
                at=at,
                days=days,
                form="paper",
            )
            for firm in firms
        ]
        return consent.grant_consents(drafts=drafts, actor=ACTOR, at=at)


@pytest.fixture
def warehouse(settings, tmp_path: Path) -> Path:
    settings.RECORDS_WAREHOUSE = str(tmp_path / "warehouse")
    settings.RECORDS_CATALOGUE = uuid.uuid4().hex
    return tmp_path / "warehouse"


@pytest.fixture
def market(db, warehouse: Path, tmp_path: Path):
    with as_platform():
        yield Market(folder=tmp_path)
