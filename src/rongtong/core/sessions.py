"""Each connection of the platform introduces itself to the database, so that rows tell whether the platform wrote them.

A session gets a random id and a token, the HMAC of that id under a key that lies outside of the database. The triggers
that queue rows for the log keep the id, and a digest over the token and the row; the token itself is stored nowhere.
Whoever writes with the database's own password alone has no token, and what he writes is told apart.
"""

from __future__ import annotations

import hashlib
import hmac
import sys
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db.backends.signals import connection_created

import rongtong

_INTRODUCE = """SELECT set_config('app.session', %s, false), set_config('app.token', %s, false),
                       set_config('app.code', %s, false), set_config('application_name', %s, false)"""


def introduce(connection: psycopg.Connection[Any]) -> None:
    """Give a fresh connection its session; with bound parameters, so that no list of statements shows the token."""
    session = uuid4().hex
    program = f"rongtong {Path(sys.argv[0]).name or 'python'}"[:60]
    with psycopg.Cursor(connection) as cursor:
        cursor.execute(_INTRODUCE, (session, token_of(session), code_version(), program))


def token_of(session: str) -> str:
    """The token of a session's id, which only who has the key can name."""
    return hmac.new(str(settings.DATABASE_SESSION_KEY).encode(), session.encode(), hashlib.sha256).hexdigest()


@cache
def code_version() -> str:
    """The version of this software, and the first digits of the SHA-256 over its source files."""
    root = Path(rongtong.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return f"{rongtong.__version__}+{digest.hexdigest()[:12]}"


def _introduce_on_connect(*, connection: Any, **_: Any) -> None:
    if connection.vendor == "postgresql":
        introduce(connection.connection)


def connect() -> None:
    """Hook into Django; called once from the core's AppConfig."""
    connection_created.connect(_introduce_on_connect, dispatch_uid="rongtong.core.sessions")
