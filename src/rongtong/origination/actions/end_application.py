"""What ends with an application before it is signed: the capacity held for it, an open proposal, an agreement half signed."""

from __future__ import annotations

from datetime import datetime

from rongtong.core.actors import Actor
from rongtong.matching import facade as matching
from rongtong.matching.contracts import OfferId
from rongtong.origination import models
from rongtong.origination.actions.move_application import move_application
from rongtong.origination.contracts import AgreementState, ApplicationState, ProposalState

OPEN = (
    ApplicationState.SUBMITTED,
    ApplicationState.REFERRED,
    ApplicationState.APPROVED,
    ApplicationState.COUNTERED,
    ApplicationState.ACCEPTED,
)


def end_application(row: models.Application, to: ApplicationState, *, actor: Actor, at: datetime) -> None:
    """Move a held application to its end with all that hangs on it, in the caller's transaction. Raises ApplicationMoved."""
    move_application(row, to=to, out_of=OPEN, at=at)
    matching.release_offer(offer_id=OfferId(row.offer_id), actor=actor, at=at, reason=to.value)
    row.proposals.filter(state=ProposalState.PENDING.value).update(state=ProposalState.DROPPED.value)
    void_agreement(row)


def void_agreement(row: models.Application) -> None:
    """Void the agreement of a held application that both sides have not signed, where there is one."""
    unsigned = [AgreementState.PREPARED.value, AgreementState.SIGNED_BY_FIRM.value]
    models.Agreement.objects.filter(application_id=row.id, state__in=unsigned).update(state=AgreementState.VOID.value)
