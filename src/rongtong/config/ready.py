"""Make the platform ready for a command: database started, tables migrated, Django set up."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import django

from rongtong.config.embedded_postgres import ensure_running
from rongtong.config.home import home


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
            executor = MigrationExecutor(connection)
            if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return False
            call_command("migrate", verbosity=0, interactive=False)
    connection.close()
    return True


@contextmanager
def platform() -> Iterator[None]:
    """Ready, and looking as the platform."""
    make_ready()
    from rongtong.core.tenancy import as_platform

    with as_platform():
        yield
