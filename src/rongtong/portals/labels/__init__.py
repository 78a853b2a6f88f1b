"""What states, roles, items and kinds are called on pages, and in which tone they are shown."""

from __future__ import annotations

from enum import Enum
from typing import Any

from django.utils.functional import Promise

from rongtong.portals.labels import events, financing, lending, people, rules

LABELS: dict[str, dict[str, tuple[str | Promise, str]]] = (
    people.TABLE | financing.TABLE | lending.TABLE | events.TABLE | rules.TABLE
)


def label_of(value: Any, family: str = "") -> str:
    """The name of a value of a family; a value without a name is shown as it is."""
    found = _find(value, family)
    return str(found[0]) if found else ("" if value is None else str(getattr(value, "value", value)))


def tone_of(value: Any, family: str = "") -> str:
    """The tone of a value: good, note, warn, alarm, bad; empty where it has none."""
    found = _find(value, family)
    return found[1] if found else ""


def _find(value: Any, family: str) -> tuple[str | Promise, str] | None:
    return LABELS.get(family, {}).get(str(value.value if isinstance(value, Enum) else value))
