"""One writer per record table, over all processes; a writer that dies lets go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from rongtong.records.adapters.catalogue import catalogue
from rongtong.sources.contracts import SourceKind


@contextmanager
def landing_lock(kind: SourceKind) -> Iterator[None]:
    """Wait for, then hold, the right to write the table of a kind; on a connection of its own, outside any transaction."""
    with catalogue().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
        holder.execute(
            text("SELECT pg_advisory_lock(hashtext('rongtong.records'), hashtext(:kind))"), {"kind": kind.value}
        )
        yield
