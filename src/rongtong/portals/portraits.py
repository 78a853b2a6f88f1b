"""A portrait as pages show it: its charts, its figures by source, what is fresh and what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from rongtong.credit import facade as credit
from rongtong.credit.contracts import ScoreResult
from rongtong.features import facade as features
from rongtong.features.contracts import FeatureDefinition, Portrait, PortraitChange, SourceState
from rongtong.portals import charts, wording
from rongtong.portals.labels import LABELS, label_of
from rongtong.records.contracts import STANDINGS, SourceKind

_FRESH = {"tax": 60, "invoices": 45, "social_insurance": 60, "electricity": 14, "bank_flows": 14}
"""Days after which the last record of a source counts as old on a page; events (registration, courts, news) never grow old."""


@dataclass(frozen=True)
class Freshness:
    """How recent a source is: `fresh`, `old`, `empty` (permitted, nothing found), `closed` (not permitted) or `none`."""

    item: str
    day: date | None
    standing: str
    state: str = ""
    """How far the source is known: `missing`, `stale` or `assumed`; empty where it is known."""
    ranks: tuple[tuple[str, int, bool], ...] = ()
    """In what standing its facts were stated, how many of each, and whether they count."""


@dataclass(frozen=True)
class Figure:
    """A feature with its value as text."""

    definition: FeatureDefinition
    text: str


@dataclass(frozen=True)
class Move:
    """A figure or dimension that changed."""

    title: str
    before: str
    after: str
    better: bool | None


@dataclass(frozen=True)
class PortraitView:
    """All that a page shows of a portrait."""

    portrait: Portrait
    score: ScoreResult
    gauge: charts.Chart
    dimensions: charts.Chart | None
    """None where no record says anything about any side."""
    trade: charts.Chart | None
    flows: charts.Chart | None
    activity: tuple[charts.Chart, ...]
    freshness: tuple[Freshness, ...]
    figures: tuple[tuple[str, tuple[Figure, ...]], ...]


def portrait_view(portrait: Portrait, *, permitted: Collection[str] | None = None) -> PortraitView:
    """Score and lay out a portrait; `permitted` are the items its firm has authorised, where the reader may know them."""
    score = credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed)
    return PortraitView(
        portrait=portrait,
        score=score,
        gauge=score_gauge(score),
        dimensions=dimensions_of(portrait),
        trade=_trade(portrait),
        flows=_flows(portrait),
        activity=tuple(chart for chart in (_energy(portrait), _staff(portrait)) if chart is not None),
        freshness=tuple(
            _with_knowledge(one, portrait) for one in freshness_of(portrait.freshness, portrait.as_of, permitted)
        ),
        figures=_figures(portrait),
    )


def score_gauge(score: ScoreResult) -> charts.Chart:
    """The score on the scorecard's own scale and grades."""
    low, high, cuts = _scale()
    return charts.gauge_chart(_("Credit score"), score.score, low=low, high=high, cuts=cuts)


def dimensions_of(portrait: Portrait) -> charts.Chart | None:
    """The sides of the portrait, those that are not known without a bar; none where no side has a score."""
    sides = [(_title(one), one.score) for one in portrait.dimensions]
    if all(score is None for _side, score in sides):
        return None
    return charts.dimensions_chart(_("Seven sides of the firm"), sides)


def freshness_of(
    days: Mapping[str, date | None], as_of: date, permitted: Collection[str] | None = None
) -> tuple[Freshness, ...]:
    """Every source with its last record and whether that is recent enough to rely on.

    A portrait names the sources with records only; what was authorised tells the others apart.
    """
    return tuple(
        Freshness(item, days.get(item), _standing(item, days.get(item), as_of, permitted))
        for item in LABELS["item"]
        if item != "portrait"
    )


def _with_knowledge(one: Freshness, portrait: Portrait) -> Freshness:
    state = portrait.sources.get(one.item, "")
    counting = {rank.value for rank in STANDINGS[SourceKind(one.item)].counts}
    counts = sorted(portrait.ranks.get(one.item, {}).items())
    return replace(
        one,
        state="" if state == SourceState.KNOWN else str(state),
        ranks=tuple((rank, count, rank in counting) for rank, count in counts),
    )


