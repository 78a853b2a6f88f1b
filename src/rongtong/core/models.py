"""Tables of the core: the audit trail, the outbox of events, and remembered responses to idempotent writes."""

from __future__ import annotations

from django.db import models

from rongtong.core.ids import new_id


class ActedFor(models.Model):
    """On whose behalf and by what right a row was written, beside who wrote it; empty in rows from before it was kept."""

    actor_organisation_id = models.UUIDField(null=True)
    """Null for the platform itself."""
    actor_right = models.CharField(max_length=24, blank=True, default="")

    class Meta:
        abstract = True


class ActedBy(ActedFor):
    """Who acted, on behalf of whom, by what right; all empty where nobody has acted yet."""

    actor_kind = models.CharField(max_length=16, blank=True, default="")
    actor_id = models.CharField(max_length=80, blank=True, default="")
    actor_name = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        abstract = True


class AuditEntry(models.Model):
    """Who did, or read, what, when, for whom. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)
    organisation_id = models.UUIDField(null=True)
    """The organisation that the actor acted for; null for the platform itself."""
    actor_right = models.CharField(max_length=24, blank=True, default="")
    """By what right; empty in entries from before it was kept."""
    action = models.CharField(max_length=80)
    """The event's name, such as `offer.accepted`."""
    subject = models.CharField(max_length=120)
    """What it was done to, as a prefixed id."""
    enterprise_id = models.UUIDField(null=True)
    """The enterprise concerned, which may read the entry."""
    facts = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "core_audit_entry"
        indexes = [
            models.Index(fields=["enterprise_id", "-recorded_at"]),
            models.Index(fields=["organisation_id", "-recorded_at"]),
            models.Index(fields=["subject"]),
            models.Index(fields=["action", "-recorded_at"]),
        ]


class Event(models.Model):
    """What happened, for whoever follows; written in the transaction of the deed, delivered by a job. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80, db_index=True)
    subject = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "core_event"


class RememberedResponse(models.Model):
    """The response to a write with an Idempotency-Key, given again when the same request comes again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    caller = models.CharField(max_length=120)
    key = models.CharField(max_length=120)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    """Null while the first request is still under way."""
    body = models.BinaryField(null=True)
    content_type = models.CharField(max_length=80, default="")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "core_remembered_response"
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="one_response_per_key")]
