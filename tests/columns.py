"""A column more in every table, as a later version of the software would have it: in the database and in the models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import connection, models

from rongtong.attest.adapters.sealed_tables import sealed_tables
from rongtong.core.frozen_columns import FrozenColumns, declared_columns
from rongtong.core.roles import as_owner

LATER = "added_later"


@contextmanager
def a_later_version() -> Iterator[None]:
    """Every attested and every sealed table has a column more, and evidence is made with it from now on."""
    declared = declared_columns()
    before = {one.name: one.versions for one in declared}
    tables = {one.table for one in declared} | set(sealed_tables())
    changed = [model for model in apps.get_models() if model._meta.db_table in tables]
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in changed:
            cursor.execute(f"ALTER TABLE {model._meta.db_table} ADD COLUMN {LATER} text NOT NULL DEFAULT 'as it was'")
            models.TextField(default="written later").contribute_to_class(model, LATER)
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9999_later', now())")
    for one in declared:
        _set_versions(one, (*one.versions, (*one.versions[-1], LATER)))
    try:
        yield
    finally:
        for one in declared:
            _set_versions(one, before[one.name])
        for model in changed:
            model._meta.local_fields.remove(model._meta.get_field(LATER))
            model._meta._expire_cache()
            delattr(model, LATER)


def _set_versions(columns: FrozenColumns, versions: tuple[tuple[str, ...], ...]) -> None:
    object.__setattr__(columns, "versions", versions)
