"""Look firms up in the public registers: no consent is asked, and each look-up is kept whether or not there was an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, audit_only
from rongtong.core.tenancy import Book, as_platform, current_book
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation
from rongtong.records import models
from rongtong.records.contracts import Lookup, LookupState, PublicRegister
from rongtong.records.queries.lookups import contract
from rongtong.sources.facade import RegisterAnswer, RegisterSilent, Source, look_up

SIGNING = "signing"
"""The purpose of a look-up of who may sign for a firm."""
_ALL = tuple(PublicRegister)


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
    answers, detail = _ask(firm, _ALL, as_of, source)
    told = {one.register: one for one in answers}
    rows = [
        models.RegisterLookup(
            enterprise_id=enterprise_id,
            reader_id=reader_id,
            register=register.value,
            purpose=purpose,
            as_of=as_of,
            **_said(told.get(register), detail),
            **actor.columns(),
            recorded_at=at,
        )
        for register in _ALL
    ]
    _keep(rows, actor, at)
    return tuple(map(contract, rows))


def look_up_representatives(*, enterprise_ids: Sequence[UUID], actor: Actor, at: datetime) -> None:
    """Ask the register of firms whom it names as legal representative today, and note it; the platform is the reader.

    Call it outside of a transaction. Who is not named, or about whom no answer came, is not noted; after the first
    silence nobody else is asked about.
    """
    with as_platform():
        firms = parties.organisations(enterprise_ids)
        reader_id = parties.platform().id
    day, rows, silence = china_date(at), [], ""
    names: dict[UUID, str] = {}
    for firm in firms.values():
        answers: Sequence[RegisterAnswer] = ()
        if not silence:
            answers, silence = _ask(firm, (PublicRegister.REGISTRATION,), day, None)
        answer = answers[0] if answers else None
        if answer is not None and answer.legal_representative:
            names[firm.id] = answer.legal_representative
        rows.append(
            models.RegisterLookup(
                enterprise_id=firm.id,
                reader_id=reader_id,
                register=PublicRegister.REGISTRATION.value,
                purpose=SIGNING,
                as_of=day,
                **_said(answer, silence),
                **actor.columns(),
                recorded_at=at,
            )
        )
    with as_platform(), transaction.atomic():
        _keep(rows, actor, at)
        parties.note_legal_representatives(names=names, source="registration", as_of=day, actor=actor, at=at)


def _ask(
    firm: Organisation, registers: Sequence[PublicRegister], as_of: date, source: Source | None
) -> tuple[Sequence[RegisterAnswer], str]:
    """The answers, or none and why; an evaluation asks nobody."""
    if current_book() is Book.EVALUATION:
        return (), ""
    asked = source or _configured()
    uscc = firm.identifier("uscc") or ""
    try:
        return look_up(url=asked.url, token=asked.token, uscc=uscc, name=firm.name, on=as_of, registers=registers), ""
    except RegisterSilent as error:
        return (), str(error)


def _said(answer: RegisterAnswer | None, detail: str) -> dict[str, str | bool | int | None]:
    """The columns of what a register said, or that it said nothing."""
    if answer is None:
        asked = current_book() is not Book.EVALUATION
        return {"state": (LookupState.SILENT if asked else LookupState.NOT_ASKED).value, "detail": detail[:200]}
    return {
        "state": LookupState.ANSWERED.value,
        "listed": answer.listed,
        "amount_minor": answer.amount_minor,
        "answer_digest": answer.digest,
    }


def _keep(rows: Sequence[models.RegisterLookup], actor: Actor, at: datetime) -> None:
    """Write look-ups, and for each firm a line of the audit trail."""
    firms = {row.enterprise_id: row for row in rows}
    deeds = [
        Deed(
            "registers.looked_up",
            encode_id("ent", firm),
            firm,
            {"reader": encode_id("org", row.reader_id), "purpose": row.purpose, "state": row.state, "as_of": row.as_of},
        )
        for firm, row in firms.items()
    ]
    with as_platform(), transaction.atomic():
        models.RegisterLookup.objects.bulk_create(rows)
        audit_only(deeds=deeds, actor=actor, at=at)


def _configured() -> Source:
    if settings.REGISTERS_URL:
        return Source(url=settings.REGISTERS_URL, token=settings.REGISTERS_TOKEN)
    return Source(url=settings.SOURCES_URL, token=settings.SOURCES_TOKEN)
