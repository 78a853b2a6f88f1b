"""Pure rules of the rulebook: how packaged files are read, which row is in force, what a version is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from rongtong.core.canonical import canonical_json, digest
from rongtong.rulebook.contracts import Rule

_REQUIRED = {"id", "unit", "title_en", "title_zh", "source"}
_ALLOWED = _REQUIRED | {"value", "table", "series", "effective_from", "effective_to", "needs_review", "planned"}


def parse_rules(text: str, name: str = "") -> tuple[Rule, ...]:
    """Read a packaged TOML file of `[[rule]]` entries.

    An entry has `value` (text) or `table` (anything, kept as canonical JSON) with `effective_from`, or a `series` of
    `[date, value]` in rising order, which becomes one row for each date. Raises ValueError naming the entry.
    """
    rows: list[Rule] = []
    for entry in tomllib.loads(text).get("rule", []):
        try:
            rows.extend(_parse_entry(entry))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{name}: rule {entry.get('id')!r}: {error}") from error
    return tuple(rows)


def parse_planned(text: str) -> dict[str, str]:
    """Of a packaged file, the rules that nothing applies yet, each with the capability that will."""
    return {entry["id"]: entry["planned"] for entry in tomllib.loads(text).get("rule", []) if "planned" in entry}


def _parse_entry(entry: Mapping[str, Any]) -> list[Rule]:
    unknown, missing = set(entry) - _ALLOWED, _REQUIRED - set(entry)
    if unknown or missing:
        raise ValueError(f"unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    common: dict[str, Any] = {key: entry[key] for key in _REQUIRED} | {
        "needs_review": bool(entry.get("needs_review", False))
    }
    end = entry.get("effective_to")
    if "series" in entry:
        starts = [start for start, _ in entry["series"]]
        if any(later <= earlier for earlier, later in pairwise(starts)):
            raise ValueError("the dates of a series must rise")
        ends = [*starts[1:], end]
        return [
            Rule(**common, value=_text(value), effective_from=start, effective_to=until)
            for (start, value), until in zip(entry["series"], ends, strict=True)
        ]
    start = entry["effective_from"]
    if end is not None and end <= start:
        raise ValueError("effective_to must lie after effective_from")
    value = canonical_json(entry["table"]).decode() if "table" in entry else _text(entry["value"])
    return [Rule(**common, value=value, effective_from=start, effective_to=end)]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a value is written as text, not {value!r}")
    return value


def in_force(rows: Sequence[Rule], on: date) -> Rule | None:
    """The row of one rule that holds on a day; the earliest row with a note where the day lies before all of them.

    Of several rows that begin on the same day the last one given holds. None where the rule had ended.
    """
    begun = [row for row in rows if row.effective_from <= on]
    if not begun:
        earliest = min(rows, key=lambda row: row.effective_from)
        same_day = [row for row in rows if row.effective_from == earliest.effective_from]
        day_before = earliest.effective_from - timedelta(days=1)
        return same_day[-1].noted(f"The earliest known row is used; none is known up to {day_before.isoformat()}.")
    latest = max(row.effective_from for row in begun)
    row = [row for row in begun if row.effective_from == latest][-1]
    return row if row.effective_to is None or on < row.effective_to else None


def fingerprint(row: Rule) -> str:
    """The digest of all that one row says, its note aside."""
    return digest(row.noted(""))


def version_of(rows: Iterable[Rule]) -> str:
    """The digest of a set of rows in force, independent of their order: what a decision keeps."""
    return digest(sorted(fingerprint(row) for row in rows))
