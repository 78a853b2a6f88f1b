"""Jobs whose worker died go on, also where the next one of their kind waits already."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from django.db import connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.periodic import PeriodicRegistry

from rongtong.core.roles import as_owner
from rongtong.core.tenancy import as_platform
from rongtong.workflows import tasks
from rongtong.workflows.retries import Retry


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


@pytest.mark.usefixtures("queue")
class TestFailingJobs:
    """A job that fails while the next one of its kind waits in the queue: its place is taken."""

    @pytest.mark.parametrize("held", [True, False])
    def test_free_their_lock_and_make_way(self, monkeypatch: pytest.MonkeyPatch, held: bool) -> None:
        runs: list[int] = []
        place = {"queueing_lock": "probe"} if held else {}

        async def run() -> None:
            with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
                async with working.open_async():
                    monkeypatch.setattr(working, "periodic_registry", PeriodicRegistry())

                    async def body(number: int) -> None:
                        runs.append(number)
                        if number == 1 and len(runs) == 1:
                            await working.configure_task("probe", lock="probes", **place).defer_async(number=2)
                            raise RuntimeError("the bank hung up")

                    probe = working.task(name="probe", retry=Retry(attempts=3), lock="probes", **place)(body)
                    monkeypatch.setattr(probe.retry_strategy, "_waiting", RetryStrategy(max_attempts=3))
                    await probe.defer_async(number=1)
                    await working.run_worker_async(wait=False, install_signal_handlers=False)
                    del working.tasks["probe"]

        with as_platform():
            asyncio.run(run())
            left = ask(
                "SELECT args->>'number', status::text FROM procrastinate_jobs WHERE task_name = 'probe' ORDER BY id"
            )
        if held:
            assert (runs, left) == ([1, 2], [("1", "failed"), ("2", "succeeded")]), "the next one did what was due"
        else:
            assert (runs, left) == ([1, 1, 2], [("1", "succeeded"), ("2", "succeeded")]), "it is tried again"

    def test_no_task_of_ours_can_be_put_back_into_a_taken_place(self) -> None:
        for name, task in app.tasks.items():
            if task.queueing_lock is not None and task.retry_strategy is not None:
                assert isinstance(task.retry_strategy, Retry), name

    def test_what_the_clock_calls_holds_one_place_in_the_queue(self) -> None:
        called = {task.task.name: task.task for task in app.periodic_registry.periodic_tasks.values()}
        assert called
        assert [name for name, task in called.items() if task.queueing_lock is None] == []


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
