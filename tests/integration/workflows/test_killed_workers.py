"""A worker is killed (`kill -9`) in the middle of each step of a journey: another one goes on, nothing is lost, nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from rongtong.core.roles import as_owner
from rongtong.core.tenancy import as_platform
from rongtong.origination import facade as origination
from rongtong.origination import models
from rongtong.origination.contracts import ApplicationState
from rongtong.parties.contracts import Organisation
from tests.integration.origination import conftest as kit

Held = Callable[[], None]


@pytest.fixture
def firm(transactional_db: None) -> Iterator[Organisation]:
    with as_platform():
        kit.open_market()
        (firm,) = kit.register_firms(1)
        yield firm
    with as_owner(), connection.cursor() as cursor:
        for table in ("events", "periodic_defers", "jobs", "workers"):
            cursor.execute(f"DELETE FROM procrastinate_{table}")


def database() -> str:
    from rongtong.config.embedded_postgres import database_url

    return database_url().rpartition("/")[0] + "/" + str(connection.settings_dict["NAME"])


@contextmanager
def worker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as it runs in earnest, over the tests' database."""
    log = folder / "worker.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "rongtong.config.worker"],
            env={**os.environ, "DATABASE_URL": database()},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(condition: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Look until it is so; the deadline is only there so that a failure ends."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace")[-4000:])


def waits_for_a_lock(pid: int) -> Callable[[], bool]:
    """Whether somebody stands before the lock that our connection holds."""

    def waiting() -> bool:
        with psycopg.connect(database(), autocommit=True) as looking:
            row = looking.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))", [pid]
            ).fetchone()
        return bool(row and row[0])

    return waiting


def hold_application() -> None:
    models.Application.objects.select_for_update().get()


def kill_in_the_middle(job: str, hold: Held, folder: Path) -> None:
    """Let a worker begin the job, kill it where it waits for what we hold, and let another one go on."""
    from django.db import transaction

    log = folder / "worker.log"
    with worker(folder) as first:
        with transaction.atomic():
            hold()
            until(waits_for_a_lock(connection.connection.info.backend_pid), first, log)
            first.kill()
            first.wait()
        assert statuses(job) == ["doing"], "its job is left as it was"
    with worker(folder) as second:
        until(lambda: statuses(job) == ["succeeded"], second, log)


def statuses(job: str) -> list[str]:
    return list(ProcrastinateJob.objects.filter(task_name=job).values_list("status", flat=True))


@pytest.mark.usefixtures("firm")
class TestAWorkerIsKilled:
    def test_while_it_decides(self, firm: Organisation, tmp_path: Path) -> None:
        application = kit.submit(firm)
        kill_in_the_middle("decide_application", hold_application, tmp_path)
        assert models.Decision.objects.count() == 1
        assert origination.application(application_id=application.id).state is not ApplicationState.SUBMITTED

    def test_while_it_draws_up(self, firm: Organisation, tmp_path: Path) -> None:
        application = kit.accepted(firm)
        forget_but("prepare_agreement")
        kill_in_the_middle("prepare_agreement", hold_application, tmp_path)
        assert models.Agreement.objects.count() == 1
        assert origination.agreement_of(application_id=application.id) is not None


def forget_but(job: str) -> None:
    """Leave one job of a kind in the queue: what the building of the scene deferred is done."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name <> %s", [job])
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE id NOT IN (SELECT max(id) FROM procrastinate_jobs WHERE task_name = %s)",
            [job],
        )
