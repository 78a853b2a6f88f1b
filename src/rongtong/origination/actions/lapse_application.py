"""End an application that can go no further: nobody acted in time, or the lender may no longer read the firm's portrait."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.origination.actions.end_application import OPEN, end_application
from rongtong.origination.actions.move_application import held_application
from rongtong.origination.actions.record_step import record_step
from rongtong.origination.contracts import Application, ApplicationState, Lapse
from rongtong.origination.queries import applications


def lapse_application(*, application_id: UUID, reason: Lapse, actor: Actor, at: datetime) -> Application:
    """Let an open application lapse and give the capacity behind it back; one that has ended or is signed stays as it is.

    Raises ApplicationUnknown.
    """
    with transaction.atomic():
        row = held_application(application_id)
        if row.state in {state.value for state in OPEN}:
            end_application(row, ApplicationState.LAPSED, actor=actor, at=at)
            record_step(
                application=row,
                name="application.lapsed",
                subject=encode_id("app", row.id),
                actor=actor,
                at=at,
                facts={"code": reason.value},
            )
    return applications.application(application_id=application_id)
