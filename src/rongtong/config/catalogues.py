"""Message catalogues: check that each text has its Chinese, and compile; `python -m rongtong.config.catalogues check|compile`.

Texts are written in English and extracted from Python and templates; each package keeps its own catalogue.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).resolve().parent.parent
_CALLS = {"gettext", "gettext_lazy", "_", "pgettext", "pgettext_lazy", "ngettext", "ngettext_lazy"}
_TRANSLATE = re.compile(r"""\{%\s*(?:translate|trans)\s+(?:"([^"]+)"|'([^']+)')""")
_IN_EXPRESSION = re.compile(r"""(?<![\w.])_\((?:"([^"]+)"|'([^']+)')\)""")
_BLOCK = re.compile(
    r"\{%\s*blocktrans(?:late)?\b([^%]*)%\}(.*?)(?:\{%\s*plural\s*%\}(.*?))?\{%\s*endblocktrans(?:late)?\s*%\}", re.S
)


def catalogues() -> Iterator[Path]:
    """Every catalogue of ours."""
    yield from sorted(PACKAGE.glob("*/locale/*/LC_MESSAGES/django.po"))


def texts_of(package: Path) -> set[str]:
    """Every text that a package shows."""
    found: set[str] = set()
    for path in package.rglob("*.py"):
        if "migrations" not in path.parts:
            found.update(_python_texts(path.read_text()))
    for pattern in ("*.html", "*.txt"):
        for path in package.rglob(pattern):
            if "templates" in path.parts:
                found.update(_template_texts(path.read_text()))
    return found


def missing() -> list[str]:
    """`package: text` for each text without Chinese in its own package's catalogue, and each stale entry."""
    problems = []
    for package in sorted(path for path in PACKAGE.iterdir() if (path / "__init__.py").exists()):
        texts = texts_of(package)
        catalogue = _read(package / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")
        known = {_plain(message.id): message.string for message in catalogue if message.id}
        problems += [f"{package.name}: no Chinese for: {text}" for text in sorted(texts) if not known.get(text)]
        problems += [f"{package.name}: nothing shows: {text}" for text in sorted(set(known) - texts)]
        for text, translated in known.items():
            if isinstance(translated, str) and translated and _fields(text) != _fields(translated):
                problems.append(f"{package.name}: other fields in the Chinese of: {text}")
    return problems


def compile_all() -> int:
    """Compile what is newer than its compiled form; say how many were written."""
    written = 0
    for source in catalogues():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with target.open("wb") as stream:
            write_mo(stream, _read(source))
        written += 1
    return written


def _read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog()
    with path.open("rb") as stream:
        return read_po(stream, locale="zh_Hans")


def _plain(message_id: str | tuple[str, ...] | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _fields(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]", text))


def _python_texts(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            position = 1 if name.startswith("pgettext") else 0
            if name in _CALLS and len(node.args) > position:
                argument = node.args[position]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _template_texts(source: str) -> Iterator[str]:
    for pattern in (_TRANSLATE, _IN_EXPRESSION):
        for double, single in pattern.findall(source):
            yield double or single
    for options, written, _plural in _BLOCK.findall(source):
        text = re.sub(r"\{\{\s*([\w.]+)[^}]*\}\}", r"%(\1)s", written)
        lines = (line.strip() for line in text.splitlines())
        yield " ".join(line for line in lines if line) if "trimmed" in options else text


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "check"
    if command == "compile":
        print(f"{compile_all()} catalogues compiled")  # noqa: T201  this is a command's output
        return
    problems = missing()
    print("\n".join(problems) or "every text has its Chinese")  # noqa: T201  this is a command's output
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
