"""Run the jobs that wait in the queue, in the test's own process and transaction, by the queue's own rules."""

from __future__ import annotations

import inspect
import json
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Job
from procrastinate.retry import get_retry_strategy
from procrastinate.sql import queries

from rongtong.core.tenancy import as_platform


def run_jobs(*, raising: bool = True) -> list[str]:
    """Do what waits, and what that defers, to the end; give the names of the jobs done, each attempt counted.

    A job that fails is tried again at once as often as its task allows; when it gives up, its error is raised, or with
    `raising=False` the job is left `failed` as a worker would leave it.
    """
    connector: Any = app.connector
    done: list[str] = []
    with as_platform():
        worker = connector.execute_query_one(queries["register_worker"])["worker_id"]
        while True:
            row = connector.execute_query_one(queries["fetch_job"], queues=None, worker_id=worker)
            if row["id"] is None:
                break
            job = Job.from_row(row | {"args": json.loads(row["args"])})  # Django's cursors leave JSON as it is written
            done.append(job.task_name)
            _run(connector, job, raising)
        connector.execute_query(queries["unregister_worker"], worker_id=worker)
    return done


def _run(connector: Any, job: Job, raising: bool) -> None:
    task: Any = app.tasks[job.task_name]
    assert not inspect.iscoroutinefunction(task.func), "a worker of its own runs these"
    given = [JobContext(app=app, job=job, start_timestamp=0.0, abort_reason=lambda: None)] if task.pass_context else []
    try:
        with (
            transaction.atomic() if connection.in_atomic_block else nullcontext()
        ):  # in a test's transaction, a savepoint
            task.func(*given, **job.task_kwargs)
    except Exception as error:
        retry = get_retry_strategy(task.retry_strategy)
        again = retry.get_retry_decision(exception=error, job=job) if retry else None
        if again is None:
            _finish(connector, job, "failed")
            if raising:
                raise
            return
        connector.execute_query(
            queries["retry_job"],
            job_id=job.id,
            retry_at=datetime(2000, 1, 1, tzinfo=UTC),
            new_priority=again.priority,
            new_queue_name=again.queue,
            new_lock=again.lock,
        )
    else:
        _finish(connector, job, "succeeded")


def _finish(connector: Any, job: Job, status: str) -> None:
    connector.execute_query(queries["finish_job"], job_id=job.id, status=status, delete_job=False)
