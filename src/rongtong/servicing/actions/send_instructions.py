"""Send what waits in the outbox to the lenders' banks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.servicing import models
from rongtong.servicing.actions.receive_status import apply_apart
from rongtong.servicing.adapters.banks import Bank, BankUnavailable, open_bank
from rongtong.servicing.adapters.reports import Status, read_status
from rongtong.servicing.adapters.xml import MessageMalformed
from rongtong.servicing.contracts import InstructionKind, InstructionState, SendReport
from rongtong.servicing.queries.parties import lender_code, organisations_of

_BATCH = 100
_PATIENCE = 3
"""Failures in a row after which a lender's bank is left alone until the next run."""


def send_instructions(
    *, actor: Actor, at: datetime, lender_id: UUID | None = None, bank: Bank | None = None
) -> SendReport:
    """Send all messages without an answer and book the answers; what fails waits and is sent again, as the same message.

    The bank is called outside of any transaction: before it the message is marked as sent, after it the answers are
    booked. Cut off anywhere, the next run sends the same MsgId, which the bank takes once.
    """
    total = SendReport()
    failures: dict[UUID, int] = {}
    with ExitStack() as stack:
        for batch in _batches(lender_id):
            if bank is None:
                try:
                    bank = stack.enter_context(open_bank())
                except BankUnavailable as error:
                    return _failed(total, batch, error)
            total = _send_batch(batch, bank, failures, total, actor=actor, at=at)
    return total


def _batches(lender_id: UUID | None) -> Iterator[list[models.Message]]:
    """The messages without an answer, oldest first, each at most once in this run."""
    last = None
    while True:
        rows = models.Message.objects.filter(answered_at=None).order_by("id")
        if lender_id is not None:
            rows = rows.filter(lender_id=lender_id)
        if last is not None:
            rows = rows.filter(id__gt=last)
        batch = list(rows[:_BATCH])
        if not batch:
            return
        last = batch[-1].id
        yield batch


def _send_batch(
    batch: Sequence[models.Message],
    bank: Bank,
    failures: dict[UUID, int],
    total: SendReport,
    *,
    actor: Actor,
    at: datetime,
) -> SendReport:
    _mark_sent(batch, at)
    codes = {key: lender_code(one) for key, one in organisations_of(row.lender_id for row in batch).items()}
    statuses: dict[UUID, list[Status]] = defaultdict(list)
    errors: list[tuple[models.Message, str]] = []
    sent = 0
    for message in batch:
        if failures.get(message.lender_id, 0) >= _PATIENCE:
            errors.append((message, "not sent: the bank did not answer before"))
            continue
        try:
            post = bank.pay if message.kind == InstructionKind.DRAWDOWN else bank.collect
            statuses[message.lender_id] += read_status(post(codes[message.lender_id], message.xml))
            failures[message.lender_id] = 0
            sent += 1
        except (BankUnavailable, MessageMalformed) as error:
            failures[message.lender_id] = failures.get(message.lender_id, 0) + 1
            errors.append((message, f"{error.code}: {error.facts.get('why', '')}"[:300]))
    booked, bad = _booked(statuses, actor, at)
    _note(errors)
    return SendReport(
        sent=total.sent + sent,
        accepted=total.accepted + sum(one.accepted for one in booked),
        rejected=total.rejected + sum(one.rejected for one in booked),
        failed=total.failed + len(errors),
        errors=(*total.errors, *sorted({text for _message, text in errors}))[:20],
        set_aside=(*total.set_aside, *bad),
    )


def _booked(
    statuses: Mapping[UUID, Sequence[Status]], actor: Actor, at: datetime
) -> tuple[list[SendReport], list[tuple[str, str, str]]]:
    """Book what the banks said, one lender after the other; what cannot be booked waits with its message and stops nothing."""
    booked: list[SendReport] = []
    bad: list[tuple[str, str, str]] = []
    for lender_id, said in statuses.items():
        reports, failed = apply_apart(statuses=said, lender_id=lender_id, actor=actor, at=at)
        booked += reports
        for one in failed:
            row = models.Instruction.objects.select_related("message").get(end_to_end_id=one.item.end_to_end_id)
            models.Message.objects.filter(pk=row.message_id).update(error=f"{one.code}: {one.detail}"[:300])
            bad.append(one.told(encode_id("loan", row.loan_id)))
    return booked, bad


def _mark_sent(batch: Sequence[models.Message], at: datetime) -> None:
    ids = [message.id for message in batch]
    with transaction.atomic():
        models.Message.objects.filter(id__in=ids, answered_at=None).update(
            attempts=F("attempts") + 1, state=InstructionState.SENT.value, sent_at=Coalesce("sent_at", Value(at))
        )
        models.Instruction.objects.filter(message_id__in=ids, state=InstructionState.PREPARED).update(
            state=InstructionState.SENT.value
        )


def _note(errors: Sequence[tuple[models.Message, str]]) -> None:
    for message, text in errors:
        message.error = text
    models.Message.objects.bulk_update([message for message, _text in errors], ["error"])


def _failed(total: SendReport, batch: Sequence[models.Message], error: BankUnavailable) -> SendReport:
    why = f"{error.code}: {error.facts.get('why', '')}"
    return SendReport(total.sent, total.accepted, total.rejected, total.failed + len(batch), (*total.errors, why))
