"""One journey over the books at a time: the worker closes the day while somebody at a terminal does, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_LOCK = 0x626F6F6B73  # "books"


@contextmanager
def books_held() -> Iterator[None]:
    """Wait until no other process holds the books, and hold them while the block runs; a killed holder lets go.

    A lock of the session, not of a transaction: the block has many of those, and calls out between them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
