"""Who acts: each write names an actor."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program of a partner, or the platform's own job, acting for an organisation or for the platform.

    `kind` is `user`, `client` (an API key) or `system`; `id` is the user's or key's id, or the job's name;
    `organisation_id` is None only for the platform itself.
    """

    kind: str
    id: str
    name: str
    organisation_id: UUID | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def system_actor(job: str) -> Actor:
    """The platform's own job as an actor."""
    return Actor(kind="system", id=job, name=job)
