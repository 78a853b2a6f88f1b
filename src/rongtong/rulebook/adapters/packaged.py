"""The rules that come with the package: one TOML file for each domain that has any, in `data/`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from rongtong.rulebook.contracts import Rule
from rongtong.rulebook.rules import parse_rules


@cache
def packaged_rules() -> tuple[Rule, ...]:
    """All packaged rows, in the order of files and entries. Raises ValueError for a malformed or a repeated row."""
    rows: list[Rule] = []
    for path in sorted(files("rongtong.rulebook").joinpath("data").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".toml"):
            rows.extend(parse_rules(path.read_text(encoding="utf-8"), path.name))
    seen = set()
    for row in rows:
        if (row.id, row.effective_from) in seen:
            raise ValueError(f"rule {row.id!r} from {row.effective_from} is packaged twice")
        seen.add((row.id, row.effective_from))
    return tuple(rows)
