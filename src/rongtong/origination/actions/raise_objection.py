"""The firm objects to a decision and is heard: a written answer by a person, within the days of the law."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.ids import encode_id
from rongtong.origination import models
from rongtong.origination.actions.move_application import held_application
from rongtong.origination.actions.record_step import Evidence, record_step
from rongtong.origination.actions.require_party import require_party
from rongtong.origination.contracts import Objection
from rongtong.origination.queries.decisions import objection_contract
from rongtong.origination.queries.evidence import OBJECTION, evidence_bytes
from rongtong.rulebook import facade as rulebook

TEXT_MAX = 4000


class ObjectionTextMissing(Invalid):
    """An objection or its answer has no text, or one of more than 4,000 characters."""

    code = "objection_text_missing"
    message = _("Please write at least one sentence and at most 4,000 characters.")


class NothingDecided(Conflict):
    """There is no decision yet to object to."""

    code = "nothing_decided"
    message = _("There is no decision yet to object to.")


class ObjectionStands(Conflict):
    """The decision was objected to before, in other words; an answer to it is owed, or was given."""

    code = "objection_stands"
    message = _("You have objected to this decision already. The answer to it comes in writing.")


def raise_objection(*, application_id: UUID, text: str, actor: Actor, at: datetime) -> Objection:
    """Object to the decision that stands, once; the same words again give the objection that is there.

    Raises NotAParty, ApplicationUnknown, NothingDecided, ObjectionTextMissing, ObjectionStands.
    """
    told = readable(text)
    with transaction.atomic():
        row = held_application(application_id)
        require_party(actor, row.enterprise_id)
        decision = row.decisions.order_by("-number").first()
        if decision is None:
            raise NothingDecided(application=encode_id("app", application_id))
        known = models.Objection.objects.filter(decision=decision).first()
        if known is not None:
            if known.text != told:
                raise ObjectionStands(objection=encode_id("obj", known.id), state=known.state)
            return objection_contract(known)
        days = int(rulebook.value("consent.objection_answer_days", on=china_date(at)))
        objection = models.Objection.objects.create(
            application_id=row.id,
            decision_id=decision.id,
            enterprise_id=row.enterprise_id,
            lender_id=row.lender_id,
            text=told,
            raised_at=at,
            deadline=china_date(at) + timedelta(days=days),
        )
        record_step(
            application=row,
            name="objection.raised",
            subject=encode_id("app", row.id),
            actor=actor,
            at=at,
            facts={"decision": encode_id("dec", decision.id), "deadline": objection.deadline.isoformat()},
            evidence=Evidence("objection", objection.id, evidence_bytes(objection, OBJECTION)),
        )
        return objection_contract(objection)


def readable(text: str) -> str:
    """A text of several lines as it is kept. Raises ObjectionTextMissing."""
    told = "\n".join(line.rstrip() for line in text.replace("\x00", "").strip().splitlines())
    if not told or len(told) > TEXT_MAX:
        raise ObjectionTextMissing()
    return told
