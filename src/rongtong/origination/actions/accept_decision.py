"""The firm accepts the terms granted, a counter-offer's too."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.origination import models
from rongtong.origination.actions.move_application import held_application, move_application
from rongtong.origination.actions.record_step import Evidence, record_step
from rongtong.origination.actions.require_party import require_own_hand
from rongtong.origination.contracts import Application, ApplicationState
from rongtong.origination.queries import applications
from rongtong.origination.queries.evidence import DECISION, evidence_bytes
from rongtong.rulebook import facade as rulebook

_OPEN = (ApplicationState.APPROVED, ApplicationState.COUNTERED)


class DecisionExpired(Conflict):
    """The time to accept the terms is over; the lender's capacity is no longer held."""

    code = "decision_expired"
    message = _("The time to accept these terms is over. Please apply again.")


def accept_decision(*, application_id: UUID, actor: Actor, at: datetime) -> Application:
    """Accept what the decision grants; accepting again changes nothing.

    Raises NotAParty, HandMissing, ApplicationUnknown, ApplicationMoved, DecisionExpired.
    """
    with transaction.atomic():
        row = held_application(application_id)
        require_own_hand(actor, row.enterprise_id)
        if row.state not in {ApplicationState.ACCEPTED.value, ApplicationState.SIGNED.value}:
            decision = row.decisions.order_by("-number").first()
            days = int(rulebook.value("origination.acceptance_days", on=china_date(at)))
            if decision is not None and row.state in _OPEN and at > _open_since(decision, at) + timedelta(days=days):
                raise DecisionExpired(application=encode_id("app", application_id), days=days)
            move_application(row, to=ApplicationState.ACCEPTED, out_of=_OPEN, at=at)
            assert decision is not None, "what is approved was decided"
            record_step(
                application=row,
                name="decision.accepted",
                subject=encode_id("app", row.id),
                actor=actor,
                at=at,
                facts={"decision": encode_id("dec", decision.id), "amount_minor": decision.amount_minor},
                evidence=Evidence("decision", decision.id, evidence_bytes(decision, DECISION)),
            )
    return applications.application(application_id=application_id)


def _open_since(decision: models.Decision, at: datetime) -> datetime:
    """From when on the firm's days count: an objection to the decision is answered first."""
    objection = models.Objection.objects.filter(decision=decision).first()
    return decision.decided_at if objection is None else objection.answered_at or at
