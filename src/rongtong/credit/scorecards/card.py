"""Reading a published scorecard from its file, and scoring with it."""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache
from importlib.resources import files

from rongtong.credit.contracts import Contribution, Reason, ScorecardSheet, ScoreResult, SheetBin, SheetFeature
from rongtong.credit.scorecards.derived import measure
from rongtong.credit.scorecards.wording import describe_bin, describe_value

MISSING_EN, MISSING_ZH = "no data", "无数据"
NOTE_EN = (
    "Points are set by experts and not fitted; the probability of default is read off the scale and is not calibrated."
)
NOTE_ZH = "分值由专家设定，未经样本拟合；违约概率按刻度换算，未经校准。"


@dataclass(frozen=True, slots=True)
class Scale:
    """How a score stands for odds: `score` points for `odds` good to one bad, `pdo` points double the odds."""

    score: int
    odds: int
    pdo: int

    @property
    def factor(self) -> Decimal:
        """Points for a natural-log unit of the odds: PDO / ln 2."""
        return Decimal(self.pdo) / Decimal(2).ln()

    @property
    def offset(self) -> Decimal:
        """The score of even odds."""
        return self.score - self.factor * Decimal(self.odds).ln()

    def pd(self, score: Decimal | int) -> Decimal:
        """The probability of default that a score stands for."""
        with localcontext(prec=28):
            return 1 / (1 + ((score - self.offset) / self.factor).exp())

    def score_of(self, pd: Decimal) -> Decimal:
        """The score that stands for a probability of default."""
        return self.offset + self.factor * ((1 - pd) / pd).ln()


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature's bins: a bin holds its lower cut and not its upper one; missing values have a bin of 0 points."""

    name: str
    dimension: str
    unit: str
    title_en: str
    title_zh: str
    cuts: tuple[float, ...]
    points: tuple[int, ...]
    reason_en: str
    reason_zh: str

    @property
    def best(self) -> int:
        """The points of the best bin."""
        return max(self.points)

    def bin_of(self, value: float) -> int:
        """The index of the bin that holds a value."""
        return bisect_right(self.cuts, value)

    def bin_text(self, index: int) -> tuple[str, str]:
        """What a bin holds, in English and Chinese."""
        lower = self.cuts[index - 1] if index else None
        upper = self.cuts[index] if index < len(self.cuts) else None
        return describe_bin(self.unit, lower, upper)

    def better(self, index: int) -> int | None:
        """The nearest bin with more points, or None in the best one."""
        higher = [other for other, points in enumerate(self.points) if points > self.points[index]]
        return min(higher, key=lambda other: (abs(other - index), other)) if higher else None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A published scorecard: base points, the scale, grades from best to worst, and the features."""

    name: str
    version: str
    base_points: int
    scale: Scale
    grades: tuple[tuple[str, int], ...]
    features: tuple[Feature, ...]

    def score(self, values: Mapping[str, float | None]) -> ScoreResult:
        """Score one firm by its feature values; what is absent, None or NaN counts as missing."""
        contributions, reasons = [], []
        for feature in self.features:
            value = measure(feature.name, values)
            if value is None:
                contributions.append(
                    Contribution(
                        feature.name, feature.title_en, feature.title_zh, None, MISSING_EN, MISSING_ZH, 0, feature.best
                    )
                )
                continue
            index = feature.bin_of(value)
            points = feature.points[index]
            english, chinese = feature.bin_text(index)
            contributions.append(
                Contribution(
                    feature.name,
                    feature.title_en,
                    feature.title_zh,
                    float(value),
                    english,
                    chinese,
                    points,
                    feature.best,
                )
            )
            if points < feature.best:
                reasons.append(_reason(feature, value, index))
        total = self.base_points + sum(one.points for one in contributions)
        return ScoreResult(
            scorecard=self.name,
            version=self.version,
            score=total,
            grade=next(grade for grade, floor in self.grades if total >= floor),
            pd=self.scale.pd(total).quantize(Decimal("1e-6")),
            base_points=self.base_points,
            contributions=tuple(contributions),
            reasons=tuple(sorted(reasons, key=lambda reason: -reason.points_lost)),
        )


def _reason(feature: Feature, value: float, index: int) -> Reason:
    english, chinese = describe_value(feature.unit, value)
    better = feature.better(index)
    assert better is not None, "points were lost, so a better bin exists"
    gain = feature.points[better] - feature.points[index]
    better_en, better_zh = feature.bin_text(better)
    return Reason(
        code=feature.name,
        text_en=f"{feature.reason_en} (now {english}; {better_en} would add {gain} points).",
        text_zh=f"{feature.reason_zh}（当前{chinese}，若为{better_zh}可再得{gain}分）。",
        points_lost=feature.best - feature.points[index],
    )


def sheet_of(card: Scorecard) -> ScorecardSheet:
    """The scorecard as it is published."""
    features = []
    for feature in card.features:
        bins = [SheetBin(*feature.bin_text(index), points) for index, points in enumerate(feature.points)]
        bins.append(SheetBin(MISSING_EN, MISSING_ZH, 0))
        features.append(
            SheetFeature(feature.name, feature.dimension, feature.unit, feature.title_en, feature.title_zh, tuple(bins))
        )
    return ScorecardSheet(
        name=card.name,
        version=card.version,
        base_points=card.base_points,
        scale_score=card.scale.score,
        scale_odds=card.scale.odds,
        points_to_double_odds=card.scale.pdo,
        grades=card.grades,
        features=tuple(features),
        note_en=NOTE_EN,
        note_zh=NOTE_ZH,
    )


@lru_cache(maxsize=8)
def load_scorecard(name: str = "expert_v1") -> Scorecard:
    """Read a published scorecard from this package; a file of a version that was published never changes."""
    sheet = tomllib.loads(files("rongtong.credit.scorecards").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    return Scorecard(
        name=sheet["name"],
        version=sheet["version"],
        base_points=sheet["base_points"],
        scale=Scale(**sheet["scale"]),
        grades=tuple((grade["code"], grade["from"]) for grade in sheet["grade"]),
        features=tuple(
            Feature(**{**feature, "cuts": tuple(feature["cuts"]), "points": tuple(feature["points"])})
            for feature in sheet["feature"]
        ),
    )
