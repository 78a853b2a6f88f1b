"""Who may read, asked without reading: no access is kept of it, since nothing is shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from rongtong.consent import models
from rongtong.consent.contracts import Item, Purpose, Refusal
from rongtong.consent.queries.evaluations import as_it_is_read, claims_on
from rongtong.consent.queries.terms import limited, terms_of, with_uses
from rongtong.consent.rules.coverage import Read, decide
from rongtong.core.tenancy import as_platform


def readers_of(
    *, enterprise_ids: Iterable[UUID], reader_ids: Iterable[UUID], item: Item, purpose: Purpose, at: datetime
) -> dict[UUID, frozenset[UUID]]:
    """By firm, those of the readers that an authorisation in force lets read an item for a purpose: one query for all.

    Whoever then reads asks `require`, which keeps the access. In an evaluation the platform plays each of them.
    """
    firms, readers = list(dict.fromkeys(enterprise_ids)), list(dict.fromkeys(reader_ids))
    with as_platform():  # as the gate does: the caller sees its answer only
        asked = terms_of(firms, items=[item])
        reads = {one: as_it_is_read(Read(one, frozenset({item}), purpose, at)) for one in readers}
        played = {one: read.reader_id for one, read in reads.items()}
        terms = {one: with_uses(asked, one, limited(asked, one)) for one in set(played.values())}
        claims = claims_on(firms, next(iter(reads.values()))) if reads else {}
    found = {}
    for firm in firms:
        answers = {one: decide(terms[played[one]].get(firm, ()), read) for one, read in reads.items()}
        found[firm] = frozenset(
            one for one, answer in answers.items() if firm in claims or not isinstance(answer, Refusal) or one == firm
        )
    return found


def suspended_readers(*, enterprise_id: UUID, item: Item, purpose: Purpose, at: datetime) -> frozenset[UUID]:
    """Whom an authorisation of the firm would let read an item for a purpose again, once the firm resumes it."""
    with as_platform():
        terms = terms_of([enterprise_id], items=[item]).get(enterprise_id, ())
        readers = {one for term in terms for one in term.grantee_ids}
    reads = {one: Read(one, frozenset({item}), purpose, at) for one in readers}
    return frozenset(one for one, read in reads.items() if decide(terms, read) is Refusal.SUSPENDED)


def firms_granting_to(organisation_id: UUID) -> frozenset[UUID]:
    """The firms of which an organisation is, or was, a recipient: it has to do with them."""
    with as_platform():
        rows = models.Authorisation.objects.filter(grantee_ids__contains=[organisation_id])
        return frozenset(rows.values_list("enterprise_id", flat=True))
