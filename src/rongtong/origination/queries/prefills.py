"""Fill the application form in from what is known: nothing is entered twice."""

from __future__ import annotations

from uuid import UUID

from rongtong.matching import facade as matching
from rongtong.matching.contracts import OfferId
from rongtong.origination import models
from rongtong.origination.contracts import Application, ApplicationDraft, Channel, Purpose
from rongtong.origination.queries import applications


def last_own_application(*, enterprise_id: UUID) -> Application | None:
    """The last application that a firm filled in by its own hand: what it says of contact and account is the firm's word."""
    rows = models.Application.objects.filter(enterprise_id=enterprise_id).exclude(channel=Channel.BATCH.value)
    last = rows.order_by("-submitted_at", "-id").first()
    return None if last is None else applications.application(application_id=last.id)


def prefilled_draft(*, offer_id: UUID, loan_code: str = "") -> ApplicationDraft:
    """A draft for an offer: its amount and term, and contact, account and purpose of the firm's last application.

    The declaration is never ticked beforehand. Raises OfferUnknown.
    """
    offer = matching.offer(offer_id=OfferId(offer_id))
    last = models.Application.objects.filter(enterprise_id=offer.enterprise_id).order_by("-submitted_at", "-id").first()
    return ApplicationDraft(
        offer_id=offer.id,
        amount_minor=offer.amount_minor,
        term_months=offer.term_months,
        purpose=Purpose(last.purpose) if last else Purpose.RAW_MATERIALS,
        contact_name=last.contact_name if last else "",
        contact_phone=last.contact_phone if last else "",
        contact_role=last.contact_role if last else "legal_representative",
        account_bank=last.account_bank if last else "",
        account_number=last.account_number if last else "",
        loan_code=loan_code,
        channel=Channel.LOAN_CODE if loan_code else Channel.PORTAL,
    )
