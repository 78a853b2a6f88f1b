"""Say what was found of a signal."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Conflict, Invalid, NotFound
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.monitoring import models
from rongtong.monitoring.contracts import Disposition, SignalState, TaskState


class TaskNotFound(NotFound):
    """There is no such task for the one who asks."""

    code = "task_not_found"
    message = _("There is no such task.")


class TaskAlreadyDone(Conflict):
    """The task was done before, with another finding."""

    code = "task_already_done"
    message = _("This task was already done by %(done_by)s.")


class NoteMissing(Invalid):
    """A finding came without a note of what was looked at."""

    code = "note_missing"
    message = _("Please say in a few words what you looked at.")


def dispose_task(*, task_id: UUID, disposition: Disposition, note: str, actor: Actor, at: datetime) -> None:
    """Close a task with its finding; the risk desk's false alarm dismisses the signal for all.

    Raises TaskNotFound, TaskAlreadyDone, NoteMissing.
    """
    if not note.strip():
        raise NoteMissing()
    with transaction.atomic():
        task = models.Task.objects.select_for_update(of=("self",)).filter(pk=task_id).first()
        if task is None:
            raise TaskNotFound()
        if task.state == TaskState.DONE:
            if task.disposition == disposition:
                return
            raise TaskAlreadyDone(done_by=task.done_by)
        task.state, task.disposition, task.note = TaskState.DONE, disposition, note.strip()[:1000]
        task.done_by, task.done_at = actor.name, at
        who = actor.columns()
        for name, value in who.items():
            setattr(task, name, value)
        task.save(update_fields=["state", "disposition", "note", "done_by", "done_at", *who])
        if disposition == Disposition.FALSE_ALARM and task.lender_id is None:
            models.Signal.objects.filter(pk=task.signal_id, state=SignalState.OPEN).update(state=SignalState.DISMISSED)
        deed = Deed(
            name="task.disposed",
            subject=encode_id("tsk", task.id),
            enterprise_id=task.enterprise_id,
            facts={"code": task.code, "disposition": str(disposition)},
        )
        record(deed=deed, actor=actor, at=at)
