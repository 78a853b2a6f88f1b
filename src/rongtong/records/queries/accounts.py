"""Which bank keeps which account of which firm, and how far that is settled."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from rongtong.core.tenancy import as_platform
from rongtong.records import models
from rongtong.records.contracts import AccountKeeping, AccountKeepingId, AccountStanding, KeepingState


def account_keepings() -> tuple[AccountKeeping, ...]:
    """All that the one who looks may see, the latest first: a firm its accounts, a bank those that it keeps, the operator all."""
    return tuple(map(contract, models.AccountKeeping.objects.order_by("-recorded_at", "-id")))


def confirmed_accounts(*, institution_id: UUID, enterprise_ids: Sequence[UUID]) -> frozenset[tuple[UUID, str]]:
    """Firm and number of each account that a bank is confirmed to keep."""
    rows = models.AccountKeeping.objects.filter(
        institution_id=institution_id, enterprise_id__in=list(enterprise_ids), state=KeepingState.CONFIRMED.value
    )
    return frozenset(rows.values_list("enterprise_id", "account_number"))


def own_account(*, enterprise_id: UUID) -> AccountKeeping | None:
    """The account of a firm that its bank confirmed, or else one that the firm itself named; the latest, None where there is none."""
    rows = models.AccountKeeping.objects.filter(enterprise_id=enterprise_id).order_by("-recorded_at", "-id")
    row = (
        rows.filter(state=KeepingState.CONFIRMED.value).first()
        or rows.filter(state=KeepingState.NAMED.value, named_by_id=enterprise_id).first()
    )
    return contract(row) if row else None


def account_standing(*, enterprise_id: UUID, account_number: str) -> AccountStanding:
    """What is known of an account that a firm calls its own, at whichever bank; asked as the platform, for who is to pay to it."""
    number = "".join(account_number.split()).upper()
    with as_platform():
        kept = models.AccountKeeping.objects.filter(account_number=number).exclude(state=KeepingState.ENDED.value)
        found = set(kept.values_list("enterprise_id", "state"))
    if (enterprise_id, KeepingState.CONFIRMED.value) in found:
        return AccountStanding.CONFIRMED
    if any(state == KeepingState.CONFIRMED.value for _, state in found):
        return AccountStanding.FOREIGN
    return AccountStanding.NAMED if any(firm == enterprise_id for firm, _ in found) else AccountStanding.UNKNOWN


def contract(row: models.AccountKeeping) -> AccountKeeping:
    """A keeping's row as others see it."""
    return AccountKeeping(
        id=AccountKeepingId(row.id),
        enterprise_id=row.enterprise_id,
        institution_id=row.institution_id,
        account_number=row.account_number,
        state=KeepingState(row.state),
        named_by=row.named_by_id,
        recorded_at=row.recorded_at,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
    )
