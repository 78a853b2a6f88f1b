"""The seven sides of a portrait, each 0 to 100, by published straight lines over feature values."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rongtong.features.contracts import Dimension, Driver, FeatureDefinition


@dataclass(frozen=True, slots=True)
class DriverRule:
    """How one feature enters a dimension: its weight, and its score along `knots` (value, score), flat beyond the ends."""

    feature: str
    weight: int
    knots: tuple[tuple[float, float], ...]
    cap: int | None = None
    """The dimension's score is at most this while the feature scores 0."""

    def score(self, value: float) -> float:
        """0 to 100."""
        if value <= self.knots[0][0]:
            return self.knots[0][1]
        for (left, low), (right, high) in zip(self.knots, self.knots[1:], strict=False):
            if value <= right:
                return low + (high - low) * (value - left) / (right - left)
        return self.knots[-1][1]


@dataclass(frozen=True, slots=True)
class DimensionRule:
    """A dimension and the features that make it up."""

    code: str
    title_en: str
    title_zh: str
    drivers: tuple[DriverRule, ...]


@cache
def dimension_rules() -> tuple[DimensionRule, ...]:
    """The published rules, in order."""
    text = (Path(__file__).parent.parent / "data" / "dimensions.toml").read_text(encoding="utf-8")
    return tuple(
        DimensionRule(
            code=entry["code"],
            title_en=entry["title_en"],
            title_zh=entry["title_zh"],
            drivers=tuple(
                DriverRule(
                    feature=driver["feature"],
                    weight=driver["weight"],
                    knots=tuple((float(value), float(score)) for value, score in driver["knots"]),
                    cap=driver.get("cap"),
                )
                for driver in entry["drivers"]
            ),
        )
        for entry in tomllib.loads(text)["dimension"]
    )


def dimensions(
    values: Mapping[str, float | None],
    definitions: Mapping[str, FeatureDefinition],
    unknown: Collection[str] = (),
) -> tuple[Dimension, ...]:
    """The sides of a portrait from its values. What is unknown counts as the worst, so that withholding never pays;
    a side without any value, or of which less than half by weight is known, has no score."""
    return tuple(_dimension(rule, values, definitions, frozenset(unknown)) for rule in dimension_rules())


def _dimension(
    rule: DimensionRule,
    values: Mapping[str, float | None],
    definitions: Mapping[str, FeatureDefinition],
    unknown: frozenset[str],
) -> Dimension:
    scores = {
        one.feature: None if one.feature in unknown else _scored(one, values.get(one.feature)) for one in rule.drivers
    }
    missing = [one for one in rule.drivers if one.feature in unknown]
    known = [(one, score) for one in rule.drivers if (score := scores[one.feature]) is not None]
    drivers = sorted(rule.drivers, key=lambda one: (-_effect(one, scores[one.feature]), one.feature))
    return Dimension(
        code=rule.code,
        title_en=rule.title_en,
        title_zh=rule.title_zh,
        score=_mean(known, missing),
        unknown=tuple(one.feature for one in missing),
        drivers=tuple(
            Driver(
                feature=one.feature,
                title_en=definitions[one.feature].title_en,
                title_zh=definitions[one.feature].title_zh,
                value=values.get(one.feature),
                score=scores[one.feature],
                weight=one.weight,
            )
            for one in drivers
        ),
    )


def _scored(rule: DriverRule, value: float | None) -> float | None:
    return None if value is None else rule.score(value)


def _effect(rule: DriverRule, score: float | None) -> float:
    return -1.0 if score is None else rule.weight * abs(score - 50)


def _mean(known: list[tuple[DriverRule, float]], missing: list[DriverRule]) -> int | None:
    weight, absent = sum(one.weight for one, _ in known), sum(one.weight for one in missing)
    if weight <= absent:
        return None
    mean = math.fsum(one.weight * score for one, score in known) / (weight + absent)
    caps = [one.cap for one, score in known if one.cap is not None and score == 0]
    return min([math.floor(mean + 0.5), *caps])
