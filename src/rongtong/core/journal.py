"""The journal: one call writes the audit entry and the event of a deed, in the transaction of the deed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from rongtong.core.actors import Actor
from rongtong.core.canonical import canonical_json
from rongtong.core.models import AuditEntry, Event
from rongtong.core.tenancy import Book, current_book


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing done: its event name, what it was done to, the enterprise concerned, and the facts."""

    name: str
    subject: str
    enterprise_id: UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


Follower = Callable[[Event], None]
_followers: dict[str, list[Follower]] = {}


def follow(name: str, follower: Follower) -> None:
    """Have `follower(event)` called in the transaction of each deed of that name; it should only defer a job.

    Called once, from an `AppConfig.ready` of a storey above; calling it again with the same function changes nothing.
    What is done in an evaluation has no followers: whoever plays it takes each step.
    """
    followers = _followers.setdefault(name, [])
    if follower not in followers:
        followers.append(follower)


def record(*, deed: Deed, actor: Actor, at: datetime) -> None:
    """Write the audit entry and the event of one deed; call it inside the deed's transaction."""
    record_all(deeds=[deed], actor=actor, at=at)


def record_all(*, deeds: Iterable[Deed], actor: Actor, at: datetime) -> None:
    """The same for many deeds of one actor in two statements."""
    entries, events = [], []
    for deed in deeds:
        facts = json.loads(canonical_json(dict(deed.facts)))
        entries.append(_entry(deed, facts, actor, at))
        events.append(Event(name=deed.name, subject=deed.subject, facts=facts, occurred_at=at))
    AuditEntry.objects.bulk_create(entries, batch_size=2000)
    Event.objects.bulk_create(events, batch_size=2000)
    if current_book() is Book.EVALUATION:
        return
    for event in events:
        for follower in _followers.get(event.name, ()):
            follower(event)


def audit_only(*, deeds: Iterable[Deed], actor: Actor, at: datetime) -> None:
    """Write audit entries without events: for reads and refusals."""
    AuditEntry.objects.bulk_create(
        [_entry(deed, json.loads(canonical_json(dict(deed.facts))), actor, at) for deed in deeds], batch_size=2000
    )


def first_to(*, name: str, subject: str) -> tuple[str, str]:
    """Kind and id of who first did a deed to a subject; two empty words where nobody did."""
    entries = AuditEntry.objects.filter(subject=subject, action=name).order_by("recorded_at", "id")
    found = entries.values_list("actor_kind", "actor_id").first()
    return found if found is not None else ("", "")


def _entry(deed: Deed, facts: dict[str, Any], actor: Actor, at: datetime) -> AuditEntry:
    return AuditEntry(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        organisation_id=actor.organisation_id,
        actor_right=actor.right,
        action=deed.name,
        subject=deed.subject,
        enterprise_id=deed.enterprise_id,
        facts=facts,
        occurred_at=at,
    )
