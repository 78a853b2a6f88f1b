"""The lender answers an objection in writing; an upheld one brings the application back to its desk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.matching import facade as matching
from rongtong.matching.contracts import OfferId
from rongtong.origination import models
from rongtong.origination.actions.end_application import void_agreement
from rongtong.origination.actions.move_application import held_application, move_application
from rongtong.origination.actions.raise_objection import readable
from rongtong.origination.actions.record_step import Evidence, record_step
from rongtong.origination.actions.require_party import require_party
from rongtong.origination.contracts import ApplicationState, Objection, ObjectionState
from rongtong.origination.queries.decisions import ObjectionUnknown, objection_contract
from rongtong.origination.queries.evidence import ANSWER, evidence_bytes


class ObjectionAnswered(Conflict):
    """The objection was answered before, and otherwise."""

    code = "objection_answered"
    message = _("This objection was answered already.")


_ANEW = (
    ApplicationState.APPROVED,
    ApplicationState.COUNTERED,
    ApplicationState.ACCEPTED,
    ApplicationState.DECLINED,
)
_FINAL = (ApplicationState.SIGNED, ApplicationState.WITHDRAWN, ApplicationState.LAPSED)


class DecisionFinal(Conflict):
    """The objection was to be upheld, yet nothing can be decided anew: both sides have signed, or the application has ended."""

    code = "decision_final"
    message = _(
        "This cannot be decided anew: both sides have signed, or the application has ended. "
        "Please answer in writing and say what the firm can do, such as repaying early or applying again."
    )


def answer_objection(*, objection_id: UUID, upheld: bool, text: str, actor: Actor, at: datetime) -> Objection:
    """Answer in writing; the same answer again changes nothing.

    Upheld, the decision is set aside, an agreement of it is void, and a person decides anew within the days of the desk.
    What was asked for stays held; of a decline it is held again where the lender's capacity and the firm's limit have room
    for it, and without it the desk can grant nothing. Raises NotAParty, ObjectionUnknown, ObjectionAnswered,
    ObjectionTextMissing, DecisionFinal.
    """
    told = readable(text)
    state = ObjectionState.UPHELD if upheld else ObjectionState.DISMISSED
    with transaction.atomic():
        objection = models.Objection.objects.select_for_update().filter(id=objection_id).first()
        if objection is None:
            raise ObjectionUnknown(objection=str(objection_id))
        require_party(actor, objection.lender_id)
        if objection.state != ObjectionState.RAISED.value:
            if (objection.state, objection.answer) != (state.value, told):
                raise ObjectionAnswered()
            return objection_contract(objection)
        row = held_application(objection.application_id)
        if upheld and row.state in _FINAL:
            raise DecisionFinal(application=encode_id("app", row.id), state=row.state)
        objection.state, objection.answer = state.value, told
        objection.answered_at, objection.answered_by = at, actor.name[:200]
        who = actor.columns()
        for name, value in who.items():
            setattr(objection, name, value)
        objection.save(update_fields=["state", "answer", "answered_at", "answered_by", *who])
        if upheld and row.state in _ANEW:
            move_application(row, to=ApplicationState.REFERRED, out_of=_ANEW, at=at)
            void_agreement(row)
            matching.hold_again(offer_id=OfferId(row.offer_id), actor=actor, at=at)
        record_step(
            application=row,
            name="objection.answered",
            subject=encode_id("app", row.id),
            actor=actor,
            at=at,
            facts={"upheld": upheld},
            evidence=Evidence("objection_answer", objection.id, evidence_bytes(objection, ANSWER)),
        )
        return objection_contract(objection)
