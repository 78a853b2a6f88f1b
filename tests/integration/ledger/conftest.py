"""A lender, a firm, and accounts between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from rongtong.core.actors import system_actor
from rongtong.core.ids import new_id
from rongtong.core.tenancy import as_platform
from rongtong.ledger import facade
from rongtong.ledger.contracts import AccountDraft, AccountId, AccountKind, TransferDraft
from rongtong.parties.contracts import OrganisationKind
from rongtong.parties.models import Organisation

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = date(2026, 3, 2)
ACTOR = system_actor("test")
KINDS = (AccountKind.PRINCIPAL_RECEIVABLE, AccountKind.FUNDING, AccountKind.COLLECTIONS)


@dataclass(frozen=True)
class Books:
    """The accounts of one loan."""

    lender_id: UUID
    enterprise_id: UUID
    loan_id: UUID
    accounts: dict[AccountKind, AccountId]

    def drawn(self, minor: int, reference: str, *, day: date = DAY) -> TransferDraft:
        return self.transfer(AccountKind.PRINCIPAL_RECEIVABLE, AccountKind.FUNDING, minor, reference, day)

    def repaid(self, minor: int, reference: str, *, day: date = DAY) -> TransferDraft:
        return self.transfer(AccountKind.COLLECTIONS, AccountKind.PRINCIPAL_RECEIVABLE, minor, reference, day)

    def transfer(
        self, debit: AccountKind, credit: AccountKind, minor: int, reference: str, day: date = DAY
    ) -> TransferDraft:
        return TransferDraft(self.accounts[debit], self.accounts[credit], minor, "test", reference, day)


def institution() -> UUID:
    with as_platform():
        return Organisation.objects.create(kind=OrganisationKind.INSTITUTION, name="清江银行").id


def books(lender_id: UUID | None = None) -> Books:
    lender, firm, loan = lender_id or institution(), new_id(), new_id()
    with as_platform():
        made = facade.open_accounts(
            drafts=[AccountDraft(kind, lender, firm, loan) for kind in KINDS], actor=ACTOR, at=AT
        )
    return Books(lender, firm, loan, {kind: made[kind, loan] for kind in KINDS})


@pytest.fixture
def loan(db: None) -> Books:
    return books()