def moves_of(change: PortraitChange) -> tuple[Move, ...]:
    """What changed since the portrait before: sides first, then the figures that moved most visibly."""
    sides = [
        Move(_title(one), _points(one.before), _points(one.after), _better(one.before, one.after))
        for one in change.dimensions
        if one.before != one.after
    ]
    units = {one.name: one for one in features.catalogue()}
    figures = [
        Move(
            _title(one), feature_text(units[one.feature], one.before), feature_text(units[one.feature], one.after), None
        )
        for one in change.features
        if one.feature in units
    ]
    return tuple(sides + [move for move in figures if move.before != move.after][:8])


def feature_text(definition: FeatureDefinition, value: float | None) -> str:
    """A feature's value with its unit, in the reader's language."""
    if value is None:
        return wording.ABSENT
    if definition.unit == "fen":
        return wording.amount_words(round(value))
    if definition.unit == "ratio":
        return wording.percent_words(value, 1)
    if definition.unit == "flag":
        return _("yes") if value else _("no")
    number = f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.1f}"
    if definition.unit == "days":
        return _("%(number)s days") % {"number": number}
    return _("%(number)s months") % {"number": number} if definition.unit == "months" else number


@cache
def _scale() -> tuple[int, int, tuple[tuple[int, str], ...]]:
    """The stretch of the scale worth drawing: from somewhat below the lowest cut to the most that can be had."""
    sheet = credit.scorecard_sheet()
    cuts = sorted((cut, grade) for grade, cut in sheet.grades)
    step = cuts[-1][0] - cuts[-2][0]
    low = next(cut for cut, _grade in cuts if cut > 0) - 2 * step
    high = sheet.base_points + sum(max(one.points for one in feature.bins) for feature in sheet.features)
    return low, high, tuple((max(low, cut), grade) for cut, grade in cuts)


def _title(thing: Any) -> str:
    return str(thing.title_zh if wording.in_chinese() else thing.title_en)


def _points(score: int | None) -> str:
    return wording.ABSENT if score is None else str(score)


def _better(before: int | None, after: int | None) -> bool | None:
    return None if before is None or after is None else after > before


def _standing(item: str, last: date | None, as_of: date, permitted: Collection[str] | None) -> str:
    if last is None:
        if permitted is None:
            return "none"
        return "empty" if item in permitted else "closed"
    limit = _FRESH.get(item)
    return "old" if limit is not None and as_of - last > timedelta(days=limit) else "fresh"


def _series(portrait: Portrait, name: str) -> list[Any] | None:
    series = portrait.monthly.get(name)
    return list(series) if series is not None and any(value is not None for value in series) else None


def _months(portrait: Portrait) -> list[str]:
    return [str(month) for month in portrait.monthly["month"]]


def _begun(portrait: Portrait) -> str:
    """A month that is not over looks like a fall; say so."""
    if (portrait.as_of + timedelta(days=1)).day == 1:
        return ""
    return _("The last month is counted up to %(day)s.") % {"day": wording.day_words(portrait.as_of)}


def _trade(portrait: Portrait) -> charts.Chart | None:
    named = ((_("Sales"), "sales_fen"), (_("Purchases"), "purchases_fen"))
    bars = {name: series for name, key in named if (series := _series(portrait, key)) is not None}
    return (
        charts.months_chart(_("Sales and purchases by month"), _months(portrait), bars, note=_begun(portrait))
        if bars
        else None
    )


def _flows(portrait: Portrait) -> charts.Chart | None:
    into, out = _series(portrait, "inflow_fen"), _series(portrait, "outflow_fen")
    if into is None or out is None:
        return None
    known = [(m, abs(i or 0), abs(o or 0)) for m, i, o in zip(_months(portrait), into, out, strict=True)]
    months, inflow, outflow = (list(column) for column in zip(*known, strict=True))
    return charts.flows_chart(_("Bank flows by month"), months, inflow, outflow)


def _energy(portrait: Portrait) -> charts.Chart | None:
    series = _series(portrait, "energy_kwh")
    if series is None:
        return None
    return charts.count_chart(_("Electricity by month"), _months(portrait), series, what=_("kWh"), colour=3)


def _staff(portrait: Portrait) -> charts.Chart | None:
    series = _series(portrait, "headcount")
    if series is None:
        return None
    return charts.count_chart(_("Insured staff by month"), _months(portrait), series, what=_("people"), colour=5)


def _figures(portrait: Portrait) -> tuple[tuple[str, tuple[Figure, ...]], ...]:
    groups: dict[str, list[Figure]] = {}
    for one in features.catalogue():
        figure = Figure(one, feature_text(one, portrait.values.get(one.name)))
        groups.setdefault(one.source_item, []).append(figure)
    return tuple((label_of(item, "item"), tuple(figures)) for item, figures in groups.items())
