"""Charts as SVG that a strict policy takes."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from rongtong.portals import charts

MONTHS = [f"2025-{month:02d}" for month in range(1, 13)]
AMOUNTS: list[int | None] = [None, *(month * 10_000_000 for month in range(1, 12))]
CHARTS = {
    "months": lambda: charts.months_chart("销售", MONTHS, {"销售": AMOUNTS, "采购": AMOUNTS}),
    "flows": lambda: charts.flows_chart("流水", MONTHS, [5_000_000] * 12, [7_000_000] * 12),
    "dimensions": lambda: charts.dimensions_chart("七维", [("经营", 86), ("成长", 0)]),
    "classes": lambda: charts.classes_chart("分类", [("正常", 10**9), ("关注", 0)]),
    "gauge": lambda: charts.gauge_chart("评分", 668, low=440, high=740, cuts=[(440, "E"), (520, "D"), (640, "A")]),
    "history": lambda: charts.history_chart("走势", [("2026-01-31", 640), ("2026-02-28", 652)], low=600, high=700, what="评分"),
    "counts": lambda: charts.count_chart("用电", MONTHS, AMOUNTS, what="kWh", colour=3),
}  # fmt: skip


class TestEveryChart:
    @pytest.mark.parametrize("name", CHARTS)
    def test_is_clean_scalable_and_has_its_figures_as_a_table(self, name: str) -> None:
        chart = CHARTS[name]()
        for drawn in filter(None, (chart.wide, chart.narrow)):
            ElementTree.fromstring(drawn)
            head = drawn[: drawn.index(">")]
            assert 'role="img"' in head
            assert f'aria-label="{chart.title}"' in head
            assert "viewBox" in head
            assert not re.search(r'\s(width|height)="', head)
            assert not re.search(r"\sstyle=|<style|<script|\son\w+=|href=", drawn)
            assert "var(--rt-" in drawn
            assert not re.search(r'(fill|stroke)="(#|rgb|black|white)', drawn)
        assert chart.rows
        assert all(len(row) == len(chart.head) for row in chart.rows)

    def test_is_drawn_once(self) -> None:
        assert CHARTS["dimensions"]().wide is CHARTS["dimensions"]().wide

    @pytest.mark.parametrize("name", sorted(set(CHARTS) - {"gauge"}))
    def test_is_as_wide_as_its_place_so_that_letters_keep_their_size(self, name: str) -> None:
        chart = CHARTS[name]()
        for drawn, most in ((chart.wide, charts.WIDE), (chart.narrow, charts.NARROW)):
            frame = re.search(r'viewBox="[\d.]+ 0 ([\d.]+)', drawn)
            assert frame is not None
            assert most - 30 <= float(frame[1]) <= most + 12

    def test_leaves_names_their_room_and_no_more(self) -> None:
        drawn = CHARTS["dimensions"]().narrow
        left = re.search(r'viewBox="([\d.]+) ', drawn)
        plot = re.search(r"translate\(([\d.]+),", drawn)
        assert left is not None
        assert plot is not None
        assert float(plot[1]) - float(left[1]) == pytest.approx(2 * 13 + 10)
