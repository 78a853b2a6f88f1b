"""One at a time, over all processes; and never waiting in silence for somebody who does not let go."""

from __future__ import annotations

from django.db import OperationalError, connection
from django.utils.translation import gettext_lazy as _
from psycopg.errors import LockNotAvailable

from rongtong.core.errors import Unavailable

PATIENCE = "60s"
"""A batch holds the lock for seconds; whoever holds it for a minute does not work under it."""


class LogHeld(Unavailable):
    """Another session of the database holds the lock under which the log is written, and does not let go; nothing is attested."""

    code = "log_held"
    message = _("Another session of the database holds the lock of the log for too long (%(lock)s, see pg_locks).")


def hold_lock(lock: int) -> None:
    """Hold an advisory lock to the end of the transaction. Raises LogHeld: the job fails, and stands on the operator's list."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT set_config('lock_timeout', %s, true), pg_advisory_xact_lock(%s)", [PATIENCE, lock])
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise LogHeld(lock=hex(lock)) from error
            raise
