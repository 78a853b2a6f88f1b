"""Reads of authorisations: rows in, contracts out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from rongtong.consent import models
from rongtong.consent.adapters.sm3 import sm3
from rongtong.consent.contracts import (
    Authorisation,
    Basis,
    ConsentDraft,
    ConsentId,
    Entry,
    Fetch,
    Mandate,
    Receipt,
    Signatory,
)
from rongtong.consent.queries.entries import entries_of, grantees_of
from rongtong.consent.queries.evaluations import ANY_DAY, as_it_is_read, claims_on
from rongtong.consent.queries.evidence import authorisation_bytes
from rongtong.consent.queries.terms import changes_of, standing_of, terms_of
from rongtong.consent.rules.coverage import Read, refusal_of
from rongtong.consent.rules.standing import state_at
from rongtong.consent.rules.text import Subject, english
from rongtong.core.canonical import digest
from rongtong.core.errors import NotFound
from rongtong.core.ids import decode_id
from rongtong.core.tenancy import as_platform


class ConsentUnknown(NotFound):
    """There is no such authorisation, or it is another firm's."""

    code = "consent_unknown"
    message = _("There is no such authorisation.")


def consent(*, consent_id: UUID, at: datetime) -> Authorisation:
    """One authorisation as it stands at a moment. Raises ConsentUnknown."""
    return contract(_row(consent_id), at)


def consents_of(*, enterprise_id: UUID, at: datetime) -> tuple[Authorisation, ...]:
    """Every authorisation of a firm as it stands at a moment, the newest first."""
    rows = models.Authorisation.objects.filter(enterprise_id=enterprise_id, signed_at__lte=at)
    return contracts(list(rows.select_related("revocation").order_by("-signed_at", "-id")), at)


def has_live_consent(*, enterprise_id: UUID, at: datetime) -> bool:
    """Whether a firm has any authorisation in force at a moment."""
    return bool(with_live_consent(enterprise_ids=[enterprise_id], at=at))


def with_live_consent(*, enterprise_ids: Iterable[UUID], at: datetime) -> frozenset[UUID]:
    """Those of the firms that have any authorisation in force at a moment: one query for all."""
    rows = _live(at).filter(enterprise_id__in=set(enterprise_ids))
    return frozenset(rows.values_list("enterprise_id", flat=True))


def live_items(*, enterprise_ids: Iterable[UUID], at: datetime) -> dict[UUID, frozenset[str]]:
    """By firm, the items that any of its authorisations in force at a moment covers, for whomever: one query for all."""
    found: dict[UUID, frozenset[str]] = {}
    rows = _live(at).filter(enterprise_id__in=set(enterprise_ids))
    for firm, items in rows.values_list("enterprise_id", "items"):
        found[firm] = found.get(firm, frozenset()) | set(items)
    return found


def english_text(*, consent_id: UUID) -> str:
    """What the signed text says, in English; empty for one of edition 1, whose words were its own. Raises ConsentUnknown."""
    row = _row(consent_id)
    if row.edition == 1:
        return ""
    draft = ConsentDraft(
        row.enterprise_id,
        entries_of(row),
        row.valid_from,
        row.valid_to,
        Signatory(row.signatory["name"], row.signatory["role"]),
        supplement=row.supplement,
    )
    scheme, identifier = row.subject.get("scheme"), row.subject.get("identifier", "")
    return english(draft, Subject(row.subject["name"], identifier if scheme == "uscc" else ""), at=row.signed_at)


def data_ranges(*, consent_ids: Iterable[UUID], item: str | None = None) -> dict[ConsentId, tuple[date, date]]:
    """The span of data, both ends inclusive, that each authorisation covers: of one item, or of all together."""
    found: dict[ConsentId, tuple[date, date]] = {}
    for row in models.Authorisation.objects.filter(pk__in=set(consent_ids)):
        spans = [(one.range_from, one.range_to) for one in entries_of(row) if item in {None, one.item}]
        if spans:
            found[ConsentId(row.id)] = min(one for one, _to in spans), max(one for _from, one in spans)
    return found


def authorised_spans(
    *, reader_id: UUID, enterprise_ids: Iterable[UUID], item: str, purpose: str, at: datetime
) -> dict[UUID, tuple[date, date]]:
    """By firm, the days from and to which a reader may see an item: the hull of the spans of all that allow it now.

    A firm that allows nothing has none, and neither has the reader itself. Asking tells nobody; ask `permitted` first,
    which also counts the fetches where they are counted.
    """
    with as_platform():  # as the gate does: the caller sees its answer only
        read = as_it_is_read(Read(reader_id, frozenset({item}), purpose, at))
        firms = [one for one in enterprise_ids if one != reader_id]
        asked = terms_of(firms, items=[item])
        spans = dict.fromkeys(claims_on(firms, read), ANY_DAY)
    for firm, terms in asked.items():
        covering = [
            entry
            for one in terms
            for entry in one.entries
            if refusal_of(replace(one, entries=[entry]), replace(read, mode=entry.mode, fields=entry.fields or None))
            is None
        ]
        if covering and firm not in spans:
            spans[firm] = min(one.range_from for one in covering), max(one.range_to for one in covering)
    return spans


def receipt(*, consent_id: UUID) -> Receipt:
    """What the firm keeps of one authorisation. Raises ConsentUnknown."""
    return _receipt(_row(consent_id))


def receipts(*, consent_ids: Sequence[UUID]) -> dict[ConsentId, Receipt]:
    """The receipts of many: what a data source is shown before it releases anything."""
    return {ConsentId(row.id): _receipt(row) for row in models.Authorisation.objects.filter(pk__in=set(consent_ids))}


