"""Accounts, balances and entries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Sum

from rongtong.ledger import models
from rongtong.ledger.contracts import AccountId, AccountKind, Entry, TransferId


def find_accounts(*, references: Iterable[UUID]) -> dict[tuple[AccountKind, UUID], models.Account]:
    """The rows of the accounts of references."""
    rows = models.Account.objects.filter(reference__in=list(references))
    return {(AccountKind(row.kind), row.reference): row for row in rows}


def account_ids(*, references: Iterable[UUID]) -> dict[tuple[AccountKind, UUID], AccountId]:
    """The ids of the open accounts of references, such as loans, by kind and reference."""
    rows = models.Account.objects.filter(reference__in=list(references)).values_list("kind", "reference", "id")
    return {(AccountKind(kind), reference): AccountId(key) for kind, reference, key in rows}


def balances(
    *, account_ids: Collection[AccountId], on: date | None = None, known_at: datetime | None = None
) -> dict[AccountId, int]:
    """Debits less credits in fen: now, or of the books up to and with a business date, as known at a moment."""
    if on is None and known_at is None:
        rows = models.Account.objects.filter(id__in=account_ids).values_list("id", "balance")
        return {AccountId(key): balance for key, balance in rows}
    entries = models.Entry.objects.filter(account_id__in=account_ids)
    if on is not None:
        entries = entries.filter(business_date__lte=on)
    if known_at is not None:
        entries = entries.filter(recorded_at__lte=known_at)
    sums = dict(entries.values_list("account_id").annotate(total=Sum("minor")))
    return {key: int(sums.get(key, 0)) for key in account_ids}


def balances_of(*, references: Collection[UUID], on: date | None = None) -> dict[tuple[AccountKind, UUID], int]:
    """The balances of all accounts of references, by kind and reference."""
    rows = models.Account.objects.filter(reference__in=references).values_list("kind", "reference", "id", "balance")
    named = {AccountId(key): (AccountKind(kind), reference) for kind, reference, key, _balance in rows}
    if on is None:
        return {named[AccountId(key)]: balance for _kind, _reference, key, balance in rows}
    return {named[key]: balance for key, balance in balances(account_ids=list(named), on=on).items()}


def entries(*, references: Collection[UUID], limit: int = 1000) -> tuple[Entry, ...]:
    """The newest entries on the accounts of references, oldest of them first."""
    rows = (
        models.Entry.objects.filter(account__reference__in=references)
        .select_related("account", "transfer")
        .order_by("-transfer_id", "-minor")[:limit]
    )
    return tuple(reversed([_contract(row) for row in rows]))


def _contract(row: models.Entry) -> Entry:
    return Entry(
        transfer_id=TransferId(row.transfer_id),
        account_id=AccountId(row.account_id),
        kind=AccountKind(row.account.kind),
        account_reference=row.account.reference,
        minor=row.minor,
        previous_balance=row.previous_balance,
        current_balance=row.current_balance,
        account_version=row.account_version,
        code=row.transfer.code,
        reference=row.transfer.reference,
        business_date=row.business_date,
        occurred_at=row.transfer.occurred_at,
        recorded_at=row.recorded_at,
    )
