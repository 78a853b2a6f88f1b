"""The rules that come with the package: one TOML file for each domain that has any, in `data/`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from rongtong.rulebook.contracts import Rule
from rongtong.rulebook.rules import parse_planned, parse_rules


@cache
def packaged_rules() -> tuple[Rule, ...]:
    """All packaged rows, in the order of files and entries. Raises ValueError for a malformed or a repeated row."""
    rows: list[Rule] = []
    for name, text in _files():
        rows.extend(parse_rules(text, name))
    seen = set()
    for row in rows:
        if (row.id, row.effective_from) in seen:
            raise ValueError(f"rule {row.id!r} from {row.effective_from} is packaged twice")
        seen.add((row.id, row.effective_from))
    return tuple(rows)


@cache
def planned_rules() -> dict[str, str]:
    """The rules that nothing applies yet, each with the capability that will: they are known, and bind nobody so far."""
    return {rule: capability for _name, text in _files() for rule, capability in parse_planned(text).items()}


def _files() -> Iterator[tuple[str, str]]:
    for path in sorted(files("rongtong.rulebook").joinpath("data").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".toml"):
            yield path.name, path.read_text(encoding="utf-8")
