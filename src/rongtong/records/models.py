"""Tables of records in PostgreSQL: who brought what, what was refused, and what is held of whom. The rows are in Iceberg."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from rongtong.core.ids import new_id
from rongtong.core.models import ActedFor
from rongtong.sources.contracts import SourceKind

_KINDS = [(kind.value, kind.value) for kind in SourceKind]


class Batch(models.Model):
    """One delivery of one kind. Written before its rows are committed, so that a crash in between can be told."""

    class State(models.TextChoices):
        LANDING = "landing"  # landing -> landed | interrupted
        LANDED = "landed"
        INTERRUPTED = "interrupted"
        """Its rows were never committed; its refused rows are kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.CharField(max_length=24, choices=_KINDS)
    source = models.CharField(max_length=80)
    part = models.CharField(max_length=24, blank=True)
    """Which of several files of one delivery, such as `sale`."""
    name = models.CharField(max_length=200)
    """The file's name or the request's address, for people."""
    payload_digest = models.CharField(max_length=64)
    """SHA-256 of the file or message."""
    rank = models.CharField(max_length=16, blank=True)
    """In what standing its rows are stated; empty in a batch of before ranks were kept, whose source tells it."""
    state = models.CharField(max_length=12, choices=State.choices, default=State.LANDING)
    rows_read = models.BigIntegerField()
    landed = models.BigIntegerField()
    duplicates = models.BigIntegerField()
    quarantined = models.BigIntegerField()
    reasons = models.JSONField(default=dict)
    snapshot_id = models.BigIntegerField(null=True)
    """The state of the record table after this batch."""
    consent_id = models.UUIDField(null=True)
    """The consent, where one covers the whole batch; each row names its own."""
    organisation_id = models.UUIDField(null=True)
    """The organisation that delivered; null for the platform's own pulls and imports."""
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)
    actor_organisation_id = models.UUIDField(null=True)
    actor_right = models.CharField(max_length=24, blank=True, default="")
    collected_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "records_batch"
        indexes = [
            models.Index(fields=["-recorded_at"]),
            models.Index(fields=["item", "snapshot_id"]),
            models.Index(fields=["payload_digest"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rows_read=models.F("landed") + models.F("duplicates") + models.F("quarantined")),
                name="no_row_of_a_batch_is_lost",
            )
        ]


class RefusedRow(models.Model):
    """A row that was not landed, word for word, with why. The same row of the same file is kept once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=24, choices=_KINDS)
    part = models.CharField(max_length=24, blank=True)
    payload_digest = models.CharField(max_length=64)
    row_number = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    column = models.CharField(max_length=80, blank=True)
    """The source's column that is wrong; empty where it is the row as a whole."""
    verbatim = models.TextField()
    """JSON: an object of the raw texts by column, or one text where the row could not be split."""
    enterprise_id = models.UUIDField(null=True)
    """The firm, where the row named one that is known."""
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "records_quarantine"
        indexes = [models.Index(fields=["enterprise_id"]), models.Index(fields=["item", "-recorded_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["payload_digest", "item", "part", "row_number"], name="one_refusal_per_row_of_a_file"
            )
        ]


class Holding(models.Model):
    """What is held of a firm, per kind: kept in step with the record tables, so that freshness needs no scan."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise_id = models.UUIDField()
    item = models.CharField(max_length=24, choices=_KINDS)
    rows = models.BigIntegerField()
    first_date = models.DateField(null=True)
    last_date = models.DateField(null=True)
    collected_until = models.DateField(null=True)
    """The last day that the source was asked about: without rows up to it, there was nothing."""
    collected_from = models.DateField(null=True)
    """The first day that the source was asked about: an authorisation that goes back further has it asked anew."""
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "records_holding"
        constraints = [models.UniqueConstraint(fields=["enterprise_id", "item"], name="one_holding_per_firm_and_kind")]


class TableState(models.Model):
    """A state of a record table that no batch made; batches carry their own. Tells when a state was, once it is gone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.CharField(max_length=24, choices=_KINDS)
    snapshot_id = models.BigIntegerField()
    cause = models.CharField(max_length=12)
    """`compaction` or `erasure`."""
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "records_table_state"
        indexes = [models.Index(fields=["item", "snapshot_id"])]


class RecordFile(models.Model):
    """A file of a record table as it was written. Sealed like any row, it vouches for the rows that are not in PostgreSQL."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.CharField(max_length=24, choices=_KINDS)
    path = models.CharField(max_length=1000, unique=True)
    digest = models.CharField(max_length=64)
    """SHA-256 of the file."""
    rows = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "records_file"
        indexes = [models.Index(fields=["item"])]


class Erasure(ActedFor):
    """The proof that rows of a firm were erased. Append-only; the transparency log holds its digest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise_id = models.UUIDField()
    item = models.CharField(max_length=24, choices=_KINDS)
    consent_ids = ArrayField(models.UUIDField())
    """The authorisations under which the rows had come; empty where all rows of the firm were erased."""
    rows = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    erased_by = models.CharField(max_length=120)
    erased_at = models.DateTimeField()

    class Meta:
        db_table = "records_erasure"
        indexes = [models.Index(fields=["enterprise_id"])]


class AccountKeeping(models.Model):
    """That a bank keeps an account of a firm. What the bank states of the account counts from the confirmation on."""

    class State(models.TextChoices):
        NAMED = "named"  # named -> confirmed | ended
        CONFIRMED = "confirmed"  # confirmed -> ended
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise_id = models.UUIDField()
    institution_id = models.UUIDField()
    account_number = models.CharField(max_length=34)
    state = models.CharField(max_length=12, choices=State.choices)
    named_by_id = models.UUIDField()
    """The organisation that said so first; the confirmation is another's, or the operator's own finding."""
    recorded_at = models.DateTimeField()
    confirmed_by_id = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "records_account_keeping"
        constraints = [
            models.UniqueConstraint(
                fields=["account_number", "institution_id"],
                condition=models.Q(state="confirmed"),
                name="one_holder_of_an_account_at_a_bank",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed") | models.Q(confirmed_at__isnull=False),
                name="a_confirmed_keeping_says_when",
            ),
        ]
        indexes = [models.Index(fields=["enterprise_id"]), models.Index(fields=["institution_id", "account_number"])]


class RegisterLookup(models.Model):
    """One look-up of a firm in a public register, answered or not. Append-only: who looked, for what, when, and what was said."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise_id = models.UUIDField()
    reader_id = models.UUIDField()
    register = models.CharField(max_length=24)
    purpose = models.CharField(max_length=24)
    as_of = models.DateField()
    """The day that was asked about."""
    state = models.CharField(max_length=12)
    """`answered`, `silent`, or `not_asked` where no register could be."""
    detail = models.CharField(max_length=200, blank=True)
    """Why there was no answer."""
    listed = models.BooleanField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    answer_digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of the answer as it came."""
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)
    actor_organisation_id = models.UUIDField(null=True)
    actor_right = models.CharField(max_length=24, blank=True, default="")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "records_register_lookup"
        indexes = [models.Index(fields=["enterprise_id", "-recorded_at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="answered", listed__isnull=False)
                | models.Q(state__in=["silent", "not_asked"], listed__isnull=True),
                name="an_answer_says_whether_a_firm_is_listed",
            )
        ]
