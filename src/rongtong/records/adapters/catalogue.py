"""The catalogue of the record tables: Iceberg's SQL catalogue in the platform's own PostgreSQL."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from pyiceberg.catalog.sql import SqlCatalog
from sqlalchemy import URL, NullPool, create_engine, event

from rongtong.core.roles import APP_ROLE
from rongtong.core.sessions import introduce

NAME = "rongtong"
NAMESPACE = "records"
_catalogues: dict[str, RecordCatalogue] = {}
_lock = threading.Lock()


class RecordCatalogue(SqlCatalog):  # type: ignore[misc]  # pyiceberg is not followed
    """Works as the application's role, keeps no connection open, and leaves its two tables to the migrations."""

    def _init_catalog(self) -> None:
        self._schema_version = "v1"
        self.engine = create_engine(self.properties["uri"], poolclass=NullPool)
        event.listen(self.engine, "connect", _as_app_role)


def catalogue() -> RecordCatalogue:
    """The catalogue of the database and the warehouse that the settings name."""
    database = connection.settings_dict
    url = URL.create(
        "postgresql+psycopg",
        username=str(database["USER"]),
        password=str(database["PASSWORD"]),
        host=str(database["HOST"]) or None,
        port=int(database["PORT"]) if database["PORT"] else None,
        database=str(database["NAME"]),
        query={name: str(value) for name, value in database.get("OPTIONS", {}).items() if isinstance(value, str)},
    ).render_as_string(hide_password=False)
    warehouse = str(settings.RECORDS_WAREHOUSE)
    name = str(getattr(settings, "RECORDS_CATALOGUE", NAME))
    key = f"{name} {warehouse} {url}"
    with _lock:
        if key not in _catalogues:
            if "://" not in warehouse:
                Path(warehouse).mkdir(mode=0o700, parents=True, exist_ok=True)
            _catalogues[key] = RecordCatalogue(name, uri=url, warehouse=warehouse)
        return _catalogues[key]


def metadata_location(name: str) -> str | None:
    """Where the present metadata of a table lies; None where the table is not made yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT metadata_location FROM iceberg_tables"
            " WHERE catalog_name = %s AND table_namespace = %s AND table_name = %s",
            [catalogue().name, NAMESPACE, name],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _as_app_role(connection: Any, _record: Any) -> None:
    introduce(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', rolname, false) FROM pg_roles"
            " WHERE rolname = %s AND pg_has_role(session_user, oid, 'member')",
            [APP_ROLE],
        )
    connection.commit()
