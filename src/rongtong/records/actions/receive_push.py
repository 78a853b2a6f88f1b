"""Take in what a source or a firm's own program sends of itself, in the format of its kind."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Mode, Purpose
from rongtong.core.actors import Actor, system_actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Forbidden, Invalid
from rongtong.core.limits import refuse_beyond
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import LicenceType, Organisation, OrganisationId, OrganisationKind
from rongtong.records import models
from rongtong.records.actions.land_rows import Delivery, land_rows
from rongtong.records.adapters.judge import Subject
from rongtong.records.contracts import STANDINGS, LandingReport, Rank, SourceKind
from rongtong.records.queries.accounts import confirmed_accounts
from rongtong.rulebook import facade as rulebook
from rongtong.sources.contracts import ACCOUNT, SEAL, SEALED, RawRows
from rongtong.sources.facade import parse, parties_of_invoices


class KindUnknown(Invalid):
    """There is no such kind of records."""

    code = "kind_unknown"
    message = _("There is no kind of records named %(kind)s.")


class PushForeign(Forbidden):
    """A firm sent records of another firm, or an organisation sent a kind that is not its to send; nothing was landed."""

    code = "push_foreign"
    message = _("You can send your own invoices or the accounts that you keep, and nothing else. Nothing was landed.")


class BankLicenceMissing(Forbidden):
    """An institution that is no bank with a licence in force sent an account; nothing was landed."""

    code = "bank_licence_missing"
    message = _("Only a licensed bank keeps accounts and can send their statements. Nothing was landed.")


class PushesTooMany(Conflict):
    """A firm has sent as many deliveries within a day as it may; `retry_at` says when it may again."""

    code = "pushes_too_many"
    message = _("%(limit)s deliveries came within a day, which is the most. Please send more later, or more at once.")


def receive_push(*, kind: str, payload: bytes, actor: Actor, at: datetime) -> LandingReport:
    """Land a message in the format of its kind (docs/reference/simulated-sources.md), firms named by USCC.

    A firm sends its own invoices, and its word never goes above that of the tax authority: what contradicts a landed
    record is refused. A bank sends the accounts that it keeps, the operator what a source of any kind sent it, of any firm
    that has authorised the platform for it. Rows land in the standing of their sender: a firm's own word, and a bank's
    about an account that nobody has confirmed it to keep, are shown and do not count. The same message again lands
    nothing. Raises KindUnknown, PushForeign, PushesTooMany, BankLicenceMissing, ConsentMissing, MessageMalformed.
    """
    if kind not in set(SourceKind):
        raise KindUnknown(kind=kind[:40])
    sender = parties.organisation(actor.organisation_id) if actor.organisation_id else parties.platform()
    _require_standing(SourceKind(kind), sender, at)
    own = None
    with as_platform():
        if sender.kind is OrganisationKind.ENTERPRISE:
            _refuse_too_many(sender, at)
            if (own := sender.identifier("uscc")) is None:
                raise PushForeign()
        rows = _parsed(SourceKind(kind), payload, own, at)
        codes = _codes(rows)
        if own is not None and codes - {own}:
            raise PushForeign()
        firms = parties.by_identifier(scheme="uscc", values=codes)
        subjects = _subjects(kind, list(firms.items()), actor, at)
        total = LandingReport()
        for rank, part in _by_rank(rows, sender, firms):
            delivery = Delivery(
                source=f"push:{kind}" if own is None else f"own:{kind}",
                name=sender.name,
                payload_digest=hashlib.sha256(payload).hexdigest(),
                collected_at=at,
                not_after=china_date(at),
                rank=rank,
                part=rank.value if rank in {Rank.CLAIMED, Rank.SEALED} else "",
                organisation_id=sender.id,
                corrects=rank in STANDINGS[rows.kind].counts,
            )
            total += land_rows(rows=part, delivery=delivery, subjects=subjects, actor=actor, at=at)
        return total


def _refuse_too_many(firm: Organisation, at: datetime) -> None:
    """The same message again counts once."""
    refuse_beyond(
        models.Batch.objects.filter(organisation_id=firm.id, source__startswith="own:"),
        moment="recorded_at",
        at=at,
        limit=int(rulebook.value("records.pushes_firm_day", on=china_date(at))),
        error=PushesTooMany,
        counted="payload_digest",
    )


def _require_standing(kind: SourceKind, sender: Organisation, at: datetime) -> None:
    """Raises PushForeign, BankLicenceMissing unless the sender may state this kind at all."""
    if sender.kind is OrganisationKind.OPERATOR:
        return
    stated = {OrganisationKind.ENTERPRISE: STANDINGS[kind].firm, OrganisationKind.INSTITUTION: STANDINGS[kind].bank}
    if stated.get(sender.kind) is None:
        raise PushForeign()
    if sender.kind is OrganisationKind.INSTITUTION:
        licence = parties.licence_in_force(institution_id=sender.id, on=china_date(at))
        if licence is None or licence.type is not LicenceType.BANK:
            raise BankLicenceMissing()


def _by_rank(rows: RawRows, sender: Organisation, firms: Mapping[str, UUID]) -> list[tuple[Rank, RawRows]]:
    """The rows by the standing in which the sender states them; a bank's by whether it is confirmed to keep the account."""
    standing = STANDINGS[rows.kind]
    if sender.kind is OrganisationKind.ENTERPRISE and standing.firm is not None:
        return _by_seal(rows, standing.firm, standing.sealed)
    if sender.kind is not OrganisationKind.INSTITUTION or standing.bank is None:
        return [(standing.collected, rows)]
    kept = confirmed_accounts(institution_id=sender.id, enterprise_ids=list(firms.values()))
    owners, accounts = rows.table[rows.subject].to_pylist(), rows.table[ACCOUNT].to_pylist()
    proven = [
        (firms.get((owner or "").strip()), account) in kept for owner, account in zip(owners, accounts, strict=True)
    ]
    if all(proven):
        return [(standing.bank, rows)]
    return _split(rows, pa.array(proven, pa.bool_()), standing.bank, Rank.CLAIMED)


