"""Sign an agreement for one side: the firm first, the lender last, each over all that is there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.matching import facade as matching
from rongtong.matching.contracts import OfferId
from rongtong.origination import models
from rongtong.origination.actions.move_application import ApplicationMoved, held_application, move_application
from rongtong.origination.actions.prepare_agreement import add_part
from rongtong.origination.actions.record_step import Evidence, record_step
from rongtong.origination.actions.require_licence import require_licence
from rongtong.origination.actions.require_party import require_own_hand
from rongtong.origination.adapters.authority import Holder
from rongtong.origination.adapters.signing import sign_pdf
from rongtong.origination.contracts import Agreement, AgreementState, ApplicationState, ObjectionState, Side
from rongtong.origination.queries import agreements
from rongtong.parties import facade as parties

_BEFORE = {Side.FIRM: AgreementState.PREPARED, Side.LENDER: AgreementState.SIGNED_BY_FIRM}
_AFTER = {Side.FIRM: AgreementState.SIGNED_BY_FIRM, Side.LENDER: AgreementState.SIGNED}


class AgreementVoid(Conflict):
    """The application of this agreement ended, or was decided anew, before both sides had signed."""

    code = "agreement_void"
    message = _("This agreement is void: its application ended or was decided anew before both sides had signed.")


class ObjectionOpen(Conflict):
    """The firm objected to the decision behind this agreement, and the lender has not answered yet."""

    code = "objection_open"
    message = _("The firm has objected to the decision. Nobody signs until the lender has answered in writing.")


class SignatureOutOfTurn(Conflict):
    """The lender signs last, on the firm's signature."""

    code = "signature_out_of_turn"
    message = _("The firm signs first, the lender after it.")


def sign_agreement(*, agreement_id: UUID, side: Side, actor: Actor, at: datetime) -> Agreement:
    """Sign for one side; signing again changes nothing. The lender's signature concludes the agreement, confirms that
    its conditions are cleared, and commits the capacity behind the offer.

    Raises NotAParty, HandMissing, AgreementUnknown, AgreementVoid, ObjectionOpen, SignatureOutOfTurn, LicenceLapsed, ApplicationMoved, matching's
    OfferNotOpen where the capacity has run out, and ExposureExceeded where the firm's limit has fallen under what it owes or
    is promised.
    """
    agreement = agreements.agreement(agreement_id=agreement_id)
    signer = agreement.enterprise_id if side is Side.FIRM else agreement.lender_id
    require_own_hand(actor, signer)
    if agreement.state is AgreementState.VOID:
        raise AgreementVoid(agreement=encode_id("agr", agreement_id))
    if _signed_by(agreement, side):
        return agreement
    if agreement.state is not _BEFORE[side]:
        raise SignatureOutOfTurn(agreement=encode_id("agr", agreement_id), state=agreement.state.value)
    require_licence(agreement.lender_id, china_date(at))
    before = agreements.agreement_pdf(agreement_id=agreement_id)
    signed = sign_pdf(pdf=before, side=side, holder=_holder(signer), at=at)
    assert signed.startswith(before), "a signature is appended"
    with transaction.atomic():
        row = held_application(agreement.application_id)
        if _another_was_first(row, agreement_id, side):
            return agreements.agreement(agreement_id=agreement_id)
        matching.lock_exposure(enterprise_id=row.enterprise_id)
        matching.check_exposure(enterprise_id=row.enterprise_id, on=china_date(at))
        document = add_part(
            _advance(agreement_id, side, at),
            _AFTER[side],
            whole=signed,
            part=signed[len(before) :],
            actor=actor,
            at=at,
        )
        record_step(
            application=row,
            name="agreement.signed",
            subject=encode_id("agr", agreement_id),
            actor=actor,
            at=at,
            facts={"side": side.value, "number": agreement.number, "pdf_digest": document.digest},
            evidence=Evidence("agreement_document", document.id, signed),
        )
        if side is Side.LENDER:
            _conclude(row, agreement, actor, at)
    return agreements.agreement(agreement_id=agreement_id)


def _signed_by(agreement: Agreement, side: Side) -> bool:
    return (agreement.firm_signed_at if side is Side.FIRM else agreement.lender_signed_at) is not None


def _another_was_first(row: models.Application, agreement_id: UUID, side: Side) -> bool:
    """Whether the same side's signature arrived while this one was made; the application is locked.

    Raises AgreementVoid, ApplicationMoved where it was the end of the application that came first, ObjectionOpen.
    """
    state = models.Agreement.objects.values_list("state", flat=True).get(id=agreement_id)
    if state == AgreementState.VOID.value:
        raise AgreementVoid(agreement=encode_id("agr", agreement_id))
    if state != _BEFORE[side].value:
        return True
    if row.state != ApplicationState.ACCEPTED.value:
        raise ApplicationMoved(application=encode_id("app", row.id), state=row.state)
    if row.objections.filter(state=ObjectionState.RAISED.value).exists():
        raise ObjectionOpen(application=encode_id("app", row.id))
    return False


def _advance(agreement_id: UUID, side: Side, at: datetime) -> models.Agreement:
    stamp = {"firm_signed_at": at} if side is Side.FIRM else {"lender_signed_at": at}
    models.Agreement.objects.filter(id=agreement_id, state=_BEFORE[side].value).update(
        state=_AFTER[side].value, **stamp
    )
    return models.Agreement.objects.get(id=agreement_id)


def _conclude(row: models.Application, agreement: Agreement, actor: Actor, at: datetime) -> None:
    move_application(row, to=ApplicationState.SIGNED, out_of=[ApplicationState.ACCEPTED], at=at)
    matching.consume_reservation(
        offer_id=OfferId(row.offer_id), amount_minor=agreement.amount_minor, actor=actor, at=at
    )


def _holder(organisation_id: UUID) -> Holder:
    organisation = parties.organisation(organisation_id)
    identifier = organisation.identifier("uscc") or next((one.value for one in organisation.identifiers), "")
    return Holder(id=organisation.id, name=organisation.name, identifier=identifier)
