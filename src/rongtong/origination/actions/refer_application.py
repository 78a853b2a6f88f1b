"""Pass an application that the rules could not decide to the lender's desk, with the reason: no case stays in limbo."""

from __future__ import annotations

import time
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.origination import models
from rongtong.origination.actions.move_application import ApplicationMoved, held_application
from rongtong.origination.actions.write_decision import Verdict, write_decision
from rongtong.origination.contracts import ApplicationState, DecidedBy, Decision
from rongtong.origination.queries.decisions import decision_contract
from rongtong.origination.rules.obstacles import obstacle
from rongtong.origination.rules.policy import ENGINE, UNDECIDED, decide
from rongtong.rulebook import facade as rulebook


def refer_application(*, application_id: UUID, obstacle_code: str, as_of: date, actor: Actor, at: datetime) -> Decision:
    """Refer a submitted application; one that the rules decided in the meantime is answered with that decision.

    `obstacle_code` is the code of the error that kept the rules from deciding. Raises ApplicationUnknown, ApplicationMoved.
    """
    started = time.perf_counter()
    with transaction.atomic():
        row = held_application(application_id)
        made = models.Decision.objects.filter(application=row, decided_by=DecidedBy.AUTOMATIC.value).first()
        if made is not None:
            return decision_contract(made)
        if row.state != ApplicationState.SUBMITTED.value:
            raise ApplicationMoved(application=encode_id("app", application_id), state=row.state)
        inputs = {
            "engine": ENGINE,
            "path": UNDECIDED,
            "as_of": as_of.isoformat(),
            "application": {"id": encode_id("app", row.id), "offer_id": encode_id("off", row.offer_id)},
            "obstacle": obstacle(obstacle_code),
            "notes": {},
            "rulebook_version": rulebook.version(on=as_of),
        }
        verdict = Verdict(inputs, decide(inputs), DecidedBy.AUTOMATIC, as_of, started)
        return decision_contract(write_decision(row, verdict, actor=actor, at=at))
