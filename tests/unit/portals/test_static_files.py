"""The stylesheets: small, in tokens, and readable by contrast in both themes (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import rongtong.portals

FOLDER = Path(rongtong.portals.__file__).parent / "static" / "rongtong"
TEMPLATES = Path(rongtong.portals.__file__).parent / "templates"
INKS = ("ink", "ink-2", "ink-3", "brand", "good", "note", "warn", "alarm", "bad")
GROUNDS = ("paper", "surface", "sunken")
TONES = ("good", "note", "warn", "alarm", "bad", "brand")


def colours(name: str) -> dict[str, str]:
    found = re.findall(r"--rt-([\w-]+): (#[0-9a-f]{6});", (FOLDER / name).read_text())
    return dict(found)


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class TestColours:
    @pytest.mark.parametrize("theme", ["tokens.css", "dark.css"])
    def test_are_readable(self, theme: str) -> None:
        known = colours(theme)
        pairs = [(ink, ground) for ink in INKS for ground in GROUNDS] + [(tone, f"{tone}-soft") for tone in TONES]
        pairs.append(("on-brand", "brand"))
        weak = [
            (one, two, round(contrast(known[one], known[two]), 2))
            for one, two in pairs
            if contrast(known[one], known[two]) < 4.5
        ]
        assert weak == []

    def test_of_the_night_cover_those_of_the_day(self) -> None:
        assert set(colours("tokens.css")) == set(colours("dark.css"))

    def test_are_written_in_tokens_only(self) -> None:
        for path in FOLDER.glob("*.css"):
            if path.name not in {"tokens.css", "dark.css"}:
                found = re.findall(
                    r"#[0-9a-f]{3,6}\b(?![^{]*\{)",
                    re.sub(r"/\*.*?\*/|mask-image[^;]*;", "", path.read_text(), flags=re.S),
                )
                assert found == [], path.name


class TestFiles:
    def test_fit_in_the_head(self) -> None:
        assert [path.name for path in FOLDER.iterdir() if len(path.read_text().splitlines()) > 400] == []

    def test_hold_no_inline_style_or_script(self) -> None:
        wrong = [
            str(path.relative_to(TEMPLATES))
            for path in TEMPLATES.rglob("*.html")
            if re.search(
                r"\sstyle=|<style|\son(click|load|submit|change)=|hx-on|<script(?![^>]*src=)", path.read_text()
            )
        ]
        assert wrong == []
