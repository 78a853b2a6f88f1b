"""The charts of the pages: drawn on the server as SVG in the colours of the design, each with its figures as a table.

Colours are CSS variables, so that a chart follows light and dark without being drawn again. Each chart comes in a wide
and a narrow form, each about as wide as the place it is shown in, so that its letters keep their size; the page's
stylesheet shows one of them. No script, no inline style.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from rongtong.core.canonical import canonical_json
from rongtong.portals import wording

WIDE, NARROW = 520, 320
"""How wide a drawing is as a whole, letters included, in pixels."""
Spec = dict[str, Any]

_CONFIG: Spec = {
    "font": "inherit",
    "background": "transparent",
    "autosize": {"type": "fit-x", "contains": "padding"},
    "padding": {"left": 4, "right": 12, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--rt-chart-axis)",
        "labelFontSize": 12,
        "labelPadding": 6,
        "titleColor": "var(--rt-chart-axis)",
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleX": 0,
        "titleY": -8,
        "gridColor": "var(--rt-chart-grid)",
        "domain": False,
        "ticks": False,
    },
    "legend": {
        "orient": "top",
        "offset": 24,
        "title": None,
        "labelColor": "var(--rt-chart-axis)",
        "labelFontSize": 12,
        "symbolSize": 80,
    },
}


@dataclass(frozen=True)
class Chart:
    """A drawn chart: SVG for wide and narrow screens, and the figures behind it."""

    title: str
    wide: str
    narrow: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def months_chart(
    title: str, months: Sequence[str], bars: Mapping[str, Sequence[int | None]], *, note: str = ""
) -> Chart:
    """Monthly amounts in fen, one group of bars for each name, such as sales and purchases."""
    names = list(bars)
    values = [
        {"m": month, "k": name, "v": _wan(amounts[index])}
        for name, amounts in bars.items()
        for index, month in enumerate(months)
        if amounts[index] is not None
    ]

    def spec(width: int) -> Spec:
        x: Spec = {"field": "m", "type": "ordinal", "axis": _month_axis(months, width)}
        return {
            "width": width,
            "height": 220,
            "data": {"values": values},
            "mark": {"type": "bar"},
            "encoding": {
                "x": x,
                "xOffset": {"field": "k", "sort": names},
                "y": {"field": "v", "type": "quantitative", "title": _amount_unit(), "axis": {"tickCount": 5}},
                "color": _colours("k", names),
            },
        }

    rows = tuple(
        (month, *(wording.amount_words(amounts[index]) for amounts in bars.values()))
        for index, month in enumerate(months)
    )
    return _chart(title, spec, (_("Month"), *names), rows, note)


def flows_chart(title: str, months: Sequence[str], inflow: Sequence[int], outflow: Sequence[int]) -> Chart:
    """Money in above the line, money out below it, and the difference as a line; fen."""
    into, out, net = _("Money in"), _("Money out"), _("Difference")
    values = [{"m": m, "k": into, "v": _wan(v)} for m, v in zip(months, inflow, strict=True)]
    values += [{"m": m, "k": out, "v": -_wan(v)} for m, v in zip(months, outflow, strict=True)]
    differences = [{"m": m, "v": _wan(i - o)} for m, i, o in zip(months, inflow, outflow, strict=True)]

    def spec(width: int) -> Spec:
        x: Spec = {"field": "m", "type": "ordinal", "axis": _month_axis(months, width)}
        y: Spec = {"field": "v", "type": "quantitative", "title": _amount_unit(), "axis": {"tickCount": 5}}
        return {
            "width": width,
            "height": 220,
            "layer": [
                {
                    "data": {"values": values},
                    "mark": {"type": "bar"},
                    "encoding": {"x": x, "y": y, "color": _colours("k", [into, out], (1, 2))},
                },
                {
                    "data": {"values": differences},
                    "mark": {"type": "line", "stroke": "var(--rt-ink)", "strokeWidth": 1.75, "point": False},
                    "encoding": {"x": x, "y": y},
                },
            ],
        }

    rows = tuple(
        (m, wording.amount_words(i), wording.amount_words(o), wording.amount_words(i - o))
        for m, i, o in zip(months, inflow, outflow, strict=True)
    )
    return _chart(title, spec, (_("Month"), into, out, net), rows, _("The line is the difference of the month."))


def count_chart(title: str, months: Sequence[str], counts: Sequence[int | None], *, what: str, colour: int) -> Chart:
    """A monthly count as bars in one colour; months without a count stay empty."""
    values = [{"m": month, "v": count} for month, count in zip(months, counts, strict=True) if count is not None]

    def spec(width: int) -> Spec:
        return {
            "width": width,
            "height": 160,
            "data": {"values": values},
            "mark": {"type": "bar", "fill": f"var(--rt-chart-{colour})"},
            "encoding": {
                "x": {
                    "field": "m",
                    "type": "ordinal",
                    "scale": {"domain": list(months)},
                    "axis": _month_axis(months, width),
                },
                "y": {"field": "v", "type": "quantitative", "title": what, "axis": {"tickCount": 4}},
            },
        }

    rows = tuple((m, wording.ABSENT if v is None else f"{v:,}") for m, v in zip(months, counts, strict=True))
    return _chart(title, spec, (_("Month"), what), rows)


def dimensions_chart(title: str, scores: Sequence[tuple[str, int | float | None]]) -> Chart:
    """Scores from 0 to 100 as horizontal bars on a ground of 100; what is not known has a grey ground and says so."""
    names = [name for name, _score in scores]
    unknown = str(_("not known"))
    values = [
        {"k": name, "v": score or 0, "t": 100, "w": unknown if score is None else f"{score:.0f}"}
        for name, score in scores
    ]
    room = max(_wide(name) for name in names) + 10

    def spec(width: int) -> Spec:
        y: Spec = {
            "field": "k",
            "type": "nominal",
            "sort": names,
            "axis": {"title": None, "labelFontSize": 13, "labelLimit": 0},
        }
        quantity: Spec = {"type": "quantitative", "scale": {"domain": [0, 100]}, "axis": None}
        return {
            "width": width - room - 56,
            "autosize": "pad",
            "height": {"step": 34},
            "data": {"values": values},
            "encoding": {"y": y},
            "layer": [
                {"mark": {"type": "bar", "fill": "var(--rt-chart-grid)", "height": 10}, "encoding": {"x": {"field": "t", **quantity}}},
                {"mark": {"type": "bar", "fill": "var(--rt-chart-1)", "height": 10}, "encoding": {"x": {"field": "v", **quantity}}},
                {
                    "mark": {"type": "text", "align": "left", "dx": 8, "fill": "var(--rt-ink)", "fontSize": 13, "fontWeight": 600},
                    "encoding": {"x": {"field": "t", **quantity}, "text": {"field": "w", "type": "nominal"}},
                },
            ],
        }  # fmt: skip

    rows = tuple((name, unknown if score is None else f"{score:.0f}") for name, score in scores)
    return Chart(
        title,
        _draw(spec(WIDE), title, left=room),
        _draw(spec(NARROW), title, left=room),
        (_("Dimension"), _("Score out of 100")),
        rows,
    )


def history_chart(title: str, points: Sequence[tuple[str, int | float]], *, low: int, high: int, what: str) -> Chart:
    """A figure over days, as a line, such as a score from portrait to portrait."""
    values = [{"d": day, "v": value} for day, value in points]

    def spec(width: int) -> Spec:
        return {
            "width": width,
            "height": 180,
            "data": {"values": values},
            "mark": {"type": "line", "stroke": "var(--rt-chart-1)", "strokeWidth": 2, "point": {"filled": True, "fill": "var(--rt-chart-1)", "size": 50}},
            "encoding": {
                "x": {"field": "d", "type": "temporal", "title": None, "axis": {"format": "%Y-%m-%d", "labelOverlap": True, "tickCount": 4}},
                "y": {"field": "v", "type": "quantitative", "title": what, "scale": {"domain": [low, high]}, "axis": {"tickCount": 5}},
            },
        }  # fmt: skip

    return _chart(title, spec, (_("Day"), what), tuple((day, f"{value:g}") for day, value in points))


def classes_chart(title: str, amounts: Sequence[tuple[str, int]]) -> Chart:
    """A portfolio by five-grade class as one stacked bar, in fen, the best class first."""
    names = [name for name, _minor in amounts]
    values = [{"k": name, "v": _wan(minor), "o": index} for index, (name, minor) in enumerate(amounts)]

    def spec(width: int) -> Spec:
        colours = {"domain": names, "range": [f"var(--rt-class-{index + 1})" for index in range(len(names))]}
        return {
            "width": width,
            "height": 36,
            "data": {"values": values},
            "mark": {"type": "bar"},
            "encoding": {
                "x": {"field": "v", "type": "quantitative", "stack": "normalize", "axis": {"title": None, "format": "%", "tickCount": 5}},
                "color": {"field": "k", "type": "nominal", "scale": colours, "legend": {"columns": 3 if width < WIDE else 5}},
                "order": {"field": "o"},
            },
        }  # fmt: skip

    return _chart(title, spec, (_("Class"), _("Outstanding")), tuple((n, wording.amount_words(a)) for n, a in amounts))


def gauge_chart(title: str, score: int, *, low: int, high: int, cuts: Sequence[tuple[int, str]]) -> Chart:
    """A score on a half circle; `cuts` are (lowest score, grade) from the worst grade to the best."""
    edges = [max(low, cut) for cut, _grade in cuts] + [high]
    half = 1.5707963267948966

    def at(value: int) -> float:
        return -half + 2 * half * (min(max(value, low), high) - low) / (high - low)

    bands = [
        {"a": at(edges[i]), "b": at(edges[i + 1]), "c": f"var(--rt-class-{len(cuts) - i})"} for i in range(len(cuts))
    ]

    def spec(width: int) -> Spec:
        radius = 110
        arc: Spec = {
            "theta": {"field": "a", "type": "quantitative", "scale": None},
            "theta2": {"field": "b"},
            "color": {"field": "c", "type": "nominal", "scale": None},
        }
        needle = [{"a": at(score) - 0.018, "b": at(score) + 0.018}]
        return {
            "width": 2 * radius,
            "autosize": "pad",
            "height": radius + 4,
            "layer": [
                {"data": {"values": bands}, "mark": {"type": "arc", "innerRadius": radius - 16, "outerRadius": radius, "y": radius, "padAngle": 0.015}, "encoding": arc},
                {"data": {"values": needle}, "mark": {"type": "arc", "innerRadius": radius - 26, "outerRadius": radius + 4, "y": radius, "fill": "var(--rt-ink)"}, "encoding": {"theta": {"field": "a", "type": "quantitative", "scale": None}, "theta2": {"field": "b"}}},
                {"data": {"values": [{}]}, "mark": {"type": "text", "text": str(score), "fontSize": 44, "fontWeight": 600, "fill": "var(--rt-ink)", "x": radius, "y": radius - 22}},
            ],
        }  # fmt: skip

    rows = tuple((grade, f"≥ {cut}") for cut, grade in cuts)
    drawn = _draw(spec(WIDE), title)
    return Chart(title=title, wide=drawn, narrow="", head=(_("Grade"), _("Score")), rows=rows)


def _wide(text: str) -> int:
    """About how wide a text is drawn: a Chinese character fills a square, a Latin letter somewhat more than half of it."""
    return round(sum(13 if ord(letter) > 0x2E7F else 7.5 for letter in text))


def _chart(title: str, spec: Any, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], note: str = "") -> Chart:
    return Chart(title, _draw(spec(WIDE), title), _draw(spec(NARROW), title), head, rows, note)


def _colours(field: str, names: Sequence[str], numbers: Sequence[int] = (1, 2, 3, 4, 5, 6)) -> Spec:
    colours = [f"var(--rt-chart-{number})" for number in numbers[: len(names)]]
    return {"field": field, "type": "nominal", "sort": list(names), "scale": {"domain": list(names), "range": colours}}


def _month_axis(months: Sequence[str], width: int) -> Spec:
    step = max(1, -(-len(months) // (8 if width >= WIDE else 4)))
    return {"title": None, "labelAngle": 0, "values": list(months)[::-step][::-1]}


def _amount_unit() -> str:
    return _("10,000 yuan")


def _wan(minor: int | None) -> Any:
    return None if minor is None else Decimal(minor).scaleb(-6)


def _draw(spec: Spec, title: str, *, left: int | None = None) -> str:
    """The drawing; `left` is the room that the labels left of the plot need, where what measures them would leave more."""
    whole = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "config": _CONFIG, **spec}
    return _drawn(canonical_json(_numbers(whole)).decode(), title, left)


@lru_cache(maxsize=512)
def _drawn(spec: str, title: str, left: int | None) -> str:
    import vl_convert

    svg = vl_convert.vegalite_to_svg(spec)
    width, height = map(float, re.findall(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"', svg)[0])
    begins = float(re.findall(r'transform="translate\(([\d.]+),', svg)[0]) - left if left is not None else 0
    name = title.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    frame = f"{begins:g} 0 {width - begins:g} {height:g}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{frame}" role="img" aria-label="{name}">'
    return head + svg[svg.index(">") + 1 :]


def _numbers(value: Any) -> Any:
    """Decimals as the numbers a drawing needs."""
    if isinstance(value, Decimal):
        return round(value.__float__(), 4)
    if isinstance(value, dict):
        return {key: _numbers(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers(inner) for inner in value]
    return value
