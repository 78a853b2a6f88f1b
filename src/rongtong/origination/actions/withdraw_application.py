"""The firm withdraws its application before it is signed; the lender's capacity is free again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.origination.actions.end_application import end_application
from rongtong.origination.actions.move_application import held_application
from rongtong.origination.actions.record_step import record_step
from rongtong.origination.actions.require_party import require_party
from rongtong.origination.contracts import Application, ApplicationState
from rongtong.origination.queries import applications
from rongtong.origination.rules.form import clean_text


def withdraw_application(*, application_id: UUID, reason: str, actor: Actor, at: datetime) -> Application:
    """Withdraw; withdrawing again changes nothing. Raises NotAParty, ApplicationUnknown, ApplicationMoved."""
    with transaction.atomic():
        row = held_application(application_id)
        require_party(actor, row.enterprise_id)
        if row.state != ApplicationState.WITHDRAWN.value:
            end_application(row, ApplicationState.WITHDRAWN, actor=actor, at=at)
            record_step(
                application=row,
                name="application.withdrawn",
                subject=encode_id("app", row.id),
                actor=actor,
                at=at,
                facts={"reason": clean_text(reason)[:500]},
            )
    return applications.application(application_id=application_id)