def _by_seal(rows: RawRows, own: Rank, sealed: Rank | None) -> list[tuple[Rank, RawRows]]:
    """What a firm sends: documents that the office signed, and its own word."""
    if sealed is None or SEAL not in rows.table.column_names:
        return [(own, rows)]
    return _split(rows, pa.array([one == SEALED for one in rows.table[SEAL].to_pylist()], pa.bool_()), sealed, own)


def _split(rows: RawRows, proven: pa.BooleanArray, rank: Rank, otherwise: Rank) -> list[tuple[Rank, RawRows]]:
    """The proven rows in one rank; the others, and what could not be split into values, in another."""
    if not pc.any(proven).as_py():
        return [(otherwise, rows)]
    confirmed = replace(rows, table=rows.table.filter(proven), malformed=rows.malformed.slice(0, 0))
    left = replace(rows, table=rows.table.filter(pc.invert(proven)))
    return [*([(otherwise, left)] if left.count else []), (rank, confirmed)]


def _parsed(kind: SourceKind, payload: bytes, own: str | None, at: datetime) -> RawRows:
    """The rows; of an invoice, for each of its two parties that is a firm here (or, from a firm, for itself)."""
    if kind is not SourceKind.INVOICES:
        return parse(kind, payload, frozenset())
    if own is not None:
        return parse(kind, payload, frozenset({own}), anchors=settings.INVOICE_ANCHORS, at=at)
    known = parties.by_identifier(scheme="uscc", values=parties_of_invoices(payload))
    return parse(kind, payload, frozenset(known))


def _codes(rows: RawRows) -> set[str]:
    texts = pc.utf8_trim_whitespace(rows.table[rows.subject].cast(pa.string()))
    return {code for code in pc.unique(texts).to_pylist() if code and code.isprintable() and len(code) <= 80}


def _subjects(kind: str, firms: Sequence[tuple[str, UUID]], actor: Actor, at: datetime) -> list[Subject]:
    """Raises ConsentMissing before anything of a firm is kept that has not authorised it."""
    if not firms:
        return []
    reader_id = parties.platform().id
    allowed = consent.require(
        reader_id=reader_id,
        enterprise_ids=[firm for _, firm in firms],
        item=kind,
        purpose=Purpose.FINANCING,
        mode=Mode.STORE,
        actor=actor if actor.organisation_id in {None, reader_id} else system_actor("receive_push"),
        at=at,
    )
    ranges = consent.data_ranges(consent_ids=[one for one in allowed.values() if one is not None], item=kind)
    known = parties.organisations(allowed)
    found = []
    for code, firm in firms:
        consent_id = allowed[firm]
        assert consent_id is not None, "the platform is no firm, so it always reads under a consent"
        generated = known[OrganisationId(firm)].generated
        found.append(Subject(code, firm, consent_id, *ranges[consent_id], generated=generated))
    return found
