"""What an application of the loop says: live what the firm itself named before, played what nobody relies on."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import is_played
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Offer, OfferId, ProductKind
from rongtong.origination import facade as origination
from rongtong.origination.contracts import ApplicationDraft, Channel, Purpose
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationId
from rongtong.records import facade as records

_PURPOSES = {ProductKind.EQUIPMENT: Purpose.EQUIPMENT, ProductKind.ORDER: Purpose.ORDER}


class OwnAccountUnknown(Conflict):
    """No account of the firm is known that its bank confirmed or that it named itself: nobody could be paid."""

    code = "own_account_unknown"
    message = _(
        "No account of this firm is known that its bank confirmed or that the firm named: it names one, or applies itself."
    )


class OwnContactUnknown(Conflict):
    """The firm never said whom a lender may call."""

    code = "own_contact_unknown"
    message = _("This firm never named a contact and a telephone: it applies itself the first time.")


def draft_for(*, offer_id: UUID) -> ApplicationDraft:
    """A draft for the whole of an offer, to be handed in by the loop.

    Live, contact and account are the firm's own. Raises OwnAccountUnknown, OwnContactUnknown, OfferUnknown.
    """
    offer = matching.offer(offer_id=OfferId(offer_id))
    return _played(offer) if is_played() else _own(offer)


def _own(offer: Offer) -> ApplicationDraft:
    last = origination.last_own_application(enterprise_id=offer.enterprise_id)
    kept = records.own_account(enterprise_id=offer.enterprise_id)
    if kept is not None:
        bank_id = OrganisationId(kept.institution_id)
        bank, number = parties.organisation(bank_id).name, kept.account_number
    elif last is not None and last.account_number:
        bank, number = last.account_bank, last.account_number
    else:
        raise OwnAccountUnknown(enterprise=encode_id("ent", offer.enterprise_id))
    if last is None:
        raise OwnContactUnknown(enterprise=encode_id("ent", offer.enterprise_id))
    return ApplicationDraft(
        offer_id=offer.id,
        amount_minor=offer.amount_minor,
        term_months=offer.term_months,
        purpose=_purpose(offer),
        contact_name=last.contact_name,
        contact_phone=last.contact_phone,
        contact_role=last.contact_role,
        account_bank=bank,
        account_number=number,
        declared=True,
        channel=Channel.BATCH,
    )


def _played(offer: Offer) -> ApplicationDraft:
    """Nobody is called and no real bank is asked to pay."""
    return ApplicationDraft(
        offer_id=offer.id,
        amount_minor=offer.amount_minor,
        term_months=offer.term_months,
        purpose=_purpose(offer),
        contact_name="法定代表人",
        contact_phone="13800000000",
        account_bank="基本户开户行",
        account_number="33010000000000000000",
        declared=True,
        channel=Channel.BATCH,
    )


def _purpose(offer: Offer) -> Purpose:
    return _PURPOSES.get(matching.product(product_id=offer.product_id).kind, Purpose.RAW_MATERIALS)
