"""Nothing lies idle: each rule has a reader and each action a caller, or is marked as planned for a capability that is named."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from rongtong.config.reference import CAPABILITIES, planned_actions
from rongtong.rulebook.adapters.packaged import packaged_rules, planned_rules

SOURCE = Path(__file__).resolve().parents[2] / "src" / "rongtong"
LABELS = SOURCE / "portals" / "labels"
"""What rules are called on pages: naming one is no use of it."""
ENTRANCES = {"pytest_unconfigure"}
"""Functions that a tool calls by their name."""


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in SOURCE.rglob("*.py") if "migrations" not in path.parts}


def rules_read() -> Iterator[re.Pattern[str]]:
    """Every text of the code that may be the id of a rule, with its blanks filled by anything."""
    for path, tree in trees().items():
        if LABELS in path.parents:
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"[a-z_]+\.\w+", node.value)
            ):
                yield re.compile(re.escape(node.value))
            if isinstance(node, ast.JoinedStr):
                parts = [str(one.value) if isinstance(one, ast.Constant) else None for one in node.values]
                if re.match(r"[a-z_]+\.[a-z]", parts[0] or ""):
                    yield re.compile("".join("[a-z0-9_]+" if one is None else re.escape(one) for one in parts))


def names_used() -> set[str]:
    """Every name that some code reads, but not those that are only passed on through a door."""
    used: set[str] = set()
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                used.add(node.id)
            elif isinstance(node, ast.Attribute):
                used.add(node.attr)
            elif isinstance(node, ast.ImportFrom) and path.name != "facade.py":
                used |= {one.name for one in node.names if one.asname}
    return used


def offered() -> Iterator[tuple[str, str]]:
    """(domain, name) of each function that a door offers, and of each public function among the actions behind it."""
    for path, tree in trees().items():
        domain = path.relative_to(SOURCE).parts[0]
        if path.name == "facade.py":
            for node in tree.body:
                if isinstance(node, ast.ImportFrom) and node.module != "__future__":
                    yield from ((domain, one.asname or one.name) for one in node.names)
                elif isinstance(node, ast.FunctionDef):
                    yield domain, node.name
        elif path.parent.name == "actions":
            passed_on = renamed(domain)
            for node in tree.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield domain, passed_on.get(node.name, node.name)


def renamed(domain: str) -> dict[str, str]:
    """What the door of a domain offers under another name than it is defined by."""
    door = SOURCE / domain / "facade.py"
    imports = [node for node in trees()[door].body if isinstance(node, ast.ImportFrom)] if door.exists() else []
    return {one.name: one.asname for node in imports for one in node.names if one.asname}


def is_function(name: str) -> bool:
    return name.islower()


class TestRules:
    def test_each_has_a_reader_or_is_planned(self) -> None:
        read = list(rules_read())
        idle = {rule.id for rule in packaged_rules() if not any(one.fullmatch(rule.id) for one in read)}
        assert sorted(idle - set(planned_rules())) == [], "no code reads these rules"
        assert sorted(set(planned_rules()) - idle) == [], "read by now: take the mark away"

    def test_are_planned_for_what_is_named(self) -> None:
        assert set(planned_rules().values()) <= set(CAPABILITIES)


class TestActions:
    def test_each_has_a_caller_or_is_planned(self) -> None:
        used = names_used() | ENTRANCES
        idle = {f"{domain}.{name}" for domain, name in offered() if is_function(name) and name not in used}
        assert sorted(idle - set(planned_actions())) == [], "nothing but tests calls these"
        assert sorted(set(planned_actions()) - idle) == [], "called by now: take the mark away"

    def test_are_planned_for_what_is_named(self) -> None:
        assert set(planned_actions().values()) <= set(CAPABILITIES)

    @pytest.mark.parametrize("action", ["withdraw_licence", "declare_size", "add_membership", "end_membership"])
    def test_of_the_operator_are_reached_by_page_and_by_api(self, action: str) -> None:
        callers = {
            path.relative_to(SOURCE).parts[0]
            for path, tree in trees().items()
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr == action and path.name != "facade.py"
        }
        assert {"parties", "portals"} <= callers
