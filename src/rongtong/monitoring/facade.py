"""The door of monitoring: scan, read signals and tasks, say what was found."""

from rongtong.monitoring.actions.dispose_task import NoteMissing, TaskAlreadyDone, TaskNotFound, dispose_task
from rongtong.monitoring.actions.scan import scan
from rongtong.monitoring.queries import (
    counts_by_level,
    found_false,
    open_red_alarms,
    overdue_cases,
    signals,
    task,
    tasks,
    title_of,
)

__all__ = [
    "NoteMissing",
    "TaskAlreadyDone",
    "TaskNotFound",
    "counts_by_level",
    "dispose_task",
    "found_false",
    "open_red_alarms",
    "overdue_cases",
    "scan",
    "signals",
    "task",
    "tasks",
    "title_of",
]
