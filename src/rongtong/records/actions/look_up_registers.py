"""Look a firm up in the public registers: no consent is asked, and the look-up is kept whether or not there was an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, audit_only
from rongtong.core.tenancy import Book, as_platform, current_book
from rongtong.parties import facade as parties
from rongtong.records import models
from rongtong.records.contracts import Lookup, LookupState, PublicRegister
from rongtong.records.queries.lookups import contract
from rongtong.sources.facade import RegisterAnswer, RegisterSilent, Source, look_up


def look_up_registers(
    *,
    enterprise_id: UUID,
    reader_id: UUID,
    purpose: str,
    as_of: date,
    actor: Actor,
    at: datetime,
    source: Source | None = None,
) -> tuple[Lookup, ...]:
    """Ask all public registers about a firm as of a day, for a reader; one look-up each, in the order of PublicRegister.

    Call it outside of a transaction: it waits for others. A register that does not answer gives a look-up that says so,
    and no error. They are asked at the address of `source`, or else at the configured one; an evaluation asks none.
    """
    with as_platform():
        firm = parties.organisation(enterprise_id)
    uscc = firm.identifier("uscc")
    answers: Sequence[RegisterAnswer] = ()
    state, detail = LookupState.ANSWERED, ""
    if current_book() is Book.EVALUATION:
        state = LookupState.NOT_ASKED
    else:
        asked = source or _configured()
        try:
            answers = look_up(url=asked.url, token=asked.token, uscc=uscc or "", name=firm.name, on=as_of)
        except RegisterSilent as error:
            state, detail = LookupState.SILENT, str(error)
    told = {one.register: one for one in answers}
    rows = [
        models.RegisterLookup(
            enterprise_id=enterprise_id,
            reader_id=reader_id,
            register=register.value,
            purpose=purpose,
            as_of=as_of,
            state=state.value,
            detail=detail[:200],
            listed=told[register].listed if register in told else None,
            amount_minor=told[register].amount_minor if register in told else None,
            answer_digest=told[register].digest if register in told else "",
            **actor.columns(),
            recorded_at=at,
        )
        for register in PublicRegister
    ]
    facts = {"reader": encode_id("org", reader_id), "purpose": purpose, "state": state, "as_of": as_of}
    with as_platform(), transaction.atomic():
        models.RegisterLookup.objects.bulk_create(rows)
        audit_only(
            deeds=[Deed("registers.looked_up", encode_id("ent", enterprise_id), enterprise_id, facts)],
            actor=actor,
            at=at,
        )
    return tuple(map(contract, rows))


def _configured() -> Source:
    if settings.REGISTERS_URL:
        return Source(url=settings.REGISTERS_URL, token=settings.REGISTERS_TOKEN)
    return Source(url=settings.SOURCES_URL, token=settings.SOURCES_TOKEN)
