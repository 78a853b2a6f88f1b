"""Tables of consent: what was agreed, what became of it, who read what. All but the count of refusals are append-only."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from rongtong.core.ids import new_id
from rongtong.core.models import ActedFor


class Authorisation(ActedFor):
    """What a firm agreed to, word for word. Every column is covered by its digest in the transparency log."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.PositiveIntegerField(default=1)
    prior = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    subject = models.JSONField()
    """The firm's name and identifier on the day of signing."""
    signatory = models.JSONField()
    grantee_ids = ArrayField(models.UUIDField())
    grantees = models.JSONField()
    items = ArrayField(models.CharField(max_length=40))
    purposes = ArrayField(models.CharField(max_length=40))
    range_from = models.DateField()
    range_to = models.DateField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    retention_days = models.PositiveIntegerField()
    text = models.TextField()
    form = models.CharField(max_length=16)
    edition = models.PositiveSmallIntegerField(default=2)
    """1: signed as one block of recipients, items and purposes, before entries were; 2: `entries` is what was agreed."""
    entries = models.JSONField(default=list)
    """In edition 2 `grantee_ids`, `items`, `purposes`, the span and the retention are the hull of these."""
    supplement = models.TextField(blank=True, default="")
    basis = models.CharField(max_length=16, blank=True, default="")
    awaits_check = models.BooleanField(default=False)
    """Whether a person must check the signatory before it comes into force."""
    signed_at = models.DateTimeField()
    signed_by = models.CharField(max_length=120)
    content_digest = models.CharField(max_length=64, unique=True)
    """Of the draft and its moment: the same grant, sent again, is the same row."""

    class Meta:
        db_table = "consent_authorisation"
        indexes = [models.Index(fields=["enterprise", "-signed_at"])]
        constraints = [
            models.CheckConstraint(condition=models.Q(valid_to__gt=models.F("valid_from")), name="consent_lasts"),
            models.CheckConstraint(condition=models.Q(range_to__gte=models.F("range_from")), name="consent_range_runs"),
            models.CheckConstraint(
                condition=models.Q(edition=2) | models.Q(entries=[], supplement="", basis="", awaits_check=False),
                name="consent_entries_since_edition_2",
            ),
        ]


class StateChange(ActedFor):
    """That an authorisation was suspended or resumed, or that its signatory was checked: confirmed or rejected."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="changes")
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    """`confirmed`, `rejected`, `suspended` or `resumed`."""
    reason = models.CharField(max_length=400, blank=True)
    channel = models.CharField(max_length=40)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=120)

    class Meta:
        db_table = "consent_state_change"
        constraints = [
            models.UniqueConstraint(
                fields=["authorisation", "kind", "changed_at"], name="consent_changes_once_a_moment"
            )
        ]


class Mandate(ActedFor):
    """A power of attorney as an agent handed it in: the file itself, seen by the firm and by who checks it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=120)

    class Meta:
        db_table = "consent_mandate"


class Use(models.Model):
    """One fetch under an entry whose fetches are counted: allowed once, or once in so many days."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="+")
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    reader = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    """Of the entry within its authorisation, from 0."""
    used_at = models.DateTimeField()

    class Meta:
        db_table = "consent_use"
        constraints = [
            models.UniqueConstraint(
                fields=["authorisation", "number", "reader", "used_at"], name="what_one_moment_fetches_is_one_fetch"
            )
        ]


class Revocation(ActedFor):
    """That an authorisation was withdrawn, or replaced by its next version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    authorisation = models.OneToOneField(Authorisation, on_delete=models.PROTECT, related_name="revocation")
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)
    channel = models.CharField(max_length=40)
    revoked_at = models.DateTimeField()
    revoked_by = models.CharField(max_length=120)

    class Meta:
        db_table = "consent_revocation"


class Access(models.Model):
    """Who read what of whom, when, for what, on which authorisation; or was refused, and why (征信业管理条例 art. 22).

    The references carry no database constraint: a refusal is written outside of the transaction that it ends, where
    the rows it names may not be committed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey(
        "parties.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    reader = models.ForeignKey(
        "parties.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    authorisation = models.ForeignKey(
        Authorisation, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    assertion_id = models.UUIDField(null=True)
    """What was asserted in place of an authorisation, in an evaluation."""
    items = ArrayField(models.CharField(max_length=40))
    entry_numbers = ArrayField(models.PositiveSmallIntegerField(), default=list)
    """The entries of the authorisation that allowed it, in the order of `items`."""
    mode = models.CharField(max_length=16, blank=True, default="")
    purpose = models.CharField(max_length=40)
    refusal = models.CharField(max_length=16, blank=True)
    """Empty for a use."""
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)
    actor_right = models.CharField(max_length=24, blank=True, default="")
    """By what right the actor read; on whose behalf is the reader. Empty in rows from before it was kept."""
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "consent_access"
        indexes = [
            models.Index(fields=["enterprise", "-occurred_at"]),
            models.Index(fields=["reader", "-occurred_at"]),
        ]


class AssertedPaper(ActedFor):
    """A file that was brought in proof of an assertion, as it came. Append-only; kept once, however often it is brought."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the content."""
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=120)

    class Meta:
        db_table = "consent_asserted_paper"


class Assertion(ActedFor):
    """What an importer says that a firm authorised. No authorisation: nobody is bound by it, no lender reads on it. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    items = ArrayField(models.CharField(max_length=40))
    text = models.TextField()
    """The importer's words: what was agreed, on what paper."""
    asserted_by = models.CharField(max_length=200)
    checked_by = models.CharField(max_length=200, blank=True)
    """Who compared the paper with the words; empty where nobody did."""
    paper = models.ForeignKey(AssertedPaper, on_delete=models.PROTECT, null=True, related_name="+")
    valid_to = models.DateTimeField()
    """Until when evaluations may read on it."""
    retention_days = models.PositiveIntegerField()
    actor = models.CharField(max_length=120)
    asserted_at = models.DateTimeField()
    content_digest = models.CharField(max_length=64, unique=True)
    """Of firm, items, words, names and paper: asserted again, it is the same row."""

    class Meta:
        db_table = "consent_assertion"
        indexes = [models.Index(fields=["enterprise", "-asserted_at"], name="assertions_of_a_firm")]


class RefusalCount(models.Model):
    """How often a reader was refused the same thing on a day: all are counted here, the first few are rows of `Access` too."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey(
        "parties.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    reader = models.ForeignKey(
        "parties.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    items = ArrayField(models.CharField(max_length=40))
    purpose = models.CharField(max_length=40)
    refusal = models.CharField(max_length=16)
    day = models.DateField()
    """In China."""
    times = models.PositiveIntegerField()
    actor_kind = models.CharField(max_length=16)
    """Who was refused last; on whose behalf is the reader."""
    actor_id = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)
    actor_right = models.CharField(max_length=24, blank=True, default="")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "consent_refusal_count"
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "reader", "items", "purpose", "refusal", "day"], name="refusals_of_a_day_are_one"
            )
        ]
