"""Take in what a lender's bank says to instructions, as an answer or as a call back, however often it comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from rongtong.core.actors import Actor
from rongtong.core.apart import Obstacle, do_apart
from rongtong.servicing import models
from rongtong.servicing.actions.confirm_drawdowns import confirm_drawdowns, reject_drawdowns
from rongtong.servicing.adapters.reports import Status, read_status
from rongtong.servicing.contracts import InstructionKind, InstructionState, SendReport

_OPEN = (InstructionState.PREPARED.value, InstructionState.SENT.value)


def receive_status(*, lender_id: UUID, content: bytes, actor: Actor, at: datetime) -> SendReport:
    """Book a pain.002 of a lender's bank; what is settled already, or is not that lender's, is passed over.

    Raises MessageMalformed.
    """
    return apply_statuses(statuses=read_status(content), lender_id=lender_id, actor=actor, at=at)


def apply_statuses(*, statuses: Sequence[Status], lender_id: UUID, actor: Actor, at: datetime) -> SendReport:
    """Move a lender's instructions to accepted or rejected, once, and their loans with them; all in one transaction.

    What is said of a message as a whole holds for its transactions that have no word of their own.
    A payout that the bank has taken on and not settled waits for its settlement, or for the debit on the statement.
    """
    said = {status.end_to_end_id: status for status in statuses if status.end_to_end_id}
    whole = {status.message_id: status for status in statuses if not status.end_to_end_id}
    with transaction.atomic():
        rows = models.Instruction.objects.select_for_update(of=("self",)).filter(
            Q(end_to_end_id__in=said) | Q(message__message_id__in=whole), state__in=_OPEN, lender_id=lender_id
        )
        answers = {
            row: said.get(row.end_to_end_id) or whole[row.message.message_id]
            for row in rows.select_related("message").order_by("id")
        }
        accepted = [row for row, status in answers.items() if _done(row, status)]
        rejected = [row for row, status in answers.items() if status.accepted is False]
        models.Instruction.objects.filter(id__in=[row.id for row in accepted]).update(
            state=InstructionState.ACCEPTED.value, answered_at=at
        )
        for row in rejected:
            row.state, row.reason, row.answered_at = InstructionState.REJECTED.value, answers[row].reason, at
        models.Instruction.objects.bulk_update(rejected, ["state", "reason", "answered_at"], batch_size=200)
        confirm_drawdowns(instructions=_drawdowns(accepted), actor=actor, at=at)
        reject_drawdowns(instructions=_drawdowns(rejected), actor=actor, at=at)
        _close_messages({row.message_id for row in answers}, at)
    return SendReport(accepted=len(accepted), rejected=len(rejected))


def apply_apart(
    *, statuses: Sequence[Status], lender_id: UUID, actor: Actor, at: datetime
) -> tuple[list[SendReport], list[Obstacle[Status]]]:
    """As `apply_statuses`, each on its own where one cannot be booked: with those that could not."""
    return do_apart(statuses, lambda part: apply_statuses(statuses=part, lender_id=lender_id, actor=actor, at=at))


def _done(row: models.Instruction, status: Status) -> bool:
    return status.settled if row.kind == InstructionKind.DRAWDOWN else bool(status.accepted)


def _drawdowns(rows: Sequence[models.Instruction]) -> list[models.Instruction]:
    return [row for row in rows if row.kind == InstructionKind.DRAWDOWN]


def _close_messages(ids: set[UUID], at: datetime) -> None:
    """A message is answered once each of its transactions is; it is rejected where all of them are."""
    orders = models.Instruction.objects.filter(message_id__in=ids)
    answered = models.Message.objects.filter(id__in=ids, answered_at=None).exclude(
        id__in=orders.filter(state__in=_OPEN).values("message_id")
    )
    taken = set(orders.filter(state=InstructionState.ACCEPTED).values_list("message_id", flat=True))
    closed = set(answered.values_list("id", flat=True))
    for state, chosen in ((InstructionState.ACCEPTED, closed & taken), (InstructionState.REJECTED, closed - taken)):
        if chosen:
            models.Message.objects.filter(id__in=chosen).update(answered_at=at, state=state.value, error="")
