"""Tables of features: the portraits."""

from __future__ import annotations

from django.db import models

from rongtong.core.frozen_columns import frozen_columns
from rongtong.core.ids import new_id


class PortraitRow(models.Model):
    """A portrait as it was built. Append-only. What was computed is kept as canonical text, so that its bytes stay its bytes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    version = models.CharField(max_length=16)
    inputs_digest = models.CharField(max_length=64)
    """Of what it was computed from: the items that could be read, the states of their tables, the parameters."""
    content = models.TextField()
    """Canonical JSON: values, dimensions, freshness, monthly series, row counts."""
    content_digest = models.CharField(max_length=64)
    lineage = models.TextField()
    """Canonical JSON: the states of the record tables, and the consents that covered the reads."""
    digest = models.CharField(max_length=64)
    generated = models.BooleanField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "features_portrait"
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "as_of", "version", "inputs_digest"], name="one_portrait_per_inputs"
            )
        ]
        indexes = [models.Index(fields=["enterprise", "-as_of", "-recorded_at"])]


PORTRAIT_COLUMNS = frozen_columns(
    "features_portrait",
    "id enterprise_id as_of version inputs_digest content content_digest lineage generated recorded_at",
    left_out="digest",
)
"""`digest` is that of the others."""
