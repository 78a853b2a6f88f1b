"""Columns and constraints that servicing's tables share."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q


def organisation() -> Any:
    """A firm or a lender: both see the row."""
    return models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")


def among(field: str, enum: Any, name: str) -> models.CheckConstraint:
    """The field holds one of an enum's words."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": sorted(one.value for one in enum)}), name=name)
