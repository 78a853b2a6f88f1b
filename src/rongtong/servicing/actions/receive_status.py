"""Take in what a lender's bank says to instructions, as an answer or as a call back, however often it comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
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

    A payout that the bank has taken on and not settled waits for its settlement, or for the debit on the statement.
    """
    said = {status.end_to_end_id: status for status in statuses if status.accepted is not None}
    with transaction.atomic():
        rows = models.Instruction.objects.select_for_update().filter(
            end_to_end_id__in=said, state__in=_OPEN, lender_id=lender_id
        )
        found = list(rows.order_by("id"))
        accepted = [row for row in found if _done(row, said[row.end_to_end_id])]
        rejected = [row for row in found if not said[row.end_to_end_id].accepted]
        models.Instruction.objects.filter(id__in=[row.id for row in accepted]).update(
            state=InstructionState.ACCEPTED.value, answered_at=at
        )
        for row in rejected:
            row.state, row.reason, row.answered_at = InstructionState.REJECTED.value, said[row.end_to_end_id].reason, at
        models.Instruction.objects.bulk_update(rejected, ["state", "reason", "answered_at"], batch_size=200)
        confirm_drawdowns(instructions=_drawdowns(accepted), actor=actor, at=at)
        reject_drawdowns(instructions=_drawdowns(rejected), actor=actor, at=at)
        _close_messages({row.message_id for row in found}, at)
    return SendReport(accepted=len(accepted), rejected=len(rejected))


def _done(row: models.Instruction, status: Status) -> bool:
    return status.settled if row.kind == InstructionKind.DRAWDOWN else bool(status.accepted)


def _drawdowns(rows: Sequence[models.Instruction]) -> list[models.Instruction]:
    return [row for row in rows if row.kind == InstructionKind.DRAWDOWN]


def _close_messages(ids: set[UUID], at: datetime) -> None:
    """A message is answered once each of its transactions is."""
    waiting = models.Instruction.objects.filter(message_id__in=ids, state__in=_OPEN).values("message_id")
    models.Message.objects.filter(id__in=ids, answered_at=None).exclude(id__in=waiting).update(
        answered_at=at, state=InstructionState.ACCEPTED.value, error=""
    )
