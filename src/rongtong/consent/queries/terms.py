"""What decides about reads, in two queries whatever the number of firms (three where fetches are counted)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from rongtong.consent import models
from rongtong.consent.contracts import ConsentId
from rongtong.consent.queries.entries import block_terms, entry_terms
from rongtong.consent.rules.coverage import EntryTerms, Terms
from rongtong.consent.rules.standing import Standing, pauses_of

_AUTHORISATIONS = """
SELECT a.enterprise_id, a.id, a.grantee_ids, a.edition, a.signed_at, a.valid_from, a.valid_to, a.awaits_check,
       r.revoked_at, a.purposes, a.range_from, a.range_to,
       CASE a.edition WHEN 1 THEN a.grantees ELSE '[]' END AS grantees,
       ARRAY(SELECT item FROM unnest(a.items) AS item WHERE item = ANY(%(items)s)) AS items,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(e.number - 1, e.entry) ORDER BY e.number), '[]')
          FROM jsonb_array_elements(a.entries) WITH ORDINALITY AS e (entry, number)
         WHERE e.entry->>'item' = ANY(%(items)s)) AS entries
FROM consent_authorisation a LEFT JOIN consent_revocation r ON r.authorisation_id = a.id
WHERE a.enterprise_id = ANY(%(firms)s)"""


def terms_of(enterprise_ids: Iterable[UUID], *, items: Collection[str]) -> dict[UUID, list[Terms]]:
    """By firm, the terms of its authorisations about some items; the fetches made are not read (`with_uses`)."""
    firms = list(set(enterprise_ids))
    if not firms:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_AUTHORISATIONS, {"firms": firms, "items": [str(one) for one in items]})
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    changes = changes_of(row["id"] for row in rows)
    found: dict[UUID, list[Terms]] = {}
    for row in rows:
        standing = standing_of(row, row["revoked_at"], changes.get(row["id"], ()))
        terms = Terms(ConsentId(row["id"]), row["grantee_ids"], _entries(row), standing)
        found.setdefault(row["enterprise_id"], []).append(terms)
    return found


def changes_of(consent_ids: Iterable[UUID]) -> dict[UUID, list[tuple[str, datetime]]]:
    """By authorisation, what befell it: (kind, moment)."""
    rows = models.StateChange.objects.filter(authorisation_id__in=list(consent_ids))
    found: dict[UUID, list[tuple[str, datetime]]] = {}
    for consent_id, kind, at in rows.order_by("changed_at", "id").values_list("authorisation_id", "kind", "changed_at"):
        found.setdefault(consent_id, []).append((kind, at))
    return found


def standing_of(
    row: Mapping[str, Any], revoked_at: datetime | None, changes: Iterable[tuple[str, datetime]]
) -> Standing:
    """How an authorisation came into force and what has befallen it; `row` has the columns of its times."""
    known = list(changes)
    first = dict(reversed(known))
    return Standing(
        signed_at=row["signed_at"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        awaits_check=row["awaits_check"],
        confirmed_at=first.get("confirmed"),
        rejected_at=first.get("rejected"),
        revoked_at=revoked_at,
        pauses=pauses_of(known),
    )


def limited(terms: Mapping[UUID, Iterable[Terms]], reader_id: UUID) -> list[ConsentId]:
    """The authorisations under which the reader's fetches are counted."""
    return sorted(
        one.consent_id
        for many in terms.values()
        for one in many
        if any(entry.is_limited and reader_id in entry.grantee_ids for entry in one.entries)
    )


def with_uses(
    terms: Mapping[UUID, Iterable[Terms]], reader_id: UUID, consent_ids: Iterable[UUID]
) -> dict[UUID, list[Terms]]:
    """The same terms, with the fetches that the reader has made under the given authorisations."""
    rows = models.Use.objects.filter(authorisation_id__in=list(consent_ids), reader_id=reader_id)
    uses: dict[UUID, dict[int, list[datetime]]] = {}
    for consent_id, number, at in rows.values_list("authorisation_id", "number", "used_at"):
        uses.setdefault(consent_id, {}).setdefault(number, []).append(at)
    return {firm: [replace(one, uses=uses.get(one.consent_id, {})) for one in many] for firm, many in terms.items()}


def _entries(row: Mapping[str, Any]) -> list[EntryTerms]:
    if row["edition"] == 1:
        span = row["range_from"], row["range_to"]
        return block_terms(row["grantee_ids"], _parsed(row["grantees"]), row["items"], row["purposes"], span)
    return [entry_terms(number, kept) for number, kept in _parsed(row["entries"])]


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
