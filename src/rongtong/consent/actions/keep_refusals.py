"""Keep what was refused: every refusal is counted, the first few of a kind and day are written out, so that no flood buries the log."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

from django.db import connection, transaction

from rongtong.consent import models
from rongtong.consent.contracts import Refusal
from rongtong.consent.rules.coverage import Read
from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.ids import encode_id, new_id
from rongtong.core.journal import Deed, audit_only
from rongtong.core.tenancy import Book, in_book
from rongtong.rulebook import facade as rulebook

_COUNT = """
INSERT INTO consent_refusal_count AS kept
  (id, enterprise_id, reader_id, items, purpose, refusal, day, times,
   actor_kind, actor_id, actor_name, actor_right, first_at, last_at)
SELECT one.id, one.enterprise_id, %(reader)s, %(items)s, %(purpose)s, one.refusal, %(day)s, 1,
       %(actor_kind)s, %(actor_id)s, %(actor_name)s, %(actor_right)s, %(at)s, %(at)s
  FROM unnest(%(ids)s::uuid[], %(firms)s::uuid[], %(refusals)s::text[]) AS one (id, enterprise_id, refusal)
 ORDER BY one.enterprise_id
ON CONFLICT (enterprise_id, reader_id, items, purpose, refusal, day) DO UPDATE SET
  times = kept.times + 1, actor_kind = excluded.actor_kind, actor_id = excluded.actor_id,
  actor_name = excluded.actor_name, actor_right = excluded.actor_right,
  first_at = least(kept.first_at, excluded.first_at), last_at = greatest(kept.last_at, excluded.last_at)
RETURNING enterprise_id, times"""


def keep_refusals(read: Read, actor: Actor, refused: Mapping[UUID, Refusal]) -> None:
    """Count them, and write out those that are among the first of their kind and day: even where all else is undone."""
    _whatever_happens(lambda: _keep(read, actor, refused))


def _keep(read: Read, actor: Actor, refused: Mapping[UUID, Refusal]) -> None:
    day = china_date(read.at)
    most = int(rulebook.value("consent.refusals_written_per_day", on=day))
    firms = list(refused)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "reader": read.reader_id,
                "items": sorted(read.items),
                "purpose": read.purpose,
                "day": day,
                **actor.columns(),
                "at": read.at,
                "ids": [new_id() for _one in firms],
                "firms": firms,
                "refusals": [str(refused[one]) for one in firms],
            },
        )
        written = [firm for firm, times in cursor.fetchall() if times <= most]
    models.Access.objects.bulk_create(
        [access_row(read, actor, one, refusal=refused[one]) for one in written], batch_size=2000
    )
    deeds = [
        Deed(
            "consent.refused",
            encode_id("ent", one),
            one,
            {"reader": read.reader_id, "items": read.items, "purpose": read.purpose, "refusal": refused[one]},
        )
        for one in written
    ]
    with in_book(Book.LIVE):  # also what an evaluation was refused is a refusal
        audit_only(deeds=deeds, actor=replace(actor, organisation_id=read.reader_id), at=read.at)


def access_row(
    read: Read,
    actor: Actor,
    enterprise_id: UUID,
    *,
    consent_id: UUID | None = None,
    numbers: Sequence[int] = (),
    refusal: Refusal | None = None,
    claim: UUID | None = None,
) -> models.Access:
    """A row of the log of accesses: a use, with the entries that allowed it, or a refusal."""
    return models.Access(
        enterprise_id=enterprise_id,
        reader_id=read.reader_id,
        authorisation_id=consent_id,
        assertion_id=claim,
        items=sorted(read.items),
        entry_numbers=list(numbers),
        mode=read.mode,
        purpose=read.purpose,
        refusal=refusal or "",
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        actor_right=actor.right,
        occurred_at=read.at,
    )


def _whatever_happens(write: Callable[[], None]) -> None:
    """Commit a write now: on a connection of its own where the caller has a transaction open, which may yet be undone."""
    if not _inside_a_transaction():
        with transaction.atomic():
            write()
        return

    def write_apart() -> None:
        try:
            write()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as apart:
        apart.submit(contextvars.copy_context().run, write_apart).result()


def _inside_a_transaction() -> bool:
    try:
        with transaction.atomic(durable=True):
            return False
    except RuntimeError:  # Django's answer where a durable block would be nested in another
        return True
