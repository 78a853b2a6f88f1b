"""The published catalogue of features, and which module computes each."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import ibis.expr.types as ir

from rongtong.features.contracts import FeatureDefinition
from rongtong.features.definitions import (
    bank_flows,
    courts,
    cross_checks,
    electricity,
    invoices,
    news,
    registration,
    social_insurance,
    tax,
)
from rongtong.features.definitions.tables import ITEMS

Builder = Callable[[ir.Table, dict[str, ir.Table]], ir.Table]
Predicate = Callable[[ir.Table], ir.BooleanValue]

GROUPS: Mapping[str, tuple[Builder, tuple[str, ...]]] = {
    "invoices": (invoices.features, ("invoices",)),
    "tax": (tax.features, ("tax",)),
    "social_insurance": (social_insurance.features, ("social_insurance",)),
    "electricity": (electricity.features, ("electricity",)),
    "bank_flows": (bank_flows.features, ("bank_flows",)),
    "registration": (registration.features, ("registration",)),
    "courts": (courts.features, ("courts",)),
    "news": (news.features, ("news",)),
    "cross_checks": (cross_checks.features, ("invoices", "tax", "bank_flows")),
}
"""Name of a query -> its expression and the items that it reads."""

NEEDS: Mapping[str, tuple[frozenset[str], ...]] = {
    **{group: (frozenset(reads),) for group, (_, reads) in GROUPS.items()},
    "cross_checks": (frozenset({"invoices", "tax"}), frozenset({"invoices", "bank_flows"})),
}
"""Name of a query -> sets of items; without records of all of any one set it has no value to give."""

LINES: Mapping[str, Callable[[ir.Table, ir.Table], ir.Table]] = {
    "invoices": invoices.traced,
    "tax": tax.lines,
    "social_insurance": social_insurance.lines,
    "electricity": electricity.lines,
    "bank_flows": bank_flows.traced,
    "registration": registration.lines,
    "courts": courts.lines,
    "news": news.lines,
}
"""Item -> its records as seen from each subject, on which `EVIDENCE` tells the ones behind a feature."""

EVIDENCE: Mapping[str, Mapping[str, Predicate]] = {
    name: predicates
    for module in (
        invoices,
        tax,
        social_insurance,
        electricity,
        bank_flows,
        registration,
        courts,
        news,
        cross_checks,
    )
    for name, predicates in module.EVIDENCE.items()
}
"""Feature -> item -> which of its lines the value is made of."""

assert set(LINES) == set(ITEMS)


@cache
def catalogue() -> tuple[FeatureDefinition, ...]:
    """All features in the order of publication."""
    text = (Path(__file__).parent.parent / "data" / "catalogue.toml").read_text(encoding="utf-8")
    return tuple(
        FeatureDefinition(**entry | {"also_reads": tuple(entry.get("also_reads", ()))})
        for entry in tomllib.loads(text)["feature"]
    )


@cache
def names() -> tuple[str, ...]:
    """The names of all features, in the order of publication."""
    return tuple(one.name for one in catalogue())
