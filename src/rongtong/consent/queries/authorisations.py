"""Reads of authorisations: rows in, contracts out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from rongtong.consent import models
from rongtong.consent.adapters.sm3 import sm3
from rongtong.consent.contracts import Authorisation, ConsentId, Grantee, Receipt, Signatory
from rongtong.consent.queries.evaluations import ANY_DAY, as_it_is_read, claims_on
from rongtong.consent.queries.evidence import authorisation_bytes
from rongtong.consent.rules import Read, Terms, refusal_of, state_at
from rongtong.core.canonical import digest
from rongtong.core.errors import NotFound
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
    return tuple(contract(row, at) for row in rows.select_related("revocation").order_by("-signed_at", "-id"))


def has_live_consent(*, enterprise_id: UUID, at: datetime) -> bool:
    """Whether a firm has any authorisation in force at a moment."""
    return bool(with_live_consent(enterprise_ids=[enterprise_id], at=at))


def with_live_consent(*, enterprise_ids: Iterable[UUID], at: datetime) -> frozenset[UUID]:
    """Those of the firms that have any authorisation in force at a moment: one query for all."""
    rows = _live(at).filter(enterprise_id__in=set(enterprise_ids))
    return frozenset(rows.values_list("enterprise_id", flat=True))


def live_items(*, enterprise_ids: Iterable[UUID], at: datetime) -> dict[UUID, frozenset[str]]:
    """By firm, the items that any of its authorisations in force at a moment covers: one query for all."""
    found: dict[UUID, frozenset[str]] = {}
    rows = _live(at).filter(enterprise_id__in=set(enterprise_ids))
    for firm, items in rows.values_list("enterprise_id", "items"):
        found[firm] = found.get(firm, frozenset()) | set(items)
    return found


def terms_of(enterprise_ids: Iterable[UUID]) -> dict[UUID, list[Terms]]:
    """What decides about reads of the given firms: one query for all."""
    rows: Any = models.Authorisation.objects.filter(enterprise_id__in=set(enterprise_ids)).values_list(
        "enterprise_id",
        "id",
        "grantee_ids",
        "items",
        "purposes",
        "range_from",
        "range_to",
        "signed_at",
        "valid_from",
        "valid_to",
        "revocation__revoked_at",
    )
    found: dict[UUID, list[Terms]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(Terms(*row[1:]))
    return found


def data_ranges(*, consent_ids: Iterable[UUID]) -> dict[ConsentId, tuple[date, date]]:
    """The span of data, both ends inclusive, that each authorisation covers."""
    rows = models.Authorisation.objects.filter(pk__in=set(consent_ids))
    return {ConsentId(pk): (first, last) for pk, first, last in rows.values_list("pk", "range_from", "range_to")}


def authorised_spans(
    *, reader_id: UUID, enterprise_ids: Iterable[UUID], item: str, purpose: str, at: datetime
) -> dict[UUID, tuple[date, date]]:
    """By firm, the days from and to which a reader may see an item: the hull of the spans of all that allow it now.

    A firm that allows nothing has none, and neither has the reader itself. Asking tells nobody; ask `permitted` first.
    """
    with as_platform():  # as the gate does: the caller sees its answer only
        read = as_it_is_read(Read(reader_id, frozenset({item}), purpose, at))
        firms = [one for one in enterprise_ids if one != reader_id]
        asked = terms_of(firms)
        spans = dict.fromkeys(claims_on(firms, read), ANY_DAY)
    for firm, terms in asked.items():
        covering = [one for one in terms if refusal_of(one, read) is None]
        if covering and firm not in spans:
            spans[firm] = min(one.range_from for one in covering), max(one.range_to for one in covering)
    return spans


def receipt(*, consent_id: UUID) -> Receipt:
    """What the firm keeps of one authorisation. Raises ConsentUnknown."""
    return _receipt(_row(consent_id))


def receipts(*, consent_ids: Sequence[UUID]) -> dict[ConsentId, Receipt]:
    """The receipts of many: what a data source is shown before it releases anything."""
    return {ConsentId(row.id): _receipt(row) for row in models.Authorisation.objects.filter(pk__in=set(consent_ids))}


def past_retention(*, at: datetime) -> tuple[Authorisation, ...]:
    """The authorisations whose agreed retention is over: what was read under them is due for erasure (PIPL art. 47)."""
    rows = models.Authorisation.objects.filter(Q(valid_to__lte=at) | Q(revocation__revoked_at__lte=at))
    over = []
    for row in rows.select_related("revocation").order_by("id"):
        one = contract(row, at)
        ended = min(row.valid_to, one.revoked_at or row.valid_to)
        if ended + timedelta(days=row.retention_days) <= at:
            over.append(one)
    return tuple(over)


def contract(row: models.Authorisation, at: datetime, *, new: bool = False) -> Authorisation:
    """An authorisation's row, read with its revocation or new and without one, as others see it at a moment."""
    revocation = None if new else getattr(row, "revocation", None)
    revoked_at = revocation.revoked_at if revocation and revocation.revoked_at <= at else None
    return Authorisation(
        id=ConsentId(row.id),
        version=row.version,
        prior_id=ConsentId(row.prior_id) if row.prior_id else None,
        enterprise_id=row.enterprise_id,
        signatory=Signatory(**row.signatory),
        grantees=tuple(
            Grantee(organisation_id=organisation_id, **grantee)
            for organisation_id, grantee in zip(row.grantee_ids, row.grantees, strict=True)
        ),
        items=tuple(row.items),
        purposes=tuple(row.purposes),
        range_from=row.range_from,
        range_to=row.range_to,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        retention_days=row.retention_days,
        text=row.text,
        text_digest=digest(row.text.encode()),
        state=state_at(valid_to=row.valid_to, revoked_at=revoked_at, at=at),
        signed_at=row.signed_at,
        revoked_at=revoked_at,
        revocation_reason=revocation.reason if revocation and revoked_at else "",
        form=row.form,
    )


def _row(consent_id: UUID) -> models.Authorisation:
    row = models.Authorisation.objects.select_related("revocation").filter(pk=consent_id).first()
    if row is None:
        raise ConsentUnknown()
    return row


def _receipt(row: models.Authorisation) -> Receipt:
    body = authorisation_bytes(row)
    return Receipt(consent_id=ConsentId(row.id), body=body.decode(), digest=digest(body), digest_sm3=sm3(body))


def _live(at: datetime) -> QuerySet[models.Authorisation]:
    standing = Q(revocation__isnull=True) | Q(revocation__revoked_at__gt=at)
    return models.Authorisation.objects.filter(standing, signed_at__lte=at, valid_from__lte=at, valid_to__gt=at)
