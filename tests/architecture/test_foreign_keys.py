"""Foreign keys follow the storeys, which the import contracts cannot see: down, protected, without a way back up."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]


def storeys() -> dict[str, int]:
    """The height of each domain, read from the import contracts: one drawing, one source."""
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    lines = contracts["importlinter:contract:storeys"]["layers"].split("\n")
    layers = [line for line in map(str.strip, lines) if line]
    return {name.strip(" ()"): -depth for depth, layer in enumerate(layers) for name in layer.split("|")}


HEIGHTS = storeys()
CROSSING = [
    field
    for model in apps.get_models(include_auto_created=True)
    if model.__module__.startswith("rongtong.")
    for field in model._meta.local_fields + model._meta.local_many_to_many
    if field.is_relation
    and field.related_model.__module__.startswith("rongtong.")
    and field.related_model._meta.app_label != model._meta.app_label
]


def test_there_are_storeys_and_keys_to_look_at() -> None:
    assert HEIGHTS["config"] > HEIGHTS["consent"] > HEIGHTS["parties"] > HEIGHTS["core"]
    assert CROSSING


@pytest.mark.parametrize("field", CROSSING, ids=str)
class TestAForeignKeyAcrossDomains:
    def test_points_down(self, field: models.ForeignKey) -> None:
        here, there = field.model._meta.app_label, field.related_model._meta.app_label
        assert HEIGHTS[there] < HEIGHTS[here], f"{field} points from {here} up or across to {there}"

    def test_protects_what_it_points_to(self, field: models.ForeignKey) -> None:
        assert field.remote_field.on_delete is models.PROTECT

    def test_leaves_no_name_above(self, field: models.ForeignKey) -> None:
        assert field.remote_field.related_name == "+"
