"""Make the platform ready for a command: database started, tables migrated, Django set up."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django

from rongtong.config.database_errors import DatabaseUnsuited
from rongtong.config.embedded_postgres import ensure_running
from rongtong.config.home import home

_OLDEST = 150000


def make_ready() -> None:
    """Start the embedded database unless it runs, set Django up, bring the tables up to date. Safe to call at once from several."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongtong.config.settings")
    ensure_running()
    from rongtong.config.catalogues import compile_all

    if os.access(os.path.dirname(__file__), os.W_OK):
        compile_all()
    django.setup()
    migrate()


def migrate() -> bool:
    """Bring the tables up to date as their owner; say whether anything was to do."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from rongtong.core.roles import as_owner

    with open(home() / "migrate.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with as_owner():
            _check_server(connection)
            executor = MigrationExecutor(connection)
            if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return False
            _check_rights(connection)
            call_command("migrate", verbosity=0, interactive=False)
    connection.close()
    return True


def _check_server(connection: Any) -> None:
    """Raise DatabaseUnsuited for a server or a database that the tables cannot live in."""
    from django.db import NotSupportedError

    try:
        connection.ensure_connection()
    except NotSupportedError as error:  # older than Django itself takes
        raise DatabaseUnsuited(why=" ".join(str(error).split())) from error
    if connection.pg_version < _OLDEST:
        raise DatabaseUnsuited(why=f"PostgreSQL 15 or newer is needed, it is {connection.pg_version // 10000}")
    encoding = connection.connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseUnsuited(why=f"its encoding is {encoding}: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0")


def _check_rights(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege('public', 'CREATE'), current_user")
        may_create, role = cursor.fetchone()
    if not may_create:
        raise DatabaseUnsuited(why=f"the role {role} may not make tables: ALTER DATABASE … OWNER TO {role}")


@contextmanager
def platform() -> Iterator[None]:
    """Ready, and looking as the platform."""
    make_ready()
    from rongtong.core.tenancy import as_platform

    with as_platform():
        yield
