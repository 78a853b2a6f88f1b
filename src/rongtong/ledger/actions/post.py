"""Post transfers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Conflict, Invalid, NotFound
from rongtong.core.ids import new_id
from rongtong.ledger import models
from rongtong.ledger.contracts import TransferDraft, TransferId


class TransferMalformed(Invalid):
    """A transfer's amount is not a positive whole number of fen, or both its sides are one account."""

    code = "transfer_malformed"
    message = _("A transfer moves a positive whole number of fen between two accounts.")


class TransferDiffers(Conflict):
    """A transfer of this reference was posted before with other content."""

    code = "transfer_differs"
    message = _("A transfer with the reference %(reference)s was posted before with other content.")


class AccountUnknown(NotFound):
    """A transfer names an account that does not exist, or not for this viewer."""

    code = "account_unknown"
    message = _("There is no such account.")


class AccountsUnrelated(Conflict):
    """A transfer would move money between two lenders, two firms or two currencies."""

    code = "accounts_unrelated"
    message = _("Both accounts of a transfer belong to one lender, one firm and one currency.")


class AccountOverdrawn(Conflict):
    """A transfer would take an account to the wrong side of zero, such as more principal repaid than is owed."""

    code = "account_overdrawn"
    message = _("The account does not hold that much.")


_LOCK = "SELECT id FROM ledger_account WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_INSERT = """
INSERT INTO ledger_transfer (id, posting_id, debit_id, credit_id, minor, currency, code, reference, business_date,
                             occurred_at, recorded_at, lender_id, enterprise_id)
SELECT t.id, %s, t.debit, t.credit, t.minor, a.currency, t.code, t.reference, t.business_date, t.occurred_at, %s,
       a.lender_id, a.enterprise_id
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::date[], %s::timestamptz[])
     AS t (id, debit, credit, minor, code, reference, business_date, occurred_at)
JOIN ledger_account a ON a.id = t.debit
ORDER BY t.id
ON CONFLICT (reference) DO NOTHING"""


def post(
    *, transfers: Sequence[TransferDraft], actor: Actor, at: datetime, posting_id: UUID | None = None
) -> tuple[TransferId, ...]:
    """Post all transfers or none, in the order given; one whose reference is known with equal content stays as it is.

    `posting_id` names the posting for evidence. Raises TransferMalformed, TransferDiffers, AccountUnknown,
    AccountsUnrelated, AccountOverdrawn.
    """
    if not transfers:
        return ()
    _refuse_malformed(transfers)
    accounts = sorted({account for draft in transfers for account in (draft.debit, draft.credit)})
    try:
        with transaction.atomic():
            posting = models.Posting.objects.create(
                id=posting_id or new_id(), actor=str(actor), recorded_at=at, **actor.behalf()
            )
            with connection.cursor() as cursor:
                cursor.execute(_LOCK, [accounts])  # in the order of ids, before anything else is held
                if cursor.rowcount < len(accounts):
                    raise AccountUnknown()
                cursor.execute(_INSERT, [posting.id, at, *_columns(transfers, at)])
            return _posted(transfers)
    except IntegrityError as error:
        _explain(error)
        raise


def _columns(transfers: Sequence[TransferDraft], at: datetime) -> list[list[object]]:
    rows = [
        (new_id(), one.debit, one.credit, one.minor, one.code, one.reference, one.business_date, one.occurred_at or at)
        for one in transfers
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _refuse_malformed(transfers: Sequence[TransferDraft]) -> None:
    for draft in transfers:
        whole = isinstance(draft.minor, int) and not isinstance(draft.minor, bool)
        if not whole or draft.minor <= 0 or draft.debit == draft.credit:
            raise TransferMalformed(reference=draft.reference, minor=draft.minor)


def _posted(transfers: Sequence[TransferDraft]) -> tuple[TransferId, ...]:
    rows = models.Transfer.objects.filter(reference__in=[draft.reference for draft in transfers])
    columns = ("reference", "id", "debit_id", "credit_id", "minor", "code", "business_date")
    found = {reference: (key, tuple(content)) for reference, key, *content in rows.values_list(*columns)}
    ids = []
    for draft in transfers:
        key, content = found.get(draft.reference, (None, ()))
        if key is None or content != (draft.debit, draft.credit, draft.minor, draft.code, draft.business_date):
            raise TransferDiffers(reference=draft.reference)
        ids.append(TransferId(key))
    return tuple(ids)


def _explain(error: IntegrityError) -> None:
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if constraint == "account_on_its_side":
        raise AccountOverdrawn() from error
    if constraint in {"debit_concerns_the_same", "credit_concerns_the_same"}:
        raise AccountsUnrelated() from error
