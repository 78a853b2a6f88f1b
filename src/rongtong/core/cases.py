"""Cases: what waits for somebody. Each kind declares its states once: who acts next, how the state is left, until when.

A domain declares its kinds in its contracts and lists its cases that are older than their deadline; workflows gathers them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class NextActor(StrEnum):
    """Who has to act."""

    FIRM = "firm"
    LENDER = "lender"
    PLATFORM = "platform"
    """A job; nobody has to be asked."""
    LENDERS_BANK = "lenders_bank"
    """The system of the lender's bank, asked again by a job until it answers."""
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of a state: the action, where it leads, and who takes it."""

    action: str
    to: tuple[str, ...]
    by: NextActor


@dataclass(frozen=True, slots=True)
class Stage:
    """A state that waits: its next actor, its exits, and where its deadline stands.

    `deadline` is the id of a rulebook row (a number of minutes, hours, days or working days from the moment the state began), or
    `:` and the name of the fact that holds the day itself, such as `:next_due_date`.
    """

    next_actor: NextActor
    exits: tuple[Exit, ...]
    deadline: str


@dataclass(frozen=True, slots=True)
class CaseKind:
    """A kind of case: the states that wait, and those in which nothing more is to be done."""

    name: str
    stages: Mapping[str, Stage]
    final: frozenset[str] = field(default_factory=frozenset)

    @property
    def states(self) -> frozenset[str]:
        """All of them."""
        return frozenset(self.stages) | self.final

    @property
    def arrows(self) -> frozenset[tuple[str, str]]:
        """Every (from, to) that an exit takes; a final state may be reopened, which is declared as a stage of its own."""
        return frozenset((state, to) for state, stage in self.stages.items() for one in stage.exits for to in one.to)


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """One case as it waits."""

    kind: str
    subject: str
    """The case's prefixed id."""
    state: str
    next_actor: NextActor
    actions: tuple[str, ...]
    since: datetime
    deadline: datetime
    enterprise_id: UUID | None = None
    lender_id: UUID | None = None
    detail: str = ""
    """What was said of it last, such as the bank's error."""
