"""The worker: runs durable jobs as the platform, until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procrastinate import App

log = logging.getLogger("rongtong.worker")

_WORKERS = 0x776F726B
"""The advisory lock that each worker shares for as long as it lives; the database takes it back when a worker dies."""


def main() -> None:
    from rongtong.config.home import keep_private
    from rongtong.config.ready import make_ready

    keep_private()
    make_ready()
    from procrastinate.contrib.django import app

    from rongtong.core.tenancy import as_platform

    _seal_first()
    with (
        as_platform(),
        app.replace_connector(app.connector.get_worker_connector()) as working,
        _present() as alone,
    ):
        if alone:
            asyncio.run(_give_back_all(working))
        working.run_worker(concurrency=2, install_signal_handlers=True)
    attest_what_waits()


def _seal_first() -> None:
    """What was written while no worker ran is sealed as soon as one runs, not by the next call of the clock."""
    from procrastinate.exceptions import AlreadyEnqueued

    from rongtong.workflows.tasks import seal_rows

    with contextlib.suppress(AlreadyEnqueued):
        seal_rows.defer()


def attest_what_waits() -> None:
    """Seal and sequence what was written since the last job of the clock: nothing waits while the platform stands still."""
    from rongtong.attest import facade as attest
    from rongtong.core.clock import now
    from rongtong.core.errors import RongtongError

    try:
        attest.seal_rows(at=now())
        while attest.sequence(at=now()):
            pass
    except RongtongError:  # the jobs of the clock try again, and stand on the operator's list
        log.exception("what waits for the log stays there")


@contextmanager
def _present() -> Iterator[bool]:
    """Be known as a live worker; says whether no other one lives, so that whatever is being worked on is nobody's."""
    from django.db import connections

    own = connections["default"].copy()
    with own.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_WORKERS])
        (alone,) = cursor.fetchone()
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [_WORKERS])
        if alone:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_WORKERS])
    try:
        yield alone
    finally:
        own.close()


async def _give_back_all(app: App) -> None:
    """Take up what dead workers left: at once, not when their heartbeats have grown old."""
    from rongtong.workflows.upkeep import give_back

    async with app.open_async():
        await give_back(app.job_manager, await app.job_manager.list_jobs_async(status="doing"))


if __name__ == "__main__":
    main()
