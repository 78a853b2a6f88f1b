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
from rongtong.credit.scorecards.derived import SOURCE_OF, measure
from rongtong.credit.scorecards.wording import describe_bin, describe_value

MISSING_EN, MISSING_ZH = "not known", "未知"
ABSENT = {
    "unknown": (MISSING_EN, MISSING_ZH),
    "assumed": ("assumed unremarkable", "假设无异常"),
    "none": ("does not apply", "不适用"),
}
SCORECARD_VERSION = "2.0.0"
"""The card that scores now; the cards of before score again what they scored."""
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
    """One feature's bins: a bin holds its lower cut and not its upper one; what is unknown has a bin of its own."""

    name: str
    dimension: str
    unit: str
    title_en: str
    title_zh: str
    cuts: tuple[float, ...]
    points: tuple[int, ...]
    reason_en: str
    reason_zh: str
    missing: int = 0
    """The points of what is unknown: from version 2 on no more than those of any bin."""

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

    def score(
        self,
        values: Mapping[str, float | None],
        *,
        unknown: frozenset[str] = frozenset(),
        assumed: frozenset[str] = frozenset(),
    ) -> ScoreResult:
        """Score one firm by its feature values; what is absent, None or NaN has no value.

        Whatever value an unknown feature has, it takes the points of what is missing: no more than any value would have.
        """
        contributions, reasons, low, high = [], [], 0, 0
        for feature in self.features:
            value, source = measure(feature.name, values), SOURCE_OF.get(feature.name, feature.name)
            if source in unknown or value is None:
                standing = "unknown" if source in unknown else "assumed" if source in assumed else "none"
                one = _absent(feature, standing)
                open_points = (0, 0) if standing == "none" else (min(feature.points), feature.best)
                if standing == "unknown" and feature.best > one.points:
                    reasons.append(_unknown_reason(feature))
            else:
                index = feature.bin_of(value)
                one = _known(feature, value, index)
                open_points = (one.points, one.points)
                if one.points < feature.best:
                    reasons.append(_reason(feature, value, index))
            contributions.append(one)
            low, high = low + open_points[0], high + open_points[1]
        total = self.base_points + sum(one.points for one in contributions)
        return ScoreResult(
            scorecard=self.name,
            version=self.version,
            score=total,
            grade=next((grade for grade, floor in self.grades if total >= floor), self.grades[-1][0]),
            pd=self.scale.pd(total).quantize(Decimal("1e-6")),
            base_points=self.base_points,
            contributions=tuple(contributions),
            reasons=tuple(sorted(reasons, key=lambda reason: -reason.points_lost)),
            score_low=self.base_points + low,
            score_high=self.base_points + high,
        )


def _known(feature: Feature, value: float, index: int) -> Contribution:
    return Contribution(
        feature.name,
        feature.title_en,
        feature.title_zh,
        float(value),
        *feature.bin_text(index),
        feature.points[index],
        feature.best,
    )


def _absent(feature: Feature, standing: str) -> Contribution:
    points = feature.missing if standing == "unknown" else 0
    words = ABSENT[standing]
    return Contribution(
        feature.name, feature.title_en, feature.title_zh, None, *words, points, feature.best, standing=standing
    )


def _unknown_reason(feature: Feature) -> Reason:
    lost = feature.best - feature.missing
    return Reason(
        code=feature.name,
        text_en=f"{feature.title_en}: not known, so it counts as the worst (up to {lost} points once it is authorised and collected).",
        text_zh=f"“{feature.title_zh}”数据未知，按最不利情形计分（授权并采集后最多可得回{lost}分）。",
        points_lost=lost,
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
        bins.append(SheetBin(MISSING_EN, MISSING_ZH, feature.missing))
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
def load_scorecard(version: str = SCORECARD_VERSION) -> Scorecard:
    """Read a version of the published scorecard from this package; a file that was published never changes.

    Raises FileNotFoundError where there never was such a version.
    """
    name = f"expert_v{version.partition('.')[0]}.toml"
    sheet = tomllib.loads(files("rongtong.credit.scorecards").joinpath(name).read_text(encoding="utf-8"))
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
