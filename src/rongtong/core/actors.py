"""Who acts, on behalf of whom, by what right: each write and each read names all three."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID


class Right(StrEnum):
    """By what right somebody acts."""

    MEMBERSHIP = "membership"
    """A person's role in the organisation."""
    API_KEY = "api_key"
    """A key that the organisation gave to a program."""
    SECOND_PERSON = "second_person"
    """A member who confirms what another member proposed."""
    LENDER_RULES = "lender_rules"
    """The published rules of a lender, applied by the platform for it."""
    PLATFORM_JOB = "platform_job"
    """The platform's own work, by its rules of operation."""
    COMMAND_LINE = "command_line"
    """Whoever may run commands on the machine of the installation."""
    RECOVERY = "recovery"
    """An operator who let a person in again after making sure who it is."""
    PLAYED = "played"
    """History that was played for a demonstration, an evaluation or a test: nobody's will."""


_BY_KIND = {"user": Right.MEMBERSHIP, "client": Right.API_KEY, "system": Right.PLATFORM_JOB}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program of a partner, or the platform's own job; for an organisation or the platform; by some right.

    `kind` is `user`, `client` (an API key) or `system`; `id` is the user's or key's id, or the job's name;
    `organisation_id` is on whose behalf, None only for the platform itself; `right` follows from the kind where none is
    given. `person_id` is the person behind it: the user, or who made the key; empty for a job.
    """

    kind: str
    id: str
    name: str
    organisation_id: UUID | None = None
    right: str = ""
    person_id: str = ""

    def __post_init__(self) -> None:
        if not self.right:
            object.__setattr__(self, "right", _BY_KIND[self.kind].value)
        if not self.person_id and self.kind == "user":
            object.__setattr__(self, "person_id", self.id)

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    def behalf(self) -> dict[str, Any]:
        """On whose behalf and by what right, as the columns of `core.models.ActedFor`."""
        return {"actor_organisation_id": self.organisation_id, "actor_right": self.right}

    def columns(self) -> dict[str, Any]:
        """All that is kept of an actor, as the columns of `core.models.ActedBy`."""
        who = {"actor_kind": self.kind, "actor_id": self.id[:80], "actor_name": self.name[:200]}
        return who | self.behalf()

    def may_be(self, person_id: str) -> bool:
        """Whether the person behind it may be that person: a program whose maker is not known may be anybody's."""
        if self.kind == "system":
            return False
        return not (self.person_id and person_id) or self.person_id == person_id

    def acting_for(self, organisation_id: UUID | None, *, right: Right) -> Actor:
        """The same one on behalf of another organisation, by a right that says why it may."""
        return replace(self, organisation_id=organisation_id, right=right.value)

    def by(self, right: Right) -> Actor:
        """The same one for the same organisation, by another right."""
        return replace(self, right=right.value)


def system_actor(job: str, *, organisation_id: UUID | None = None, right: Right = Right.PLATFORM_JOB) -> Actor:
    """The platform's own job as an actor; for an organisation where it does that one's work."""
    return Actor(kind="system", id=job, name=job, organisation_id=organisation_id, right=right.value)
