"""Tables of monitoring."""

from __future__ import annotations

from django.db import models

from rongtong.core.ids import new_id
from rongtong.core.models import ActedBy
from rongtong.monitoring.contracts import Disposition, Level, SignalState, TaskState


class Signal(models.Model):
    """A signal of one enterprise; at most one open per code. Seen by the platform only: a task tells a lender of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    level = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Level])
    state = models.CharField(
        max_length=10, choices=[(one.value, one.value) for one in SignalState], default=SignalState.OPEN
    )
    facts = models.JSONField(default=dict)
    portrait_id = models.UUIDField(null=True)
    first_seen_date = models.DateField()
    last_seen_date = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "monitoring_signal"
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "code"], condition=models.Q(state="open"), name="one_open_signal_per_code"
            )
        ]
        indexes = [models.Index(fields=["state", "level"])]


class Task(ActedBy):
    """What a lender's people, or the operator's risk desk, have to do about a signal."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="tasks")
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    lender = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    code = models.CharField(max_length=40)
    level = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Level])
    facts = models.JSONField(default=dict)
    portrait_id = models.UUIDField(null=True)
    seen_date = models.DateField()
    deadline_at = models.DateTimeField()
    state = models.CharField(
        max_length=8, choices=[(one.value, one.value) for one in TaskState], default=TaskState.OPEN
    )
    disposition = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in Disposition], null=True, default=None
    )
    note = models.CharField(max_length=1000, blank=True)
    done_by = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "monitoring_task"
        constraints = [
            models.UniqueConstraint(
                fields=["signal", "lender"],
                condition=models.Q(state="open"),
                name="one_open_task_per_lender",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["lender", "state", "deadline_at"])]
