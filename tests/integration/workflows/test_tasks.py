"""Jobs whose worker died go on, also where the next one of their kind waits already."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.periodic import PeriodicRegistry

from rongtong.core.roles import as_owner
from rongtong.core.tenancy import as_platform
from rongtong.workflows import tasks


def ask(sql: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)  # type: ignore[arg-type]  # a test's own values
        return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture
def queue(transactional_db: None) -> Iterator[None]:
    yield
    with as_owner():
        for table in ("events", "periodic_defers", "jobs", "workers"):
            ask(f"DELETE FROM procrastinate_{table}")


def killed(job: int, *, worker: bool = True) -> None:
    """As if the worker had been killed a while ago: with its row still there, or swept away by another worker."""
    ask("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '11 minutes')")
    ask(
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers WHERE %s) "
        "WHERE id = %s",
        worker,
        job,
    )


def work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that ends when there is nothing left to do, and to whose queue the clock adds nothing."""

    async def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
            async with working.open_async():
                monkeypatch.setattr(working, "periodic_registry", PeriodicRegistry())
                await working.configure_task("retry_stalled_jobs").defer_async()
                await working.run_worker_async(wait=False, install_signal_handlers=False)

    asyncio.run(run())


def states() -> dict[object, object]:
    return dict(ask("SELECT id, status FROM procrastinate_jobs WHERE task_name <> 'retry_stalled_jobs'"))  # type: ignore[arg-type]


@pytest.mark.usefixtures("queue")
class TestRetryStalledJobs:
    @pytest.mark.parametrize("worker", [True, False])
    def test_a_job_of_a_dead_worker_is_done_again(self, monkeypatch: pytest.MonkeyPatch, worker: bool) -> None:
        with as_platform():
            job = tasks.release_expired_offers.defer()
            killed(job, worker=worker)
            work(monkeypatch)
            assert states() == {job: "succeeded"}

    def test_it_makes_way_for_the_next_one_of_its_kind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The sequencer comes each minute, and the dead one holds its lock: without this the log stands still for good."""
        with as_platform():
            dead = tasks.sequence_log.defer()
            killed(dead)
            waiting = tasks.sequence_log.defer()
            other = tasks.release_expired_offers.defer()
            killed(other)
            work(monkeypatch)
            assert states() == {dead: "failed", waiting: "succeeded", other: "succeeded"}
