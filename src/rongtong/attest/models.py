"""Tables of the log: steps, their leaves, the tree's inner nodes, the signed checkpoints, the seals; all append-only."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Length

from rongtong.core.frozen_columns import frozen_columns
from rongtong.core.ids import new_id
from rongtong.core.tenancy import Book

models.BinaryField.register_lookup(Length)


class Step(models.Model):
    """A step as its domain wrote it; its leaf is the canonical JSON of this row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=80)
    subject = models.CharField(max_length=120, db_index=True)
    enterprise_id = models.UUIDField(null=True, db_index=True)
    lender_id = models.UUIDField(null=True)
    written_by_id = models.UUIDField(null=True)
    """The organisation as which it was written; null for the platform itself."""
    evidence_kind = models.CharField(max_length=40)
    evidence_id = models.UUIDField()
    evidence_digest = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    leaf_version = models.PositiveSmallIntegerField(default=1, db_default=1)
    """Which columns of this row its leaf holds: `LEAF_COLUMNS`."""
    evidence_versions = models.JSONField(null=True)
    """The versions of the column lists that `evidence_digest` was made with; null for the first of each."""
    book = models.CharField(max_length=10, db_default=Book.LIVE.value)
    """The book of the step, see `keep_books_apart`, whose default in the database holds where none is named."""

    class Meta:
        db_table = "attest_step"


_LEAF_1 = (
    "id kind subject enterprise_id lender_id written_by_id evidence_kind evidence_id evidence_digest "
    "occurred_at recorded_at"
)
LEAF_COLUMNS = frozen_columns("attest_step", _LEAF_1, f"{_LEAF_1} leaf_version evidence_versions book")


class Pending(models.Model):
    """The queue of the sequencer: a trigger adds each new step, the sequencer takes it out."""

    step = models.OneToOneField(Step, on_delete=models.PROTECT, primary_key=True, related_name="+")
    writer = models.TextField(db_default="")
    """Who wrote the step, see `adapters.writers`."""
    row_digest = models.CharField(max_length=64, db_default="")
    """The SHA-256 of the step's row as it was written, as jsonb, in hex."""
    row_columns = models.PositiveSmallIntegerField(db_default=0)
    """How many columns the row had."""
    written_at = models.DateTimeField(null=True)
    """When, by the database's clock."""
    mark = models.CharField(max_length=64, db_default="")
    """The proof that a session of the platform wrote all this, see `adapters.writers`."""

    class Meta:
        db_table = "attest_pending"


class Leaf(models.Model):
    """The place of a step in the tree: 0, 1, 2, … without a gap."""

    leaf_index = models.BigIntegerField(primary_key=True)
    step = models.OneToOneField(Step, on_delete=models.PROTECT, related_name="leaf")
    leaf_hash = models.BinaryField()

    class Meta:
        db_table = "attest_leaf"
        constraints = [
            models.CheckConstraint(condition=models.Q(leaf_index__gte=0), name="leaf_index_counts_from_zero"),
            models.CheckConstraint(condition=models.Q(leaf_hash__length=32), name="leaf_hash_is_sha256"),
        ]


class Node(models.Model):
    """An inner node: the root of a perfect subtree, `level` from 1."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    node_hash = models.BinaryField()
    pk = models.CompositePrimaryKey("level", "index")

    class Meta:
        db_table = "attest_node"
        constraints = [models.CheckConstraint(condition=models.Q(node_hash__length=32), name="node_hash_is_sha256")]


class Checkpoint(models.Model):
    """A signed size and root of the log."""

    tree_size = models.BigIntegerField(primary_key=True)
    root_hash = models.BinaryField()
    signed_at = models.DateTimeField()
    note = models.TextField()
    """The signed note (C2SP tlog-checkpoint): origin, size, root, time, and the Ed25519 signature over them."""

    class Meta:
        db_table = "attest_checkpoint"
        constraints = [
            models.CheckConstraint(condition=models.Q(tree_size__gt=0), name="checkpoint_has_leaves"),
            models.CheckConstraint(condition=models.Q(root_hash__length=32), name="root_hash_is_sha256"),
        ]


class Seal(models.Model):
    """Rows of one table, digested together: the evidence of a step `rows.sealed`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.PositiveSmallIntegerField(default=1, db_default=1)
    """Which of these columns are behind the step: `SEAL_COLUMNS`."""
    table_name = models.CharField(max_length=63, db_index=True)
    columns = ArrayField(models.CharField(max_length=63))
    """The columns that the table had; what a later version adds is not part of the digests."""
    row_keys = ArrayField(models.CharField(max_length=400))
    digests = models.BinaryField()
    """The SHA-256 of each row, 32 bytes each, in the order of `row_keys`; zeros for a row that was deleted."""
    writer = models.JSONField(null=True)
    """Who wrote the rows: database roles, program, version of the code, and whether it was the platform."""
    queue_ids = ArrayField(models.BigIntegerField(), null=True)
    """The entries of the queue that were taken for it; none is taken twice."""
    row_places = ArrayField(models.BigIntegerField(), null=True)
    """For each of `row_keys` the newest entry that the queue had for it; over the seals of a row they never go back."""
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "attest_seal"


class Unsealed(models.Model):
    """The queue of the seals: triggers add each row that is written, `seal_rows` takes it out."""

    table_name = models.CharField(max_length=63)
    row_key = models.CharField(max_length=400)
    deleted = models.BooleanField(db_default=False)
    writer = models.TextField(db_default="")
    """Who wrote the row, see `adapters.writers`."""
    row_digest = models.CharField(max_length=64, db_default="")
    """The SHA-256 of the row as it was written (or deleted), as jsonb, in hex."""
    row_columns = models.PositiveSmallIntegerField(db_default=0)
    """How many columns the row had; a column that is added while it waits comes after them."""
    written_at = models.DateTimeField(null=True)
    """When, by the database's clock."""
    mark = models.CharField(max_length=64, db_default="")
    """The proof that a session of the platform wrote all this, see `adapters.writers`."""

    class Meta:
        db_table = "attest_unsealed"
        indexes = [models.Index(fields=["table_name", "id"])]


class Structure(models.Model):
    """What the tables, keys, triggers and rules of the database were after a set of migrations; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    migrations = models.CharField(max_length=64)
    """The digest of the names of the migrations that were applied."""
    parts = models.JSONField()
    """The digest of each table with all that hangs on it, and of each function, by name."""
    code = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "attest_structure"


STRUCTURE_COLUMNS = frozen_columns("attest_structure", "id migrations parts code recorded_at")
