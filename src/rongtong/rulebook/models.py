"""The table of rules. Append-only: a row that corrects or follows another is a new row."""

from __future__ import annotations

from django.db import models

from rongtong.core.ids import new_id
from rongtong.core.models import ActedFor


class RuleRow(ActedFor):
    """One value of one rule from one day on. Among rows of the same rule and day the highest revision holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rule_id = models.CharField(max_length=80)
    effective_from = models.DateField()
    revision = models.PositiveIntegerField()
    value = models.TextField()
    unit = models.CharField(max_length=80)
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200)
    source = models.CharField(max_length=400)
    effective_to = models.DateField(null=True)
    needs_review = models.BooleanField(default=False)
    fingerprint = models.CharField(max_length=64)
    recorded_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "rulebook_rule"
        constraints = [
            models.UniqueConstraint(fields=["rule_id", "effective_from", "revision"], name="one_rule_row_per_revision"),
            models.CheckConstraint(
                condition=models.Q(effective_to__isnull=True) | models.Q(effective_to__gt=models.F("effective_from")),
                name="rule_lasts",
            ),
        ]
