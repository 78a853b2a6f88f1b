"""Two firms, a bank, and what they may say."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rongtong.consent import facade as consent
from rongtong.consent.contracts import ConsentDraft, Grantee, Item, Purpose
from rongtong.core.actors import system_actor
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Licence, LicenceType
from tests.authorisations import draft_of, entries

ACTOR = system_actor("test")
AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)


TERMS = {
    "grantees",
    "items",
    "purposes",
    "range_from",
    "range_to",
    "retention_days",
    "mode",
    "fetch",
    "frequency_days",
    "fields",
}


class World:
    """Two firms, a bank, and what they may say."""

    def __init__(self) -> None:
        self.firm, self.other = parties.register_enterprises(
            drafts=[EnterpriseDraft(name, (("set", name),), legal_representative="李明") for name in ("甲", "乙")],
            actor=ACTOR,
            at=AT,
        )
        self.bank = parties.register_institution(
            name="清江银行",
            code="qingjiang_bank",
            uscc="914403001922038216",
            licence=Licence(LicenceType.BANK, "B0001", ("loan",), "33", date(2015, 1, 1), date(2031, 12, 31)),
            region_code="330000",
            actor=ACTOR,
            at=AT,
        )

    def draft(self, **more) -> ConsentDraft:
        terms = {"grantees": (self.bank_as("lender"),), "items": (Item.TAX, Item.INVOICES)}
        terms |= {name: more.pop(name) for name in tuple(more) if name in TERMS}
        return replace(draft_of(self.firm.id, entries(**terms), at=AT), **more)

    def bank_as(self, role: str) -> Grantee:
        return Grantee(self.bank.id, self.bank.name, role)

    def grant(self, **more):
        return consent.grant_consent(draft=self.draft(**more), actor=ACTOR, at=AT)

    def ask(self, *firms, gate=consent.permitted, **more):
        given = {"item": Item.TAX, "purpose": Purpose.FINANCING, "at": LATER, "reader_id": self.bank.id} | more
        return gate(enterprise_ids=[one.id for one in firms or (self.firm,)], actor=ACTOR, **given)


@pytest.fixture
def world(db):
    with as_platform():
        yield World()