def past_retention(*, at: datetime) -> dict[str, dict[UUID, frozenset[ConsentId]]]:
    """By item and firm, the authorisations whose agreed retention is over: what was read under them is to be erased (PIPL art. 47).

    Of an item that several entries name, the longest retention holds.
    """
    rows = models.Authorisation.objects.filter(Q(valid_to__lte=at) | Q(revocation__revoked_at__lte=at))
    over: dict[str, dict[UUID, frozenset[ConsentId]]] = {}
    for row in rows.select_related("revocation").order_by("id"):
        revocation = getattr(row, "revocation", None)
        ended = min(row.valid_to, revocation.revoked_at if revocation else row.valid_to)
        longest: dict[str, int] = {}
        for entry in entries_of(row):
            longest[entry.item] = max(longest.get(entry.item, 0), entry.retention_days)
        for item, days in longest.items():
            if ended + timedelta(days=days) <= at:
                firms = over.setdefault(item, {})
                firms[row.enterprise_id] = firms.get(row.enterprise_id, frozenset()) | {ConsentId(row.id)}
    return over


def awaiting_check(*, at: datetime) -> tuple[Authorisation, ...]:
    """Every authorisation that a person must check before it comes into force, the oldest first."""
    decided = models.StateChange.objects.filter(kind__in=["confirmed", "rejected"]).values("authorisation_id")
    rows = models.Authorisation.objects.filter(awaits_check=True, signed_at__lte=at, valid_to__gt=at)
    waiting = rows.exclude(pk__in=decided).filter(revocation__isnull=True).order_by("signed_at", "id")
    return contracts(list(waiting), at)


def mandate(*, mandate_id: UUID) -> Mandate:
    """A power of attorney with its file. Raises ConsentUnknown."""
    row = models.Mandate.objects.filter(pk=mandate_id).first()
    if row is None:
        raise ConsentUnknown()
    return Mandate(row.id, row.enterprise_id, row.name, row.media_type, row.digest, bytes(row.content), row.recorded_at)


def contract(row: models.Authorisation, at: datetime, *, new: bool = False) -> Authorisation:
    """An authorisation's row, read with its revocation or new and without one, as others see it at a moment."""
    return _contract(row, at, () if new else changes_of([row.id]).get(row.id, ()), new=new)


def contracts(rows: Sequence[models.Authorisation], at: datetime) -> tuple[Authorisation, ...]:
    """Many of them, in one query for what befell them."""
    changes = changes_of(row.id for row in rows)
    return tuple(_contract(row, at, changes.get(row.id, ())) for row in rows)


def _contract(
    row: models.Authorisation, at: datetime, changes: Iterable[tuple[str, datetime]], *, new: bool = False
) -> Authorisation:
    revocation = None if new else getattr(row, "revocation", None)
    revoked_at = revocation.revoked_at if revocation and revocation.revoked_at <= at else None
    signatory = row.signatory
    entries = entries_of(row)
    standing = standing_of(vars(row), revoked_at, changes)
    return Authorisation(
        id=ConsentId(row.id),
        version=row.version,
        prior_id=ConsentId(row.prior_id) if row.prior_id else None,
        enterprise_id=row.enterprise_id,
        signatory=Signatory(
            name=signatory["name"],
            role=signatory["role"],
            mandate_id=decode_id("mnd", signatory["mandate"]) if signatory.get("mandate") else None,
        ),
        basis=Basis(row.basis or Basis.UNVERIFIED),
        entries=entries,
        grantees=grantees_of(row),
        items=tuple(row.items),
        purposes=tuple(row.purposes),
        range_from=row.range_from,
        range_to=row.range_to,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        retention_days=row.retention_days,
        supplement=row.supplement,
        text=row.text,
        text_digest=digest(row.text.encode()),
        state=state_at(standing, at, consumed=not new and _is_consumed(row, entries, at)),
        signed_at=row.signed_at,
        revoked_at=revoked_at,
        revocation_reason=revocation.reason if revocation and revoked_at else "",
        form=row.form,
    )


def _is_consumed(row: models.Authorisation, entries: Sequence[Entry], at: datetime) -> bool:
    if any(one.fetch != Fetch.ONETIME for one in entries):
        return False
    uses = models.Use.objects.filter(authorisation_id=row.id, used_at__lte=at)
    return uses.values("number", "reader_id").distinct().count() >= sum(len(one.grantees) for one in entries)


def _row(consent_id: UUID) -> models.Authorisation:
    row = models.Authorisation.objects.select_related("revocation").filter(pk=consent_id).first()
    if row is None:
        raise ConsentUnknown()
    return row


def _receipt(row: models.Authorisation) -> Receipt:
    body = authorisation_bytes(row)
    return Receipt(consent_id=ConsentId(row.id), body=body.decode(), digest=digest(body), digest_sm3=sm3(body))


def _live(at: datetime) -> QuerySet[models.Authorisation]:
    """In force at a moment, by the last word about each: not revoked, checked where it must be, not suspended."""
    standing = Q(revocation__isnull=True) | Q(revocation__revoked_at__gt=at)
    words = models.StateChange.objects.filter(authorisation=OuterRef("pk"), changed_at__lte=at)
    last = words.filter(kind__in=["suspended", "resumed"]).order_by("-changed_at", "-id").values("kind")[:1]
    rows = models.Authorisation.objects.filter(standing, signed_at__lte=at, valid_from__lte=at, valid_to__gt=at)
    checked = Q(awaits_check=False) | Exists(words.filter(kind="confirmed"))
    return rows.alias(last=Coalesce(Subquery(last), Value("resumed"))).filter(checked).exclude(last="suspended")
