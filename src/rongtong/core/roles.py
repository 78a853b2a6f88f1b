"""Least privilege: the application works as a plain database role; only migrations work as the tables' owner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created
from django.db.models.signals import pre_migrate

APP_ROLE = "rongtong_app"
_owner: ContextVar[bool] = ContextVar("owner", default=False)

_ASSUME = """SELECT set_config('app.migrating', '', false), set_config('role', rolname, false) FROM pg_roles
             WHERE rolname = %s AND pg_has_role(session_user, oid, 'member')"""
_SERVING = "SELECT rolname FROM pg_roles WHERE rolname = %s AND pg_has_role(session_user, oid, 'member')"
_PREPARE = f"""DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
    IF (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = session_user) THEN
      CREATE ROLE {APP_ROLE} NOLOGIN;
      EXECUTE format('GRANT {APP_ROLE} TO %I', session_user);
    END IF;
  END IF;
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
    GRANT USAGE ON SCHEMA public TO {APP_ROLE};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE};
  END IF;
END $$"""


@contextmanager
def as_owner() -> Iterator[None]:
    """Work as the tables' owner: for migrations and for setting up tests, never for serving."""
    token = _owner.set(True)
    if connection.connection is not None and not connection.connection.closed:
        _assume(connection)
    try:
        yield
    finally:
        _owner.reset(token)
        if connection.connection is not None and not connection.connection.closed and not connection.needs_rollback:
            _assume(connection)


@cache
def serving_role() -> str | None:
    """The role in which the platform serves; None where its login may take no other, and serves itself."""
    with connection.cursor() as cursor:
        cursor.execute(_SERVING, [APP_ROLE])
        return APP_ROLE if cursor.fetchone() else None


def _assume(connection: Any, **_: Any) -> None:
    """Take the application's role, or as the owner none; rows that an owner writes are sealed as a migration's."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            if _owner.get():
                cursor.execute("RESET ROLE; SET app.migrating = 'on'")
            else:
                cursor.execute(_ASSUME, [APP_ROLE])


def _assume_on_connect(*, connection: Any, **_: Any) -> None:
    _assume(connection)


def _prepare(*, using: str, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE)


def connect() -> None:
    """Hook into Django; called once from the core's AppConfig."""
    connection_created.connect(_assume_on_connect, dispatch_uid="rongtong.core.roles")
    pre_migrate.connect(_prepare, dispatch_uid="rongtong.core.roles")
