"""Open the credit line of a signed agreement."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountDraft, AccountKind, TransferDraft
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Agreement, AgreementState
from rongtong.servicing import models
from rongtong.servicing.actions.attest_rows import Written, attest_rows
from rongtong.servicing.contracts import Facility
from rongtong.servicing.queries.facilities import facility_contract

_REVOLVING = "revolving"


class AgreementUnsigned(Conflict):
    """A facility was to be opened for an agreement that both sides have not signed."""

    code = "agreement_unsigned"
    message = _("Both sides have not signed this agreement yet.")


def open_facility(
    *, agreement: Agreement, actor: Actor, at: datetime, account_bank: str = "", account_number: str = ""
) -> Facility:
    """The facility of an agreement, opened on the first call; the whole limit is a commitment in the ledger.

    The account is the firm's own, to which the lender pays: the application's, where none is given. Raises
    AgreementUnsigned.
    """
    if agreement.state is not AgreementState.SIGNED:
        raise AgreementUnsigned(agreement=agreement.number)
    if not account_number:
        account_bank, account_number = _account(agreement)
    with transaction.atomic():
        row, made = models.Facility.objects.get_or_create(
            agreement_id=agreement.id,
            defaults={
                "agreement_number": agreement.number,
                "enterprise_id": agreement.enterprise_id,
                "lender_id": agreement.lender_id,
                "limit_minor": agreement.amount_minor,
                "annual_rate": agreement.annual_rate,
                "penalty_rate": agreement.penalty_rate,
                "repayment_method": agreement.repayment_method,
                "term_months": agreement.term_months,
                "revolving": agreement.repayment_method == _REVOLVING,
                "account_bank": account_bank[:100],
                "account_number": account_number[:32],
                "start_date": agreement.start_date,
                "recorded_at": at,
            },
        )
        if made:
            _commit(row, actor, at)
            deed = Deed(
                "facility.opened",
                subject=encode_id("fac", row.id),
                enterprise_id=row.enterprise_id,
                facts={"agreement": row.agreement_number, "limit_minor": row.limit_minor},
            )
            record(deed=deed, actor=actor, at=at)
            written = Written(row.id, deed.subject, row.enterprise_id, row.lender_id)
            attest_rows(kind="facility.opened", evidence_kind="facility", rows=[written], at=at)
    return facility_contract(row)


def _account(agreement: Agreement) -> tuple[str, str]:
    """The account that the firm named when it applied; empty where it named none: its bank is found by its identifier."""
    named = origination.applications(application_ids=[agreement.application_id])
    application = next(iter(named.values()), None)
    return (application.account_bank, application.account_number) if application else ("", "")


def _commit(row: models.Facility, actor: Actor, at: datetime) -> None:
    kinds = (AccountKind.COMMITMENT, AccountKind.COMMITMENT_CONTRA)
    drafts = [AccountDraft(kind, row.lender_id, row.enterprise_id, row.id) for kind in kinds]
    accounts = ledger.open_accounts(drafts=drafts, actor=actor, at=at)
    debit, credit = (accounts[kind, row.id] for kind in kinds)
    whole = TransferDraft(debit, credit, row.limit_minor, "commitment", f"{row.id}:commit", row.start_date)
    ledger.post(transfers=[whole], actor=actor, at=at)
