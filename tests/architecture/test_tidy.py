"""Taste as a test: sizes, words that do not belong, one catalogue for each text, documents that name what exists."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "rongtong"
PYTHON = [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]
BANNED = {
    r"\bTODO\b|\bFIXME\b|\bXXX\b": "unfinished work is finished or filed, not left in the code",
    r"float\([^)]*minor": "money is never a float",
    r"datetime\.now\(\)|date\.today\(\)|utcnow": "the clock is read in core.clock only",
    r"except Exception:\s*pass": "an error is never dropped in silence",
    r"/(?:work|tmp|root|home)/\w": "no path of a machine",
}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        return [path for pattern in patterns for path in ROOT.rglob(pattern)]
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


class TestSizes:
    def test_a_file_fits_in_the_head(self) -> None:
        files = [*PYTHON, *SOURCE.rglob("*.html"), *(ROOT / "tests").rglob("*.py")]
        sizes = {path: len(path.read_text().splitlines()) for path in files}
        assert [f"{path}: {lines}" for path, lines in sizes.items() if lines > 400] == []
        assert statistics.quantiles((sizes[path] for path in PYTHON), n=10)[-1] <= 200

    def test_a_function_fits_on_a_screen(self) -> None:
        long = []
        for path in PYTHON:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or node.lineno) - node.lineno + 1
                    if length > 70:
                        long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {length}")
        assert long == []


class TestWords:
    @pytest.mark.parametrize("pattern", BANNED, ids=list(BANNED.values()))
    def test_no_banned_word_is_written(self, pattern: str) -> None:
        found = [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
            for path in PYTHON
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if re.search(pattern, line)
        ]
        assert found == []


class TestDocstrings:
    def test_every_public_function_of_a_facade_makes_a_promise(self) -> None:
        silent = []
        for path in PYTHON:
            if path.parent.name != "actions" and path.name not in {"queries.py", "rules.py", "facade.py"}:
                continue
            for node in ast.parse(path.read_text()).body:
                public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
                if public and not ast.get_docstring(node):  # type: ignore[arg-type]  # checked above
                    silent.append(f"{path.relative_to(ROOT)}: {node.name}")  # type: ignore[attr-defined]  # as above
        assert silent == []

    def test_every_package_says_what_it_owns(self) -> None:
        silent = [
            str(path.parent.relative_to(ROOT))
            for path in SOURCE.glob("*/__init__.py")
            if not ast.get_docstring(ast.parse(path.read_text()))
        ]
        assert silent == []


class TestTranslations:
    def test_every_text_has_its_chinese(self) -> None:
        from rongtong.config.catalogues import missing

        assert missing() == []
