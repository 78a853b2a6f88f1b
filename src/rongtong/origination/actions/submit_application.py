"""Submit an application for an offer: at most fifteen fields, once per offer, to a lender that may read the portrait."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Item
from rongtong.consent.contracts import Purpose as ReadingPurpose
from rongtong.core.actors import Actor
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.ids import encode_id
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Offer, OfferId, OfferState, Product, ProductId
from rongtong.origination import models
from rongtong.origination.actions.record_step import Evidence, record_step
from rongtong.origination.actions.require_party import require_party
from rongtong.origination.contracts import Application, ApplicationDraft, Channel
from rongtong.origination.queries import applications
from rongtong.origination.queries.evidence import APPLICATION, evidence_bytes
from rongtong.origination.queries.loan_codes import LoanCodeForeign, read_loan_code
from rongtong.origination.rules.form import FIELD_MESSAGES, clean_text, problems_of_draft, problems_with_offer

_PLACES = Decimal("0.00000001")
_CONTENT = (
    "amount_minor",
    "term_months",
    "purpose",
    "purpose_note",
    "contact_name",
    "contact_phone",
    "contact_role",
    "account_bank",
    "account_number",
    "human_review",
)
"""What the firm says: with the same of it, an application that comes again is the one that is there."""


class ApplicationMalformed(Invalid):
    """Some fields of the application cannot be used; `fields` names each with its code and what it says."""

    code = "application_malformed"
    message = _("Please look at the fields marked below.")


class OfferTaken(Conflict):
    """The offer was applied for before, with other content; `application` is the one that stands."""

    code = "offer_taken"
    message = _("This offer was applied for already, with other details.")


class LenderNotAuthorised(Conflict):
    """No authorisation in force lets the offer's lender read the firm's portrait, so that it could not decide."""

    code = "lender_not_authorised"
    message = _(
        "%(lender)s may not read your portrait: no authorisation in force names it. "
        "Authorise it under “Consents” first, then apply."
    )


def submit_application(*, draft: ApplicationDraft, actor: Actor, at: datetime) -> Application:
    """Apply for an offer; applying again with the same content gives the application that is there.

    The decision follows by a job. Raises ApplicationMalformed, NotAParty, OfferTaken, LenderNotAuthorised, matching's
    OfferUnknown, OfferExpired, OfferNotOpen and ExposureExceeded, and for an application by code LoanCodeInvalid, LoanCodeExpired,
    LoanCodeForeign.
    """
    _refuse(problems_of_draft(draft))
    offer = matching.offer(offer_id=OfferId(draft.offer_id))
    require_party(actor, offer.enterprise_id)
    product = matching.product(product_id=offer.product_id)
    row = _row(draft, offer, product, at)
    known = _known(row)
    if known is not None:
        return known
    if offer.state is not OfferState.SHOWN:
        raise matching.OfferNotOpen(offer=encode_id("off", offer.id), state=offer.state.value)
    if offer.expires_at <= at:
        raise matching.OfferExpired(offer=encode_id("off", offer.id))
    _require_reader(offer, at)
    if draft.loan_code:
        _check_code(draft.loan_code, offer, at)
    _refuse(
        problems_with_offer(
            draft,
            offered_minor=offer.amount_minor,
            offered_months=offer.term_months,
            min_minor=product.min_minor,
            terms_months=product.terms_months,
        )
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            matching.apply_for_offer(offer_id=offer.id, amount_minor=row.amount_minor, actor=actor, at=at)
            record_step(
                application=row,
                name="application.submitted",
                subject=encode_id("app", row.id),
                actor=actor,
                at=at,
                facts={"amount_minor": row.amount_minor, "term_months": row.term_months, "channel": row.channel},
                evidence=Evidence("application", row.id, evidence_bytes(row, APPLICATION)),
            )
    except IntegrityError:
        known = _known(row)
        if known is None:
            raise
        return known
    return applications.application(application_id=row.id)


def _known(row: models.Application) -> Application | None:
    """The application for the same offer, if there is one and it says the same. Raises OfferTaken."""
    there = models.Application.objects.filter(offer_id=row.offer_id).first()
    if there is None:
        return None
    if any(getattr(there, name) != getattr(row, name) for name in _CONTENT):
        raise OfferTaken(offer=encode_id("off", row.offer_id), application=encode_id("app", there.id))
    return applications.application(application_id=there.id)


def _require_reader(offer: Offer, at: datetime) -> None:
    """What cannot be decided is not taken in. Raises LenderNotAuthorised."""
    readers = consent.readers_of(
        enterprise_ids=[offer.enterprise_id],
        reader_ids=[offer.lender_id],
        item=Item.PORTRAIT,
        purpose=ReadingPurpose.FINANCING,
        at=at,
    )
    if offer.lender_id not in readers[offer.enterprise_id]:
        raise LenderNotAuthorised(lender=offer.lender_name, lender_id=encode_id("org", offer.lender_id))


def _refuse(problems: dict[str, str]) -> None:
    if problems:
        fields = {name: {"code": code, "text": str(FIELD_MESSAGES[code])} for name, code in problems.items()}
        raise ApplicationMalformed(fields=fields)


def _check_code(token: str, offer: Offer, at: datetime) -> None:
    code = read_loan_code(token=token, at=at)
    wanted = matching.product(product_id=ProductId(code.product_id))
    if wanted.code != offer.product_code or code.enterprise_id not in {None, offer.enterprise_id}:
        raise LoanCodeForeign()


def _row(draft: ApplicationDraft, offer: Offer, product: Product, at: datetime) -> models.Application:
    return models.Application(
        enterprise_id=offer.enterprise_id,
        lender_id=offer.lender_id,
        offer_id=offer.id,
        product_id=offer.product_id,
        product_version=offer.product_version,
        product_name_zh=offer.product_name_zh,
        product_name_en=offer.product_name_en,
        amount_minor=draft.amount_minor,
        term_months=draft.term_months,
        repayment_method=offer.repayment_method.value,
        annual_rate=offer.annual_rate.quantize(_PLACES),
        fees_minor=int(draft.amount_minor * product.fee_rate),
        purpose=draft.purpose.value,
        purpose_note=clean_text(draft.purpose_note),
        contact_name=clean_text(draft.contact_name),
        contact_phone=draft.contact_phone.strip(),
        contact_role=draft.contact_role,
        account_bank=clean_text(draft.account_bank),
        account_number=draft.account_number.replace(" ", ""),
        human_review=draft.human_review,
        channel=Channel.LOAN_CODE.value if draft.loan_code else draft.channel.value,
        submitted_at=at,
        state_since=at,
    )
