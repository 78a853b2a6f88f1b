"""The tests' database: migrated once for each state of the code that shapes it, kept as a template, copied for each run."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from django.db import connection
from django.test.utils import setup_databases
from psycopg import sql

_ROOT = Path(__file__).resolve().parents[1]
_SHAPING = (
    "src/rongtong/*/migrations/*.py",
    "src/rongtong/*/models.py",
    "src/rongtong/*/models/*.py",
    "src/rongtong/core/*.py",
    "src/rongtong/attest/**/*.py",
    "src/rongtong/rulebook/**/*",
    "requirements-dev.txt",
)
"""The files that a migrated database follows from: tables, policies, triggers of the seals, rows of the rulebook."""
_PREFIX = "rongtong_template_"
_RUN = "test_rongtong_"


def provide() -> str:
    """Make the database of this run and point Django to it; call it as the tables' owner. Gives its name."""
    template = _PREFIX + _digest()
    name = f"{_RUN}{os.getpid()}"
    if template not in _databases(_PREFIX):
        _migrate(template)
    for left in _databases(_RUN):
        if not Path(f"/proc/{left.removeprefix(_RUN)}").exists() or left == name:
            _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", left)
    _run("CREATE DATABASE {} TEMPLATE {}", name, template)
    _point_to(name)
    return name


def drop(name: str) -> None:
    """Remove the database of a run."""
    _point_to("postgres")
    _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    connection.close()


def _migrate(template: str) -> None:
    """Migrate a new database and keep it as the template; templates of other states of the code go."""
    draft = f"{template}_{os.getpid()}"
    connection.settings_dict["TEST"]["NAME"] = draft
    setup_databases(verbosity=0, interactive=False)
    _point_to("postgres")
    for old in _databases(_PREFIX):
        if old != draft:
            _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", old)
    _run("ALTER DATABASE {} RENAME TO {}", draft, template)


def _digest() -> str:
    digest = hashlib.sha256()
    for path in sorted({path for pattern in _SHAPING for path in _ROOT.glob(pattern) if path.is_file()}):
        if path.suffix not in {".pyc", ".mo", ".po"}:
            digest.update(f"{path.relative_to(_ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _databases(prefix: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        return [row[0] for row in cursor.fetchall()]


def _point_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _run(statement: str, *names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))
