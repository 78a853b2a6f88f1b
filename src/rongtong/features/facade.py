"""The door of features."""

from rongtong.features.actions.build_portraits import build_portraits
from rongtong.features.adapters.engine import warm
from rongtong.features.definitions.catalogue import catalogue
from rongtong.features.queries import (
    FeatureUnknown,
    PortraitMissing,
    compute,
    compute_panel,
    latest_portrait,
    latest_portraits,
    portrait,
    portrait_changes,
    portrait_series,
    provenance,
)
from rongtong.features.rules.dimensions import dimension_rules

__all__ = [
    "FeatureUnknown",
    "PortraitMissing",
    "build_portraits",
    "catalogue",
    "compute",
    "compute_panel",
    "dimension_rules",
    "latest_portrait",
    "latest_portraits",
    "portrait",
    "portrait_changes",
    "portrait_series",
    "provenance",
    "warm",
]
