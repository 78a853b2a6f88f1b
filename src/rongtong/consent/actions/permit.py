"""Ask whether reads are permitted: the one gate before every record. Each answer is kept, a refusal even where all else is undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from rongtong.consent import models
from rongtong.consent.actions.keep_refusals import access_row, keep_refusals
from rongtong.consent.contracts import ConsentId, Item, Mode, Purpose, Refusal
from rongtong.consent.queries.evaluations import as_it_is_read, claims_on
from rongtong.consent.queries.terms import limited, terms_of, with_uses
from rongtong.consent.rules.coverage import EntryTerms, Read, Terms, decide, is_fetch
from rongtong.core.actors import Actor
from rongtong.core.errors import Forbidden, Invalid
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform

Permission = tuple[ConsentId, tuple[EntryTerms, ...]] | None
"""By which authorisation and entries; None for the firm itself."""
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
    mode: str = Mode.VIEW,
    fields: Sequence[str] | None = None,
) -> dict[UUID, ConsentId | None]:
    """Those of the firms that the reader may read now, each with the authorisation that says so.

    `mode` is what the reader needs: who fetches from a source asks for `store`; `fields` are the columns it will see,
    None for all. Few queries whatever the number of firms; one authorisation must cover all items asked for. Where
    fetches are counted this one is, in the same moment. A firm reading its own data needs no consent (PIPL art. 45) and
    is given with None. Uses are written in bulk to the log of accesses; refusals are counted, and the first few of a
    kind and day written there and to the audit trail as `consent.refused`. The actor reads on behalf of the reader and of
    nobody else; the platform's own jobs read for whom they work. In an evaluation the platform is the reader, whoever
    plays one, and what an importer asserted is the answer where there is such an assertion. Raises ReadMalformed,
    ReaderForeign.
    """
    if actor.organisation_id not in {None, reader_id}:
        raise ReaderForeign(reader=encode_id("org", reader_id))
    wanted = frozenset(map(str, (*items, *([item] if item else ()))))
    unknown = sorted(wanted - set(Item)) or ([] if purpose in set(Purpose) else [purpose])
    if unknown or not wanted:
        raise ReadMalformed(what=", ".join(map(str, unknown)) or "—")
    asked = list(dict.fromkeys(enterprise_ids))
    columns = None if fields is None else frozenset(fields)
    with as_platform():  # the gate sees all authorisations, the caller only its answer
        read = as_it_is_read(Read(reader_id, wanted, str(purpose), at, range_from, range_to, Mode(mode), columns))
        claims = claims_on(asked, read)
        models.Access.objects.bulk_create(
            [access_row(read, actor, firm, claim=claim) for firm, claim in claims.items()], batch_size=2000
        )
        open_ones = [one for one in asked if one not in claims]
        terms = terms_of(open_ones, items=wanted)
        counted = limited(terms, read.reader_id)
        if counted:
            with transaction.atomic():
                _lock(counted)
                allowed, refused = _answer(open_ones, with_uses(terms, read.reader_id, counted), read, own=reader_id)
                _count(allowed, read)
                _keep_uses(allowed, read, actor)
        else:
            allowed, refused = _answer(open_ones, terms, read, own=reader_id)
            _keep_uses(allowed, read, actor)
        if refused:
            keep_refusals(read, actor, refused)
    answers = {firm: None if answer is None else answer[0] for firm, answer in allowed.items()}
    answers |= {firm: ConsentId(claim) for firm, claim in claims.items()}
    return {firm: answers[firm] for firm in asked if firm in answers}


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
    mode: str = Mode.VIEW,
    fields: Sequence[str] | None = None,
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
        mode=mode,
        fields=fields,
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


def _answer(
    asked: Sequence[UUID], terms: Mapping[UUID, Sequence[Terms]], read: Read, *, own: UUID
) -> tuple[dict[UUID, Permission], dict[UUID, Refusal]]:
    allowed: dict[UUID, Permission] = {}
    refused: dict[UUID, Refusal] = {}
    for enterprise_id in asked:
        answer = None if enterprise_id == own else decide(terms.get(enterprise_id, ()), read)
        if isinstance(answer, Refusal):
            refused[enterprise_id] = answer
        else:
            allowed[enterprise_id] = answer
    return allowed, refused


def _lock(consent_ids: Sequence[UUID]) -> None:
    """One counted fetch under an authorisation at a time; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('consent_use:' || one)) FROM unnest(%s::text[]) AS one",
            [[str(one) for one in consent_ids]],
        )


def _count(allowed: Mapping[UUID, Permission], read: Read) -> None:
    """Keep the fetches that are counted; what one moment fetches is one fetch."""
    rows = [
        models.Use(
            authorisation_id=answer[0],
            enterprise_id=firm,
            reader_id=read.reader_id,
            number=entry.number,
            used_at=read.at,
        )
        for firm, answer in allowed.items()
        if answer is not None
        for entry in answer[1]
        if entry.is_limited and is_fetch(entry, read)
    ]
    models.Use.objects.bulk_create(rows, ignore_conflicts=True)


def _keep_uses(allowed: Mapping[UUID, Permission], read: Read, actor: Actor) -> None:
    models.Access.objects.bulk_create(
        [
            access_row(read, actor, firm, consent_id=answer[0], numbers=[one.number for one in answer[1]])
            if answer is not None
            else access_row(read, actor, firm)
            for firm, answer in allowed.items()
        ],
        batch_size=2000,
    )
