"""The size class of a firm: 工信部联企业〔2011〕300号, 国统字〔2017〕213号, over the thresholds of the rulebook."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rongtong.parties.contracts import SizeClass

FEN_PER_WAN = 10_000 * 100
_TIERS = (SizeClass.LARGE, SizeClass.MEDIUM, SizeClass.SMALL)
_CODE = re.compile(r"([A-T]?)([0-9]{0,4})")
_LAST_DIVISION = {
    "A": 5, "B": 12, "C": 43, "D": 46, "E": 50, "F": 52, "G": 60, "H": 62, "I": 65, "J": 69,
    "K": 70, "L": 72, "M": 75, "N": 79, "O": 82, "P": 83, "Q": 85, "R": 90, "S": 96, "T": 97,
}  # fmt: skip
"""The last division of each section of GB/T 4754-2017."""


def section_of(division: int) -> str:
    """The section letter of a two-digit division of GB/T 4754-2017; empty where there is none."""
    return next((letter for letter, last in _LAST_DIVISION.items() if 0 < division <= last), "")


def thresholds_for(table: Sequence[Mapping[str, Any]], industry_code: str) -> Mapping[str, Any] | None:
    """The row for an industry such as `C33`, `G591`, `3311` or `K`: the longest code that it begins with, else its section.

    None where the standard does not cover the industry (finance, rail, education, health) or the code is not one.
    """
    match = _CODE.fullmatch(industry_code.strip().upper())
    if not match or not match[0]:
        return None
    letter, digits = match[1], match[2]
    letter = letter or (section_of(int(digits[:2])) if len(digits) >= 2 else "")
    codes = {code: row for row in table for code in row["codes"]}
    for length in range(len(digits), 1, -1):
        if digits[:length] in codes:
            return codes[digits[:length]]
    return codes.get(letter)


def classify_size(
    table: Sequence[Mapping[str, Any]],
    *,
    industry_code: str,
    staff: int | None,
    revenue_minor: int | None,
    assets_minor: int | None,
) -> SizeClass | None:
    """The highest class all of whose lower bounds are met, else micro; amounts in fen.

    None where the industry is out of scope or a figure that its class needs is missing.
    """
    row = thresholds_for(table, industry_code)
    if row is None:
        return None
    figures = {
        "staff": staff,
        "revenue": revenue_minor,
        "assets": assets_minor,
    }
    needed = [name for name in figures if name in row]
    if any(figures[name] is None for name in needed):
        return None
    for tier, size in enumerate(_TIERS):
        if all((figures[name] or 0) >= row[name][tier] * (1 if name == "staff" else FEN_PER_WAN) for name in needed):
            return size
    return SizeClass.MICRO
