"""What crosses the door of monitoring: levels, signals, tasks and what was found of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from rongtong.core.cases import CaseKind, Exit, NextActor, Stage

SignalId = NewType("SignalId", UUID)
TaskId = NewType("TaskId", UUID)


class Level(StrEnum):
    """How grave a signal is: 蓝, 黄, 橙, 红."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class SignalState(StrEnum):
    """`open -> cleared | dismissed`: cleared by the facts, dismissed by a person who found it false."""

    OPEN = "open"  # -> cleared, dismissed
    CLEARED = "cleared"
    DISMISSED = "dismissed"


class TaskState(StrEnum):
    """`open -> done`."""

    OPEN = "open"  # -> done
    DONE = "done"


class Disposition(StrEnum):
    """What a person found."""

    CONFIRMED = "confirmed"
    FALSE_ALARM = "false_alarm"
    MITIGATED = "mitigated"


@dataclass(frozen=True, slots=True)
class Detected:
    """What a rule found in an enterprise's features; `facts` are the figures that it looked at."""

    code: str
    level: Level
    facts: Mapping[str, float | int | str | None]


@dataclass(frozen=True, slots=True)
class Signal:
    """A fact that speaks for trouble, with its evidence."""

    id: SignalId
    enterprise_id: UUID
    enterprise_name: str
    code: str
    title: str
    """In the reader's language."""
    level: Level
    state: SignalState
    facts: Mapping[str, object]
    portrait_id: UUID | None
    """The portrait whose figures raised it, and from which one gets to the rows."""
    first_seen_date: date
    last_seen_date: date


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody has to do about a signal, by when."""

    id: TaskId
    signal: Signal
    lender_id: UUID | None
    """The lender whose task it is; None for the operator's risk desk."""
    deadline_at: datetime
    state: TaskState
    disposition: Disposition | None
    note: str
    done_by: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of tasks."""

    tasks: tuple[Task, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan came to."""

    scanned: int
    raised: int
    seen_again: int
    cleared: int
    set_aside: tuple[tuple[str, str, str], ...] = ()
    """Enterprises that could not be looked at: id, code of the error, its words."""


TASK = CaseKind(
    "alarm_task",
    {
        "open": Stage(
            NextActor.LENDER,
            (
                Exit("dispose_task", ("done",), NextActor.LENDER),
                Exit("dispose_task", ("done",), NextActor.OPERATOR),
            ),
            ":deadline_at",
        )
    },
    final=frozenset({"done"}),
)
CASE_KINDS = (TASK,)
"""Monitoring's kinds of cases; a task without a lender is the operator's."""
