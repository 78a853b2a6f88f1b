"""Ask whether reads are permitted: the one gate before every record. Each answer is kept, a refusal even where all else is undone."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from rongtong.consent import models
from rongtong.consent.contracts import ConsentId, Item, Purpose, Refusal
from rongtong.consent.queries.authorisations import terms_of
from rongtong.consent.queries.evaluations import as_it_is_read, claims_on
from rongtong.consent.rules import Read, decide
from rongtong.core.actors import Actor
from rongtong.core.errors import Forbidden, Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, audit_only
from rongtong.core.tenancy import Book, as_platform, in_book

_NAMED = 5


class ConsentMissing(Forbidden):
    """No live authorisation covers the reader, the items, the purpose and the moment for all the firms asked about."""

    code = "consent_missing"
    message = _("No authorisation in force allows this: %(refused)s of %(asked)s firms refused.")


class ReaderForeign(Forbidden):
    """Somebody acting for one organisation asked to read as another."""

    code = "reader_foreign"
    message = _("Records can be read only on behalf of the organisation that one acts for.")


class ReadMalformed(Invalid):
    """What was asked for names no item, or one, or a purpose, that there is not."""

    code = "read_malformed"
    message = _("This is no item or purpose of an authorisation: %(what)s")


def permitted(
    *,
    reader_id: UUID,
    enterprise_ids: Sequence[UUID],
    item: str | None = None,
    items: Sequence[str] = (),
    purpose: str,
    actor: Actor,
    at: datetime,
    range_from: date | None = None,
    range_to: date | None = None,
) -> dict[UUID, ConsentId | None]:
    """Those of the firms that the reader may read now, each with the authorisation that says so.

    One query whatever their number; one authorisation must cover all items asked for. A firm reading its own data
    needs none (PIPL art. 45) and is given with None. Uses and refusals are written in bulk to the log of accesses;
    refusals also to the audit trail as `consent.refused`. The actor reads on behalf of the reader and of nobody else;
    the platform's own jobs read for whom they work. In an evaluation the platform is the reader, whoever plays one, and
    what an importer asserted is the answer where there is such an assertion. Raises ReadMalformed, ReaderForeign.
    """
    if actor.organisation_id not in {None, reader_id}:
        raise ReaderForeign(reader=encode_id("org", reader_id))
    wanted = frozenset(map(str, (*items, *([item] if item else ()))))
    unknown = sorted(wanted - set(Item)) or ([] if purpose in set(Purpose) else [purpose])
    if unknown or not wanted:
        raise ReadMalformed(what=", ".join(map(str, unknown)) or "—")
    asked = list(dict.fromkeys(enterprise_ids))
    allowed: dict[UUID, ConsentId | None] = {}
    refused: dict[UUID, Refusal] = {}
    with as_platform():  # the gate sees all authorisations, the caller only its answer
        read = as_it_is_read(Read(reader_id, wanted, str(purpose), at, range_from, range_to))
        claims = claims_on(asked, read)
        terms = terms_of(asked)
        for enterprise_id in asked:
            if enterprise_id in claims:
                allowed[enterprise_id] = ConsentId(claims[enterprise_id])
                continue
            answer = None if enterprise_id == reader_id else decide(terms.get(enterprise_id, ()), read)
            if isinstance(answer, Refusal):
                refused[enterprise_id] = answer
            else:
                allowed[enterprise_id] = answer
        _keep([_access(read, actor, one, allowed[one], None) for one in allowed if one not in claims])
        _keep([_access(read, actor, one, None, None, claim=claims[one]) for one in allowed if one in claims])
        if refused:
            _whatever_happens(lambda: _keep_refusals(read, actor, refused))
    return allowed


def require(
    *,
    reader_id: UUID,
    enterprise_ids: Sequence[UUID],
    item: str | None = None,
    items: Sequence[str] = (),
    purpose: str,
    actor: Actor,
    at: datetime,
    range_from: date | None = None,
    range_to: date | None = None,
) -> dict[UUID, ConsentId | None]:
    """As `permitted`, but all or nothing. Raises ConsentMissing, after the refusals were kept."""
    allowed = permitted(
        reader_id=reader_id,
        enterprise_ids=enterprise_ids,
        item=item,
        items=items,
        purpose=purpose,
        actor=actor,
        at=at,
        range_from=range_from,
        range_to=range_to,
    )
    refused = [one for one in dict.fromkeys(enterprise_ids) if one not in allowed]
    if refused:
        raise ConsentMissing(
            refused=len(refused),
            asked=len(allowed) + len(refused),
            enterprises=[encode_id("ent", one) for one in refused[:_NAMED]],
            items=sorted({*map(str, items), *([str(item)] if item else [])}),
            purpose=str(purpose),
        )
    return allowed


def _access(
    read: Read,
    actor: Actor,
    enterprise_id: UUID,
    consent_id: ConsentId | None,
    refusal: Refusal | None,
    *,
    claim: UUID | None = None,
) -> models.Access:
    return models.Access(
        enterprise_id=enterprise_id,
        reader_id=read.reader_id,
        authorisation_id=consent_id,
        assertion_id=claim,
        items=sorted(read.items),
        purpose=read.purpose,
        refusal=refusal or "",
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        actor_right=actor.right,
        occurred_at=read.at,
    )


def _keep(rows: Sequence[models.Access]) -> None:
    models.Access.objects.bulk_create(rows, batch_size=2000)


def _keep_refusals(read: Read, actor: Actor, refused: Mapping[UUID, Refusal]) -> None:
    _keep([_access(read, actor, one, None, refusal) for one, refusal in refused.items()])
    deeds = [
        Deed(
            "consent.refused",
            encode_id("ent", one),
            one,
            {"reader": read.reader_id, "items": read.items, "purpose": read.purpose, "refusal": refusal},
        )
        for one, refusal in refused.items()
    ]
    with in_book(Book.LIVE):  # also what an evaluation was refused is a refusal
        audit_only(deeds=deeds, actor=replace(actor, organisation_id=read.reader_id), at=read.at)


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
