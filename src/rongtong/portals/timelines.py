"""A timeline as the component draws it: what was done, what is awaited, of whom and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from rongtong.origination.contracts import ApplicationState, Timeline

_STOPPED = {ApplicationState.DECLINED, ApplicationState.WITHDRAWN}


@dataclass(frozen=True)
class Step:
    """One line: `state` is done, now, stopped or empty for what is still to come."""

    title: str
    state: str
    at: datetime | None = None
    actor: str = ""
    text: str = ""
    next_actor: str = ""
    deadline: date | None = None


def steps_of(timeline: Timeline) -> tuple[Step, ...]:
    """The steps with the awaited one marked; the last one done is marked as stopped where the way ended there."""
    steps: list[Step] = []
    awaited = False
    done = [step for step in timeline.steps if step.done]
    for step in timeline.steps:
        if step.done:
            ended = step is done[-1] and timeline.state in _STOPPED and timeline.next_actor is None
            steps.append(
                Step(step.title, "stopped" if ended else "done", step.occurred_at, step.actor_name, step.detail)
            )
        elif not awaited and timeline.next_actor is not None:
            awaited = True
            deadline = step.deadline or timeline.next_deadline
            steps.append(
                Step(
                    timeline.next_title or step.title, "now", None, "", step.detail, timeline.next_actor_name, deadline
                )
            )
        else:
            steps.append(Step(step.title, "", None, "", step.detail))
    return tuple(steps)
