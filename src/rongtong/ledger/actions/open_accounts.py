"""Open accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Conflict, Forbidden
from rongtong.ledger import models
from rongtong.ledger.contracts import AccountDraft, AccountId, AccountKind
from rongtong.ledger.queries.accounts import find_accounts


class AccountDiffers(Conflict):
    """An account of this kind and reference exists for another lender or firm."""

    code = "account_differs"
    message = _("This account exists for another lender or firm.")


class OwnerNotLicensed(Forbidden):
    """An account was to belong to something that is no licensed institution, such as the platform."""

    code = "owner_not_licensed"
    message = _("An account can belong to a licensed institution only; the platform holds no money.")


def open_accounts(
    *, drafts: Sequence[AccountDraft], actor: Actor, at: datetime
) -> dict[tuple[AccountKind, UUID], AccountId]:
    """Open what is not open yet; the ids of all by kind and reference. The caller's deed tells why.

    Raises AccountDiffers, OwnerNotLicensed.
    """
    rows = [
        models.Account(
            kind=draft.kind,
            lender_id=draft.lender_id,
            enterprise_id=draft.enterprise_id,
            reference=draft.reference,
            actor=str(actor)[:100],
            recorded_at=at,
            **actor.behalf(),
        )
        for draft in drafts
    ]
    try:
        with transaction.atomic():
            models.Account.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)
            found = find_accounts(references={draft.reference for draft in drafts})
    except IntegrityError as error:
        if "no licensed institution" in str(error):
            raise OwnerNotLicensed(owners=sorted({str(draft.lender_id) for draft in drafts})) from error
        raise
    for draft in drafts:
        account = found.get((draft.kind, draft.reference))
        if account is None or (account.lender_id, account.enterprise_id) != (draft.lender_id, draft.enterprise_id):
            raise AccountDiffers(kind=draft.kind, reference=draft.reference)
    return {(draft.kind, draft.reference): AccountId(found[draft.kind, draft.reference].id) for draft in drafts}
