"""Find the tables that are not sealed yet."""

from __future__ import annotations

from django.db import connection, transaction

from rongtong.attest.adapters.sealed_tables import attach, sealed_tables, tables_to_seal
from rongtong.core.tenancy import Book, as_platform, in_book


@transaction.atomic
def attach_seals() -> list[str]:
    """Have each table queue its rows up for a seal; give the names of the new ones. As the tables' owner."""
    there = set(connection.introspection.table_names())
    if "attest_unsealed" not in there:
        return []
    fresh = [table for table in tables_to_seal() if table in there - set(sealed_tables())]
    with as_platform(), in_book(Book.ALL):
        for table in fresh:
            attach(table)
    return fresh
